"""Free space, what of it is never used up, and what is already promised to others.

::

    usable = free (statvfs, for an ordinary user) - reserve - what is promised on the same device

A promise shrinks as its bytes come, since the disk counts those; many senders never share one room.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jupyter_nodeapi.errors import InsufficientStorage

__all__ = ["Promise", "Space"]

GIB = 1 << 30

T = TypeVar("T")


class Space:
    """The disk's free space and who was promised how much of it.

    Parameters
    ----------
    reserve_bytes : int, optional
        Space that is never used up, on each disk. Default: 1 GiB or 2 % of the disk, whichever is less.
    """

    def __init__(self, reserve_bytes: int | None = None) -> None:
        self.reserve_bytes = reserve_bytes
        self._promises = weakref.WeakSet[Promise]()  # one that is lost promises nothing
        self._lock = threading.Lock()

    def free(self, path: Path) -> int:
        """Give the free bytes of the disk that holds `path`, or would: its nearest existing parent counts."""
        facts = os.statvfs(_existing(path))
        return facts.f_bavail * facts.f_frsize

    def reserved_for(self, path: Path) -> int:
        """Give the bytes that are never used up on the disk that holds `path`."""
        return self._reserve(os.statvfs(_existing(path)))

    def _reserve(self, facts: os.statvfs_result) -> int:
        if self.reserve_bytes is not None:
            return self.reserve_bytes
        return min(GIB, facts.f_blocks * facts.f_frsize // 50)

    def require(self, path: Path, size: int) -> None:
        """Make sure that `size` more bytes fit beside the reserve and all promises.

        Raises
        ------
        InsufficientStorage
            They do not; its details ``needed`` and ``available`` say by how much.
        """
        with self._lock:
            self._require(path, size)

    def promise(self, path: Path, size: int) -> Promise:
        """Promise `size` bytes on the disk of `path` to the caller.

        Raises
        ------
        InsufficientStorage
            They do not fit.
        """
        promise = Promise(self, path)
        promise.at_least(size)
        return promise

    def opened(self, path: Path, size: int, opening: Callable[[], T]) -> tuple[T, Promise]:
        """Give what ``opening()`` gives, with room for `size` bytes; none is kept when it raises.

        Raises
        ------
        InsufficientStorage
            They do not fit; nothing was opened.
        """
        promise = self.promise(path, size)
        try:
            return opening(), promise
        except BaseException:
            promise.end()
            raise

    def enlarge(self, promise: Promise, size: int) -> None:
        """Let a promise be `size` bytes; see :meth:`Promise.at_least`."""
        with self._lock:
            self._require(promise.path, size, besides=promise)
            promise.left = size
            self._promises.add(promise)

    def _require(self, path: Path, size: int, besides: Promise | None = None) -> None:
        place = _existing(path)
        facts = os.statvfs(place)
        device = place.stat().st_dev
        others = (promise for promise in self._promises if promise is not besides)
        promised = sum(promise.left for promise in others if promise.device == device)
        available = max(0, facts.f_bavail * facts.f_frsize - self._reserve(facts) - promised)
        if size > available:
            raise InsufficientStorage(needed=size, available=available)


class Promise:
    """Room on a disk for bytes that are on their way; as a context manager it ends with its block.

    Attributes
    ----------
    left : int
        How many of them have not come yet.
    """

    def __init__(self, space: Space, path: Path) -> None:
        self.path = path
        self.device = _existing(path).stat().st_dev
        self.left = 0
        self._space = space

    def __enter__(self) -> None:
        """Hold it for the length of a block."""

    def __exit__(self, *raised: object) -> None:
        self.end()

    def at_least(self, size: int) -> None:
        """Make sure that `size` more bytes may come.

        Raises
        ------
        InsufficientStorage
            They do not fit; what was promised before stays.
        """
        if size > self.left:
            self._space.enlarge(self, size)

    def came(self, size: int) -> None:
        """Give back what the disk itself counts now."""
        self.left = max(0, self.left - size)

    def end(self) -> None:
        """Give back the rest."""
        self.left = 0


def _existing(path: Path) -> Path:
    """Give `path` or its nearest parent that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
