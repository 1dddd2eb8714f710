"""Free space, what of it is never used up, and what is already promised to others.

::

    usable = free (statvfs, for an ordinary user) - reserve - other reservations on the same device
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from jupyter_nodeapi.errors import InsufficientStorage

__all__ = ["Space"]

GIB = 1 << 30


class Space:
    """The disk's free space and who was promised how much of it.

    Parameters
    ----------
    reserve_bytes : int, optional
        Space that is never used up, on each disk. Default: 1 GiB or 2 % of the disk, whichever is less.
    """

    def __init__(self, reserve_bytes: int | None = None) -> None:
        self.reserve_bytes = reserve_bytes
        self._promised: dict[str, tuple[int, int]] = {}  # key: (device, bytes)
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
            self._require(path, size, besides="")

    def reserve(self, key: str, path: Path, size: int) -> None:
        """Promise `size` bytes on the disk of `path` to `key`, in place of what it was promised before.

        Raises
        ------
        InsufficientStorage
            They do not fit; an older promise to `key` stays.
        """
        with self._lock:
            self._require(path, size, besides=key)
            self._promised[key] = (_existing(path).stat().st_dev, size)

    def release(self, key: str) -> None:
        """Take the promise to `key` back; a second time does nothing."""
        with self._lock:
            self._promised.pop(key, None)

    def _require(self, path: Path, size: int, *, besides: str) -> None:
        place = _existing(path)
        facts = os.statvfs(place)
        device = place.stat().st_dev
        reserve = self._reserve(facts)
        promised = sum(n for key, (where, n) in self._promised.items() if where == device and key != besides)
        available = max(0, facts.f_bavail * facts.f_frsize - reserve - promised)
        if size > available:
            raise InsufficientStorage(needed=size, available=available)


def _existing(path: Path) -> Path:
    """Give `path` or its nearest parent that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
