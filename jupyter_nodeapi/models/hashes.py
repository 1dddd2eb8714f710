r"""Digests while the bytes pass: SHA-256 always, git's blob hash where that is all the Hub knows.

A git blob hash is the SHA-1 of ``blob <size>\0`` and the bytes (git, `gitformat-pack`), so it needs the
size before the first byte.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from jupyter_nodeapi.models.schemas import PlannedFile

__all__ = ["BLOCK", "Digest", "read_blocks"]

BLOCK = 1 << 20


class Digest:
    """The running digests of one file.

    Parameters
    ----------
    file : PlannedFile
        What is known of it, and so which digests are needed.
    """

    def __init__(self, file: PlannedFile) -> None:
        self.size = 0
        self._file = file
        self._sha256 = hashlib.sha256()
        self._git = None
        if file.git_sha1 is not None and file.sha256 is None and file.size is not None:
            self._git = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)

    def update(self, block: memoryview | bytes) -> None:
        """Take the next bytes."""
        self.size += len(block)
        self._sha256.update(block)
        if self._git is not None:
            self._git.update(block)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes so far, in hexadecimal."""
        return self._sha256.hexdigest()

    def fault(self) -> str | None:
        """Say what does not fit: ``size_mismatch``, ``checksum_mismatch`` or None."""
        if self._file.size is not None and self.size != self._file.size:
            return "size_mismatch"
        if self._file.sha256 is not None and self.sha256 != self._file.sha256:
            return "checksum_mismatch"
        if self._git is not None and self._git.hexdigest() != self._file.git_sha1:
            return "checksum_mismatch"
        return None


def read_blocks(fd: int, take: Callable[[memoryview], None], *, end: int | None = None) -> int:
    """Hand the bytes of a descriptor from its start to `take`, block by block; give how many there were.

    Parameters
    ----------
    fd : int
        A regular file.
    take : callable
        Called with each block, up to 1 MiB; what it raises ends the reading.
    end : int, optional
        Stop before this offset.
    """
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    offset = 0
    while end is None or offset < end:
        wanted = BLOCK if end is None else min(BLOCK, end - offset)
        count = os.preadv(fd, [view[:wanted]], offset)
        if count == 0:
            break
        take(view[:count])
        offset += count
    return offset
