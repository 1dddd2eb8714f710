"""Which models exist.

::

    <jupyter_path>/nodeapi/models.d/*.json      the user's, environment's, system's; watched
    entry points jupyter_nodeapi.registries     a callable that gives the same object; asked once
    traits Models.entries                       the same objects
    builtin.json                                ours

The first id wins, in this order. One bad entry never hides the rest: it becomes a diagnostic. Registry
folders are only read.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.disk.roots import open_regular
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.models.entries import BadEntry, marked, parse
from jupyter_nodeapi.models.flawless import Flawless
from jupyter_nodeapi.models.offers import offered
from jupyter_nodeapi.models.schemas import Entry, Problem
from jupyter_nodeapi.models.sources import BUILTIN_TYPES, known_types

__all__ = ["Registry", "Snapshot", "builtin_file"]

_GROUP = "jupyter_nodeapi.registries"
_FAULTS = (
    ImportError,
    AttributeError,
    TypeError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
    NodeApiError,
)
_Signature = tuple[tuple[str, int, int, int], ...]


class Snapshot(msgspec.Struct, frozen=True):
    """All entries at one moment, by id, with what is wrong; ``version`` grows with each change."""

    version: int
    entries: dict[str, Entry]
    problems: tuple[Problem, ...]


class _Part(msgspec.Struct, frozen=True):
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


class _File(msgspec.Struct):
    models: list[Entry]
    version: int = 1


class Registry:
    """Merges the registries and notices when a file changes.

    Parameters
    ----------
    folders : callable
        Gives the ``models.d`` folders, the most personal first.
    extra : sequence of dict
        Registry objects from the configuration.
    builtin : bool
        Whether our own short list counts.
    disabled : iterable of str
        Ids that are never shown.
    max_file_bytes, max_entries : int
        What one registry file may hold.
    points : callable
        Gives the entry points of a group.
    flawless : Flawless, optional
        Which files were looked through already.
    """

    def __init__(
        self,
        folders: Callable[[], Sequence[Path]],
        *,
        extra: Sequence[dict[str, Any]] = (),
        builtin: bool = True,
        disabled: Iterable[str] = (),
        max_file_bytes: int = 32 << 20,
        max_entries: int = 50_000,
        points: Callable[[], Iterable[EntryPoint]] = lambda: offered(_GROUP),
        flawless: Flawless | None = None,
    ) -> None:
        self._folders = folders
        self._extra = extra
        self._builtin = builtin
        self._disabled = frozenset(disabled)
        self._max_file_bytes = max_file_bytes
        self._max_entries = max_entries
        self._points = points
        self._flawless = flawless or Flawless(None)
        self._files: dict[tuple[str, int, int, int], _Part] = {}
        self._fixed: list[_Part] | None = None
        self._signature: _Signature | None = None
        self._snapshot = Snapshot(0, {}, ())

    def current(self) -> Snapshot:
        """Give all entries now; reads only files that changed. Blocking: call it in a thread."""
        signature = tuple(self._look())
        if signature != self._signature:
            self._files = {key: self._files.get(key) or self._read(Path(key[0])) for key in signature}
            if self._fixed is None:
                self._fixed = self._load_fixed()
            parts = [*self._files.values(), *self._fixed]
            self._snapshot = self._merge(parts, self._snapshot.version + 1)
            self._signature = signature
        return self._snapshot

    def _look(self) -> Iterable[tuple[str, int, int, int]]:
        """Give path, mtime, size and inode of each registry file, in order of precedence."""
        for folder in self._folders():
            with contextlib.suppress(OSError):
                for name in sorted(os.listdir(folder)):  # noqa: PTH208 - names only
                    if name.endswith(".json") and not name.startswith("."):
                        path = os.path.join(folder, name)  # noqa: PTH118
                        with contextlib.suppress(OSError):
                            facts = os.stat(path)  # noqa: PTH116 - hot
                            yield path, facts.st_mtime_ns, facts.st_size, facts.st_ino

    def _read(self, path: Path) -> _Part:
        name = f"models.d/{path.name}"
        try:
            data = _bytes_of(path, self._max_file_bytes)
            raw = _decoded(data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return _refused(
                name, "The file is not valid JSON.", "Check it with: jupyter nodeapi models check"
            )
        except (OSError, NodeApiError):
            return _refused(
                name, "The file cannot be read.", "It must be a regular file that the server may read."
            )
        except BadEntry as error:
            return _refused(name, error.message, error.hint)
        return self._looked_through(data, raw, name, str(path.parent))

    def _looked_through(self, data: bytes, raw: Any, name: str, folder: str) -> _Part:
        """Check what a file says, unless these very bytes passed before."""
        if self._flawless.knows(data) and len(raw["models"]) <= self._max_entries:
            return _Part(tuple(marked(entry, name, folder) for entry in raw["models"]), ())
        part = self._parse(raw, name, folder)
        if not part.problems and _plain(raw["models"]):
            unchanged = tuple(marked(entry, name, folder) for entry in raw["models"])
            if part.entries == unchanged:
                self._flawless.add(data)
        return part

    def _load_fixed(self) -> list[_Part]:
        parts = [self._load_point(point) for point in self._points()]
        parts += [self._parse(raw, f"Models.entries[{n}]", None) for n, raw in enumerate(self._extra)]
        if self._builtin:
            path = builtin_file()
            parts.append(self._parse(msgspec.json.decode(path.read_bytes()), "builtin", None))
        return parts

    def _load_point(self, point: EntryPoint) -> _Part:
        name = f"entry point {point.name}"
        try:
            loaded = point.load()
            return self._parse(loaded() if callable(loaded) else loaded, name, None)
        except _FAULTS as error:
            return _refused(
                name, f"It failed with {type(error).__name__}.", "Tell its authors, or remove it."
            )

    def _parse(self, raw: Any, name: str, folder: str | None) -> _Part:
        if not isinstance(raw, dict) or not isinstance(raw.get("models"), list):
            return _refused(
                name, "It is not a registry.", 'It must look like {"version": 1, "models": [...]}.'
            )
        if raw.get("version", 1) != 1:
            return _refused(name, "Its version is not 1.", "Update jupyter_nodeapi.")
        models = raw["models"]
        entries, problems = [], []
        if len(models) > self._max_entries:
            problems.append(
                Problem(name, f"Only the first {self._max_entries} of {len(models)} entries are used.")
            )
        # Reading all entry points takes as long as checking 3000 entries.
        types = frozenset(BUILTIN_TYPES) if _plain(models) else known_types()
        for number, item in enumerate(models[: self._max_entries]):
            try:
                entries.append(parse(item, origin=name, folder=folder, types=types))
            except BadEntry as error:  # noqa: PERF203 - one bad entry hides nothing
                problems.append(Problem(name, error.message, error.hint, _label(item, number)))
        return _Part(tuple(entries), tuple(problems))

    def _merge(self, parts: Sequence[_Part], version: int) -> Snapshot:
        entries: dict[str, Entry] = {}
        problems: list[Problem] = []
        for part in parts:
            problems += part.problems
            for entry in part.entries:
                first = entries.setdefault(entry.id, entry)
                if first is not entry and entry.origin != "builtin":
                    problems.append(
                        Problem(
                            entry.origin,
                            f"This id is already in {first.origin}.",
                            "The first one counts.",
                            entry.id,
                        )
                    )
        for model_id in self._disabled:
            entries.pop(model_id, None)
        return Snapshot(version, entries, tuple(problems))


def builtin_file() -> Path:
    """Give our own short registry."""
    return Path(__file__).with_name("builtin.json")


def _bytes_of(path: Path, limit: int) -> bytes:
    fd, facts = open_regular(Path(os.path.realpath(path)))
    with os.fdopen(fd, "rb") as file:
        if facts.st_size > limit:
            raise BadEntry("The file is too large for a registry.", f"At most {limit} bytes are read.")
        return file.read(limit)


def _decoded(data: bytes) -> Any:
    """Decode a registry, its entries at once where all are well-formed: that is four times as fast."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.ValidationError:
        return msgspec.json.decode(data)
    return {"version": file.version, "models": file.models}


def _refused(name: str, message: str, hint: str = "") -> _Part:
    return _Part((), (Problem(name, message, hint),))


def _plain(models: list[Any]) -> bool:
    """Say whether a decoder made entries of all, and all of our own types of source."""
    return all(isinstance(item, Entry) and item.source.type in BUILTIN_TYPES for item in models)


def _label(item: Any, number: int) -> str:
    """Name a bad entry for people, briefly and printably."""
    found = item.get("id") if isinstance(item, dict) else None
    text = found if isinstance(found, str) else f"#{number}"
    return "".join(char if char.isprintable() else "?" for char in text[:80])
