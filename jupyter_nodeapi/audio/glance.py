"""A sparse look at a long sound, for now: what is between two looks is not known.

::

    libsndfile reads it      a short read a column, in ever finer passes, until the time is up
    pieces can be gathered   FFmpeg decodes them in one go (`gather`)
    all others               FFmpeg, opened at a few places at once
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_nodeapi.audio import decode, gather, reading, sound
from jupyter_nodeapi.audio.cutters import wav
from jupyter_nodeapi.audio.peaks import Opened, plain, shorts
from jupyter_nodeapi.audio.pyramid import Columns

__all__ = ["glance"]

_LOOK = 1024
_LOOKS = 1500
_LOOKS_BY_CHILD = 16
_LOOKS_INTO_MP4 = 8  # each reads the whole index of the file
_COARSEST = 64
_SECONDS = 0.2


def glance(
    opened: Opened, first: int, last: int, bins: int, clock: Callable[[], float] = time.monotonic
) -> Columns:
    """Look here and there in a range, as often as a fifth of a second allows.

    Parameters
    ----------
    opened : Opened
        The sound.
    first, last : int
        The range in samples.
    bins : int
        Columns at most.
    clock : callable
        Gives seconds.

    Raises
    ------
    Unprocessable
        No look saw anything.
    """
    most = min(bins, last - first)
    if not opened.program:
        pairs = _read(opened, first, last, min(most, _LOOKS), clock)
    else:
        pairs = _gathered(opened, first, last, most)
        if pairs is None:
            pairs = _opened_often(opened, first, last, most)
    lows, highs = shorts(pairs).T.astype("i2")
    return Columns(opened.source.rate, first, last, lows, highs, exact=False)


def _read(opened: Opened, first: int, last: int, count: int, clock: Callable[[], float]) -> Any:
    """Read at ``count`` places; columns that time did not allow are as the last one before them."""
    import numpy as np  # noqa: PLC0415

    places = np.linspace(first, last, count + 1)[:-1].astype("i8").tolist()
    order, until = list(_passes(count)), clock() + _SECONDS
    seen, found = np.full(count, -1), list[Any]()
    for done, look in enumerate(_looks(opened, [places[one] for one in order])):
        if look.size:
            seen[order[done]] = len(found)
            found.append((look.min(), look.max()))
        if done >= _COARSEST and clock() > until:
            break
    if not found:
        raise sound.damaged()
    last_seen = np.maximum.accumulate(np.where(seen >= 0, np.arange(count), -1))
    last_seen[last_seen < 0] = int(np.argmax(seen >= 0))
    return np.array(found)[seen[last_seen]]


def _looks(opened: Opened, places: list[int]) -> Iterator[Any]:
    import numpy as np  # noqa: PLC0415

    found = plain(opened.fd, opened.source)
    if found is None:
        yield from reading.looks(opened.fd, places, _LOOK)
        return
    for place in places:
        for data in wav.blocks(opened.fd, found, place, min(place + _LOOK, found.frames), _LOOK):
            yield np.frombuffer(data, "<i2")


def _passes(count: int) -> Iterator[int]:
    """Give ``0 .. count - 1``, coarse steps over all first, then those between them, and so on."""
    step = 1
    while count // step > _COARSEST:
        step *= 2
    yield from range(0, count, step)
    while step > 1:
        yield from range(step // 2, count, step)
        step //= 2


def _gathered(opened: Opened, first: int, last: int, count: int) -> Any:
    import numpy as np  # noqa: PLC0415

    source = opened.source
    total = source.frames or round((source.told_seconds or 0) * source.rate)
    pieces = gather.gather(opened.fd, source, (first / total, last / total), count) if total else None
    if pieces is None:
        return None
    data = bytearray()
    with tempfile.TemporaryFile() as file:
        file.write(pieces.data)
        file.flush()
        decode.stream(opened.program, file.fileno(), pieces.source, data.extend, lambda: False)
    samples = np.frombuffer(data, "<i2")
    if len(samples) < 4 * pieces.looks:
        return None
    # The beginning of each piece is what decoders need to get into it.
    ends = [part[len(part) * 2 // 3 :] for part in np.array_split(samples, pieces.looks)]
    return np.array([(end.min(), end.max()) for end in ends])


def _opened_often(opened: Opened, first: int, last: int, count: int) -> Any:
    import numpy as np  # noqa: PLC0415

    source = opened.source
    count = min(count, _LOOKS_INTO_MP4 if source.kind.name == "mp4" else _LOOKS_BY_CHILD)
    places = [int(place) for place in np.linspace(first, last, count + 1)[:-1]]
    data = decode.looks(opened.program, opened.fd, source, places, _LOOK)
    looks = np.frombuffer(data, "<i2").reshape(-1, _LOOK * source.channels)
    return np.stack([looks.min(axis=1), looks.max(axis=1)], axis=1)
