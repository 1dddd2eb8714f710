"""All manifests of a store, read again only when one changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_nodeapi.models.schemas import Manifest

__all__ = ["Manifests"]

_RACY_NS = 50_000_000
_Key = tuple[str, int, int]


class Manifests:
    """The manifests of a folder by model id.

    Parameters
    ----------
    folder : Path
        It need not exist.
    clock_ns : callable
        The time of day in nanoseconds.
    """

    def __init__(self, folder: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._folder = folder
        self._clock_ns = clock_ns
        self._known: dict[_Key, Manifest | None] = {}
        self._by_id: dict[str, Manifest] = {}
        self._mtime_ns: int | None = None
        self.version = 0

    def refresh(self) -> int:
        """Look at the folder; give a number that grows whenever anything changed."""
        try:
            mtime_ns: int | None = self._folder.stat().st_mtime_ns
        except OSError:
            mtime_ns = None
        if mtime_ns is None or mtime_ns != self._mtime_ns:
            now = self._clock_ns()
            known = {
                key: self._known[key] if key in self._known else self._read(key[0]) for key in self._look()
            }
            if known != self._known:
                self._known = known
                self._by_id = {manifest.id: manifest for manifest in known.values() if manifest}
                self.version += 1
            racy = mtime_ns is not None and now - mtime_ns < _RACY_NS
            self._mtime_ns = None if racy else mtime_ns
        return self.version

    def get(self, model_id: str) -> Manifest | None:
        """Give the manifest of a model, as of the last refresh."""
        return self._by_id.get(model_id)

    def all(self) -> list[Manifest]:
        """Give all manifests, as of the last refresh."""
        return list(self._by_id.values())

    def _look(self) -> list[_Key]:
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".json")]
        except OSError:
            return []
        return sorted(
            (name, facts.st_mtime_ns, facts.st_ino) for name, facts in found if not name.startswith(".")
        )

    def _read(self, name: str) -> Manifest | None:
        try:
            return msgspec.json.decode((self._folder / name).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            return None
