"""What lies in ``models_dir``, kept fresh by the mtimes of its folders.

One scandir of everything at first; afterwards only folders whose mtime changed are read again. A folder
that changed a moment before it was read is read once more: within one tick of the file system's clock its
mtime cannot tell. The names outlive a restart by the same rule::

    <data_dir>/registries/index.mpk    [where and what may be followed, {folder: [mtime_ns, inode, ...]}]
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from jupyter_nodeapi.disk import atomic

__all__ = ["Facts", "Index"]

_RACY_NS = 50_000_000
_DEPTH = 24


class Facts(NamedTuple):
    """Size in bytes and mtime in nanoseconds of a file."""

    size: int
    mtime_ns: int


class _Folder(msgspec.Struct, frozen=True, array_like=True):
    mtime_ns: int
    inode: int
    racy: bool
    files: frozenset[str]
    folders: tuple[str, ...]


class Index:
    """The files of a folder by their relative names.

    Parameters
    ----------
    root : Path
        The folder.
    follow : sequence of Path
        Where links in it may lead, beside itself.
    record : Path, optional
        Where the names are kept for the next start.
    clock_ns : callable
        The time of day in nanoseconds, as the file system stamps it.
    """

    def __init__(
        self,
        root: Path,
        follow: Sequence[Path] = (),
        record: Path | None = None,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._root = str(root)
        self._follow = tuple(str(path) for path in follow)
        self._record = record
        self._clock_ns = clock_ns
        self._folders: dict[str, _Folder] | None = None
        self._kept: dict[str, _Folder] = {}
        self.version = 0

    def refresh(self) -> int:
        """Look at all folders; give a number that grows whenever anything changed."""
        self._allowed = tuple(os.path.realpath(path) for path in (self._root, *self._follow))
        if self._folders is None:
            self._folders = self._kept = self._recall()
        seen: dict[str, _Folder] = {}
        self._visit("", seen, 0, frozenset())
        if seen != self._folders:
            self._folders = seen
            self.version += 1
        return self.version

    def keep(self) -> None:
        """Write the names down for the next start, if they are not there already."""
        if self._record is None or not self._folders or self._folders == self._kept:
            return
        with contextlib.suppress(OSError):
            self._record.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self._record, msgspec.msgpack.encode((self._allowed, self._folders)))
            self._kept = self._folders

    def _recall(self) -> dict[str, _Folder]:
        try:
            data = self._record.read_bytes() if self._record else b""
            allowed, folders = msgspec.msgpack.decode(data, type=tuple[tuple[str, ...], dict[str, _Folder]])
        except (OSError, msgspec.MsgspecError):
            return {}
        return folders if allowed == self._allowed else {}

    def __contains__(self, name: str) -> bool:
        """Whether there was a file of this relative name at the last refresh."""
        folder, _, base = name.rpartition("/")
        known = self._folders.get(folder) if self._folders else None
        return known is not None and base in known.files

    def facts(self, name: str) -> Facts | None:
        """Give the facts of a known file as they are this moment: content changes without its folder."""
        return self.stat(name) if name in self else None

    def stat(self, name: str) -> Facts | None:
        """Give the facts of a file that is known already: as :meth:`facts`, without looking it up."""
        try:
            facts = os.stat(f"{self._root}/{name}")  # noqa: PTH116 - hot
        except OSError:
            return None
        return Facts(facts.st_size, facts.st_mtime_ns)

    def files(self, folder: str) -> list[str]:
        """Give the names of all files below a folder, sorted."""
        names: list[str] = []
        todo = [folder]
        while todo:
            place = todo.pop()
            known = self._folders.get(place) if self._folders else None
            if known is not None:
                prefix = f"{place}/" if place else ""
                names += [prefix + name for name in known.files]
                todo += [prefix + name for name in known.folders]
        return sorted(names)

    def _visit(
        self, name: str, seen: dict[str, _Folder], depth: int, above: frozenset[tuple[int, int]]
    ) -> None:
        path = os.path.join(self._root, name)  # noqa: PTH118 - hot
        try:
            facts = os.stat(path)  # noqa: PTH116 - hot
        except OSError:
            return
        mark = (facts.st_dev, facts.st_ino)
        if not stat.S_ISDIR(facts.st_mode) or mark in above or depth > _DEPTH:
            return
        known = self._folders.get(name) if self._folders else None
        if known is None or known.racy or (known.mtime_ns, known.inode) != (facts.st_mtime_ns, facts.st_ino):
            known = self._scan(path, facts.st_mtime_ns, facts.st_ino)
        seen[name] = known
        for child in known.folders:
            self._visit(f"{name}/{child}" if name else child, seen, depth + 1, above | {mark})

    def _scan(self, path: str, mtime_ns: int, inode: int) -> _Folder:
        files: set[str] = set()
        folders: list[str] = []
        now = self._clock_ns()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    if name[0] == "." or not name.isprintable():
                        continue
                    if entry.is_file(follow_symlinks=False):  # nearly all: no call more for each
                        files.add(name)
                    else:
                        self._note(entry, files, folders)
        except OSError:
            return _Folder(mtime_ns, inode, racy=True, files=frozenset(), folders=())
        racy = now - mtime_ns < _RACY_NS
        return _Folder(mtime_ns, inode, racy, frozenset(files), tuple(sorted(folders)))

    def _note(self, entry: os.DirEntry[str], files: set[str], folders: list[str]) -> None:
        try:
            if entry.is_symlink() and not self._leads_inside(entry.path):
                return
            if entry.is_dir():
                folders.append(entry.name)
            elif entry.is_file():
                files.add(entry.name)
        except OSError:
            return

    def _leads_inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == base or real.startswith(base.rstrip("/") + "/") for base in self._allowed)
