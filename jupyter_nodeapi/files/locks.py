"""One writer at a time for a path, among threads and among servers that share the folder.

::

    <libs>/.nodeapi-locks/00 ... 3f     empty files; a path's hash says which; flock(2) makes others wait

Two paths of one hash wait for each other, which costs a moment and never a deadlock: several locks are taken
in the order of their numbers, each once. Where a file system has no locks, those of this process remain.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX

__all__ = ["Locks"]

STRIPES = 64


class Locks:
    """The locks of one root folder."""

    def __init__(self, base: Path) -> None:
        self.folder = base / f"{TEMP_PREFIX}locks"
        self._mine = [threading.Lock() for _ in range(STRIPES)]

    @contextlib.contextmanager
    def hold(self, *paths: Path) -> Iterator[None]:
        """Hold the locks of all `paths` while the context lasts; waits, so only in a thread."""
        numbers = sorted({zlib.crc32(os.fsencode(path)) % STRIPES for path in paths})
        with contextlib.ExitStack() as stack:
            for number in numbers:
                stack.enter_context(self._mine[number])
                stack.enter_context(self._shared(number))
            yield

    @contextlib.contextmanager
    def _shared(self, number: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        fd = _open(self.folder / f"{number:02x}")
        try:
            with contextlib.suppress(OSError):  # no locks on this file system
                fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)  # which also unlocks


def _open(path: Path) -> int:
    """Open a lock for writing, as network file systems want it; another user's can only be read."""
    flags = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY | flags)
