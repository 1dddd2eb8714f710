"""What is swept, when, and what never is.

::

    a file's age counts from its last read or write: max(atime, mtime)
    in use                      never swept, whatever its age
    older than the limit        swept
    still over the cap          the longest unread first, until it fits
    folders left empty          swept once they are older than the limit themselves
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_nodeapi.disk.blocking import Threads

__all__ = ["Sweeper", "Usage", "sweep"]


class Usage:
    """Which files and folders are being read or written right now."""

    def __init__(self) -> None:
        self._held: Counter[Path] = Counter()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def hold(self, path: Path) -> Iterator[None]:
        """Keep `path`, and all that is in it, from being swept while the context lasts."""
        with self._lock:
            self._held[path] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[path] -= 1
                if not self._held[path]:
                    del self._held[path]

    def in_use(self, path: Path) -> bool:
        """Say whether `path`, something in it, or a folder around it is held."""
        with self._lock:
            held = list(self._held)
        return any(path.is_relative_to(one) or one.is_relative_to(path) for one in held)


class _Entry(NamedTuple):
    used_at: float
    size: int
    path: Path


def sweep(
    folder: Path,
    *,
    older_than_seconds: float,
    now: float,
    usage: Usage,
    cap_bytes: int | None = None,
    dry_run: bool = False,
) -> list[Path]:
    """Remove what nobody has used for long from `folder`, and give the paths of the removed files.

    Parameters
    ----------
    folder : Path
        Itself never removed; it may be missing. Links in it are removed as links.
    older_than_seconds : float
        A file expires when its last read and its last write are both longer ago.
    now : float
        The time to compare with, in seconds since the epoch.
    usage : Usage
        What is in use is never removed.
    cap_bytes : int, optional
        The most bytes that may stay; beyond it the files that were unused longest go, whatever their age.
    dry_run : bool
        Only give the paths of what would be removed.
    """
    files, folders = _survey(folder)
    limit = now - older_than_seconds
    excess = sum(entry.size for entry in files) - cap_bytes if cap_bytes is not None else 0
    removed = []
    for entry in sorted(files):
        expired = entry.used_at < limit
        due = (expired or excess > 0) and not usage.in_use(entry.path)
        if due and (dry_run or _remove(entry.path)):
            removed.append(entry.path)
            excess -= entry.size
    for entry in () if dry_run else folders:
        if entry.used_at < limit and not usage.in_use(entry.path):
            with contextlib.suppress(OSError):  # not empty, or filled just now
                entry.path.rmdir()
    return removed


def _survey(folder: Path) -> tuple[list[_Entry], list[_Entry]]:
    """Give the files below `folder`, and its folders with the innermost first; follows no link."""
    files: list[_Entry] = []
    folders: list[_Entry] = []
    for place, inner, names in os.walk(folder, topdown=False):
        for name in (*inner, *names):
            path = Path(place, name)
            try:
                facts = path.lstat()
            except OSError:  # gone meanwhile
                continue
            if stat.S_ISDIR(facts.st_mode):
                folders.append(_Entry(facts.st_mtime, 0, path))
            else:
                link = stat.S_ISLNK(facts.st_mode)  # walking past a link already counts as a read of it
                used_at = facts.st_mtime if link else max(facts.st_atime, facts.st_mtime)
                files.append(_Entry(used_at, facts.st_size, path))
    return files, folders


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


class Sweeper:
    """Runs every sweep of the server, at start and then at an interval.

    Parameters
    ----------
    log : logging.Logger
        Told about sweeps that fail; the others go on.
    """

    def __init__(self, log: Any) -> None:
        self.log = log
        self._sweeps: dict[str, Callable[[], object]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, name: str, sweep: Callable[[], object]) -> None:
        """Add a plain function that sweeps; it runs in a thread."""
        self._sweeps[name] = sweep

    def start(self, interval_seconds: float = 3600) -> None:
        """Sweep now and then every `interval_seconds`, until :meth:`stop`; called on the running loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(interval_seconds), name="nodeapi-sweeper")

    async def stop(self) -> None:
        """Sweep no more; waits for no sweep that is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, interval_seconds: float) -> None:
        threads = Threads(size=1, name="nodeapi-sweep")
        try:
            while True:
                names = list(self._sweeps)
                work = (threads.run(self._sweeps[name]) for name in names)
                results = await asyncio.gather(*work, return_exceptions=True)
                for name, result in zip(names, results, strict=True):
                    if isinstance(result, BaseException):
                        self.log.warning("Sweeping %s has failed", name, exc_info=result)
                await asyncio.sleep(interval_seconds)
        finally:
            threads.close()
