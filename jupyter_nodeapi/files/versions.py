"""The last few states of every file, kept when it is replaced, deleted or moved over.

::

    <libs>/my_node/config.json                                      the current state
    <libs>/.nodeapi-versions/my_node/config.json/.nodeapi-<id>      earlier ones; <id> = when it was replaced

Keeping a state is a hard link, so it costs no copy: a save makes a new file and never changes the old one.
No client can name anything that begins with ``.nodeapi-``, so the folders of files and of folders mix safely.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.files.conditions import etag_of
from jupyter_nodeapi.files.schemas import VersionItem

__all__ = ["FOLDER", "Versions"]

FOLDER = f"{TEMP_PREFIX}versions"

_ID = re.compile(r"[0-9]{20}", re.ASCII)


class Versions:
    """Earlier states of the files under one folder.

    Parameters
    ----------
    folder : Path
        The folder, which may be a link.
    limit : callable
        Says how many states of one file are kept.
    now_ns : callable
        The clock, in nanoseconds since the epoch.
    """

    def __init__(
        self, folder: Path, limit: Callable[[], int], now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.folder = folder
        self._limit = limit
        self._now_ns = now_ns

    @property
    def base(self) -> Path:
        """The real path of the folder."""
        return Path(os.path.realpath(self.folder))

    def keep(self, path: Path) -> None:
        """Keep what is at `path` now, and forget what is beyond the limit; only regular files are kept."""
        try:
            regular = stat.S_ISREG(path.lstat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return
        limit = self._limit()
        if not regular or limit < 1:
            return
        shelf = self._shelf(path)
        shelf.mkdir(parents=True, exist_ok=True)
        kept = self._ids(shelf)
        number = max(self._now_ns(), int(kept[-1]) + 1 if kept else 0)
        _link(path, shelf / f"{TEMP_PREFIX}{number:020d}")
        for name in kept[: max(0, len(kept) + 1 - limit)]:
            (shelf / f"{TEMP_PREFIX}{name}").unlink(missing_ok=True)

    def keep_all(self, folder: Path) -> None:
        """Keep every file in a folder that is about to go."""
        for place, inner, names in os.walk(folder):
            inner[:] = [name for name in inner if not name.startswith(TEMP_PREFIX)]
            for name in names:
                if not name.startswith(TEMP_PREFIX):
                    self.keep(Path(place, name))

    def items(self, path: Path) -> list[VersionItem]:
        """Give the earlier states of `path`, the latest first."""
        shelf = self._shelf(path)
        items = []
        for name in reversed(self._ids(shelf)):
            facts = (shelf / f"{TEMP_PREFIX}{name}").stat()
            items.append(VersionItem(name, facts.st_size, facts.st_mtime, int(name) / 1e9, etag_of(facts)))
        return items

    def find(self, path: Path, version: str) -> Path:
        """Give the path of one earlier state.

        Raises
        ------
        NotFound
            There is none of that name.
        """
        found = self._shelf(path) / f"{TEMP_PREFIX}{version}"
        if not _ID.fullmatch(version) or not found.is_file():
            raise NotFound("This version does not exist, or is no longer kept.", code="version_not_found")
        return found

    def follow(self, source: Path, target: Path) -> None:
        """Let the earlier states of what moved from `source` to `target` go along."""
        old, new = self._shelf(source), self._shelf(target)
        if not old.is_dir():
            return
        for place, _, names in os.walk(old, topdown=False):
            there = new / Path(place).relative_to(old)
            there.mkdir(parents=True, exist_ok=True)
            for name in names:
                Path(place, name).replace(there / name)
            Path(place).rmdir()

    def forget(self, older_than_seconds: float, *, dry_run: bool = False) -> list[Path]:
        """Remove the states of files that are gone for so long, and give their paths.

        A file that still exists keeps its last few states whatever their age.
        """
        base = self.base
        limit = self._now_ns() - int(older_than_seconds * 1e9)
        gone = []
        for place, _, names in os.walk(base / FOLDER, topdown=False):
            kept = Path(place)
            if not (base / kept.relative_to(base / FOLDER)).is_file():
                old = [kept / name for name in names if _is_older(name, limit)]
                gone += old
                if not dry_run:
                    _clear(kept, old)
        return gone

    def _shelf(self, path: Path) -> Path:
        base = self.base
        return base / FOLDER / path.relative_to(base)

    def _ids(self, shelf: Path) -> list[str]:
        """Give the ids in one shelf, the earliest first."""
        try:
            names = [entry.name for entry in os.scandir(shelf)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        ids = (name.removeprefix(TEMP_PREFIX) for name in names if name.startswith(TEMP_PREFIX))
        return sorted(name for name in ids if _ID.fullmatch(name))


def _is_older(name: str, limit_ns: int) -> bool:
    number = name.removeprefix(TEMP_PREFIX)
    return _ID.fullmatch(number) is not None and int(number) < limit_ns


def _clear(shelf: Path, old: list[Path]) -> None:
    """Remove states, and their shelf when nothing is left on it."""
    for path in old:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not empty, or in use again
        shelf.rmdir()


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:  # no links here, or another file system is mounted there
        shutil.copy2(path, kept, follow_symlinks=False)
