"""The kept picture of a sound, at two zooms: any window of it costs a few reads of a few kilobytes.

::

    <cache>/<key>.peaks   head | lows, highs of each 256 samples | lows, highs of each 4,096 samples
                                 └─ windows with narrow columns     └─ those whose columns are much wider

All values are little-endian int16, over all channels.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_nodeapi.disk import atomic

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

__all__ = ["BUCKET", "Columns", "keep", "reduced", "window"]

BUCKET = 256
_WIDER = 16
_WIDE_ENOUGH = (
    8  # columns of so many wide buckets are drawn from those: their edges move by an eighth at most
)
_HEAD = struct.Struct("<8sIIQQ")
_MAGIC = b"peaks2\0\0"


@dataclass(frozen=True, slots=True)
class Columns:
    """A picture: int16 ``lows`` and ``highs``, one each a column, of samples ``[first, last)``."""

    rate: int
    first: int
    last: int
    lows: np.ndarray[Any, Any]
    highs: np.ndarray[Any, Any]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Zoom:
    """Where the values of one zoom lie in the file."""

    bucket: int
    offset: int
    count: int

    def read(self, fd: int, begin: int, end: int) -> tuple[Any, Any]:
        """Give lows and highs of the buckets ``[begin, end)``."""
        import numpy as np  # noqa: PLC0415

        size = 2 * (end - begin)
        lows = os.pread(fd, size, self.offset + 2 * begin)
        highs = os.pread(fd, size, self.offset + 2 * (self.count + begin))
        return np.frombuffer(lows, "<i2"), np.frombuffer(highs, "<i2")


def keep(target: Path, rate: int, total: int, lows: Any, highs: Any) -> None:
    """Keep the extremes of each :data:`BUCKET` samples.

    Parameters
    ----------
    target : Path
        The file of the cache; it appears whole, by rename.
    rate, total : int
        Of the sound, in samples.
    lows, highs : numpy.ndarray
        int16, one a bucket.
    """
    import numpy as np  # noqa: PLC0415

    starts = np.arange(0, len(lows), _WIDER)
    zooms = [lows, highs, *(reduced(lows, highs, starts) if len(lows) else ())]
    head = _HEAD.pack(_MAGIC, rate, BUCKET, total, len(lows))
    atomic.write(target, b"".join([head, *(memoryview(one.astype("<i2", copy=False)) for one in zooms)]))


def reduced(lows: Any, highs: Any, starts: Any) -> tuple[Any, Any]:
    """Give the extremes from each start to the next, as ``numpy.ufunc.reduceat`` does.

    Parameters
    ----------
    lows, highs : numpy.ndarray
        Of the parts.
    starts : numpy.ndarray
        Indices into them.
    """
    import numpy as np  # noqa: PLC0415

    return np.minimum.reduceat(lows, starts), np.maximum.reduceat(highs, starts)


def window(path: Path, span: Callable[[int, int], tuple[int, int]], bins: int) -> Columns | None:
    """Draw a range from a kept picture; None when there is none.

    Parameters
    ----------
    path : Path
        The file of the cache.
    span : callable
        Given the rate and the count of samples, says which ``[first, last)`` to draw.
    bins : int
        Columns at most.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        magic, rate, bucket, total, count = _HEAD.unpack(os.pread(fd, _HEAD.size, 0))
        if magic != _MAGIC:
            return None
        first, last = span(rate, total)
        zoom = _zoom(bucket, count, (last - first) / bins)
        lows, highs = _drawn(fd, zoom, first, last, min(bins, last - first))
    finally:
        os.close(fd)
    return Columns(rate, first, last, lows, highs)


def _zoom(bucket: int, count: int, width: float) -> _Zoom:
    """Choose the zoom for columns of that many samples."""
    if width < _WIDE_ENOUGH * _WIDER * bucket:
        return _Zoom(bucket, _HEAD.size, count)
    return _Zoom(_WIDER * bucket, _HEAD.size + 4 * count, -(-count // _WIDER))


def _drawn(fd: int, zoom: _Zoom, first: int, last: int, columns: int) -> tuple[Any, Any]:
    import numpy as np  # noqa: PLC0415

    begin, end = first // zoom.bucket, -(-last // zoom.bucket)
    lows, highs = zoom.read(fd, begin, end)
    edges = np.linspace(first, last, columns + 1).astype("i8")
    # A bucket that two columns share belongs to both: a peak is rather told twice than lost.
    starts, ends = edges[:-1] // zoom.bucket - begin, -(-edges[1:] // zoom.bucket) - begin
    pairs = np.stack([starts, np.maximum(ends, starts + 1)], axis=1).ravel()
    low, high = reduced(np.append(lows, lows[-1:]), np.append(highs, highs[-1:]), pairs)
    return low[::2], high[::2]
