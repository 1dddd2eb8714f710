"""Ask Linux to begin writing a region to the disk now, so that the fsync at the end finds little to do.

``sync_file_range(2)`` with ``SYNC_FILE_RANGE_WRITE``; it promises nothing, and elsewhere it is nothing.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable

__all__ = ["begin_writeback"]

_WRITE = 2


def begin_writeback(fd: int, offset: int, length: int) -> None:
    """Begin to write a region; returns at once, and a failure means nothing."""
    call = _sync_file_range()
    if call is not None:
        call(fd, offset, length, _WRITE)


@functools.cache
def _sync_file_range() -> Callable[[int, int, int, int], int] | None:
    try:
        function = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError, TypeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    function.restype = ctypes.c_int
    return function
