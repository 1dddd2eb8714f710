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
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.errors import Unavailable

__all__ = ["Locks"]

STRIPES = 64


class Locks:
    """The locks of one root folder.

    Parameters
    ----------
    base : Path
        The folder.
    wait_seconds : float
        How long to wait for a lock before giving up: another server may be stopped while it holds one.
    """

    def __init__(self, base: Path, wait_seconds: float = 20) -> None:
        self.wait_seconds = wait_seconds
        self.folder = base / f"{TEMP_PREFIX}locks"
        self._mine = [threading.Lock() for _ in range(STRIPES)]

    @contextlib.contextmanager
    def hold(self, *paths: Path) -> Iterator[None]:
        """Hold the locks of all `paths` while the context lasts; waits, so only in a thread.

        Raises
        ------
        Unavailable
            Another writer did not let go in time.
        """
        deadline = time.monotonic() + self.wait_seconds
        numbers = sorted({zlib.crc32(os.fsencode(path)) % STRIPES for path in paths})
        with contextlib.ExitStack() as stack:
            for number in numbers:
                if not self._mine[number].acquire(timeout=max(0, deadline - time.monotonic())):
                    raise _busy()
                stack.callback(self._mine[number].release)
                stack.enter_context(self._shared(number, deadline))
            yield

    @contextlib.contextmanager
    def _shared(self, number: int, deadline: float) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        fd = _open(self.folder / f"{number:02x}")
        try:
            _acquire(fd, deadline)
            yield
        finally:
            os.close(fd)  # which also unlocks


def _acquire(fd: int, deadline: float) -> None:
    """Take the lock; flock itself knows no time limit."""
    pause = 0.001
    while not _try(fd):
        if time.monotonic() > deadline:
            raise _busy()
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this file system
        return True
    return True


def _busy() -> Unavailable:
    return Unavailable("Somebody else is writing there and does not finish.", retry_after=2)


def _open(path: Path) -> int:
    """Open a lock for writing, as network file systems want it; another user's can only be read."""
    flags = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY | flags)
