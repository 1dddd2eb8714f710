"""The picture of a sound: lowest and highest sample over all channels, column by column.

::

    file ── 256 samples a bucket, int16 ──> <cache>/<key>.peaks     head | min: n int16 | max: n int16
                                             │ any window: two reads and one reduce
    close up (fewer than 256 samples a column): the samples themselves
    not made yet, and long: a sparse look, one short read a column
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_nodeapi.audio import decode, sound
from jupyter_nodeapi.audio.chain import selection
from jupyter_nodeapi.audio.cutters import wav
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.jobs.engines import Report, Stopped

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

__all__ = ["BUCKET", "Columns", "Opened", "build", "close_up", "readable", "sparse", "window"]

BUCKET = 256
_HEAD = struct.Struct("<8sIIQQ")
_MAGIC = b"peaks1\0\0"
_BLOCK = BUCKET * 1024
_LOOK = 1024
_LOOKS = 1500
_LOOKS_AT_OPUS = 300  # each decodes 80 ms before it
_LOOKS_BY_CHILD = 16


@dataclass(frozen=True, slots=True)
class Opened:
    """An open sound: ``program`` is the path of FFmpeg, empty where libsndfile reads the sound."""

    fd: int
    source: Source
    program: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A picture: int16 ``lows`` and ``highs``, one each a column, of samples ``[first, last)``."""

    rate: int
    first: int
    last: int
    lows: np.ndarray[Any, Any]
    highs: np.ndarray[Any, Any]
    exact: bool = True


def readable(fd: int, source: Source) -> bool:
    """Tell whether libsndfile reads this sound and counts it as we do.

    Parameters
    ----------
    fd : int
        The open file; its position is moved.
    source : Source
        What it is.
    """
    return source.frames is not None and sound.counts(fd, source.frames, source.rate)


def build(opened: Opened, target: Path, report: Report, stopped: Callable[[], bool]) -> None:
    """Make the exact picture of a whole file and keep it.

    Parameters
    ----------
    opened : Opened
        The sound.
    target : Path
        The file of the cache; it appears whole, by rename.
    report : Report
        Told in samples.
    stopped : callable
        Asked between blocks.
    """
    reader = _piped if opened.program else _by_two
    lows, highs, total = reader(opened, stopped, report)
    head = _HEAD.pack(_MAGIC, opened.source.rate, BUCKET, total, len(lows))
    atomic.write(target, head + lows.astype("<i2").tobytes() + highs.astype("<i2").tobytes())


def _by_two(opened: Opened, stopped: Callable[[], bool], report: Report) -> tuple[Any, Any, int]:
    """Read the two halves of a file in two threads: libsndfile and numpy let go of the interpreter."""
    import numpy as np  # noqa: PLC0415

    frames = opened.source.frames
    assert frames is not None
    buckets = -(-frames // BUCKET)
    middle = buckets // 2
    pair = np.zeros((2, buckets), "i2")
    done, failures = [0, 0], []

    def half(index: int, begin: int, end: int) -> None:
        at = begin
        for data in _blocks(opened, begin * BUCKET, min(end * BUCKET, frames)):
            low, high = _reduce(data)
            pair[:, at : at + len(low)] = low, high
            at += len(low)
            done[index] = at - begin
            report(sum(done) * BUCKET, frames, stage="reading")
            if stopped():
                return

    def other_half() -> None:
        try:
            half(1, middle, buckets)
        except (NodeApiError, OSError, ValueError) as error:
            failures.append(error)

    second = threading.Thread(target=other_half, daemon=True, name="nodeapi-peaks")
    second.start()
    try:
        half(0, 0, middle)
    finally:
        second.join()
    if failures:
        raise failures[0]
    if stopped():
        raise Stopped
    return pair[0], pair[1], frames


def _blocks(opened: Opened, first: int, last: int) -> Iterator[Any]:
    """Give samples; those of 16 bits in a WAV file without a copy, in blocks that a cache holds."""
    import numpy as np  # noqa: PLC0415

    found = wav.parse(opened.fd) if opened.source.kind.name in {"wav", "rf64"} else None
    if found is None or found.frames != opened.source.frames or not wav.shorts(found):
        yield from sound.blocks(opened.fd, first, last, _BLOCK)
        return
    for data in wav.blocks(opened.fd, found, first, last, _BLOCK // 4):
        yield np.frombuffer(data, "<i2").reshape(-1, found.channels)


def _piped(opened: Opened, stopped: Callable[[], bool], report: Report) -> tuple[Any, Any, int]:
    """Let FFmpeg decode into a pipe and reduce what comes."""
    import numpy as np  # noqa: PLC0415

    source = opened.source
    pairs: list[Any] = [np.zeros((2, 0), "i2")]
    frame, total, rest = 2 * source.channels, 0, bytearray()

    def take(data: bytes, *, last: bool = False) -> None:
        nonlocal total
        rest.extend(data)
        if len(rest) < _BLOCK * frame and not last:
            return
        whole = len(rest) // frame if last else len(rest) // (frame * BUCKET) * BUCKET
        if whole:
            samples = np.frombuffer(bytes(rest[: whole * frame]), "<i2").reshape(-1, source.channels)
            del rest[: whole * frame]
            pairs.append(np.stack(_reduce(samples)))
        total += whole
        report(total, source.frames, stage="decoding")

    decode.stream(opened.program, opened.fd, source, take, stopped)
    take(b"", last=True)
    lows, highs = np.concatenate(pairs, axis=1)
    return lows, highs, total


def _reduce(data: Any) -> tuple[Any, Any]:
    """Give the extremes of each bucket of ``(frames, channels)`` samples as int16; the last may be short."""
    import numpy as np  # noqa: PLC0415

    whole = len(data) // BUCKET
    flat = data[: whole * BUCKET].reshape(whole, BUCKET * data.shape[1])
    lows, highs = flat.min(axis=1), flat.max(axis=1)
    if whole * BUCKET < len(data):
        rest = data[whole * BUCKET :]
        lows, highs = np.append(lows, rest.min()), np.append(highs, rest.max())
    return _short(lows), _short(highs)


def _short(values: Any) -> Any:
    """Give int16 of samples that may be floats in [-1, 1]."""
    import numpy as np  # noqa: PLC0415

    if values.dtype.kind == "f":
        return np.clip(np.rint(values * 32767), -32768, 32767).astype("i2")
    return values


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
    import numpy as np  # noqa: PLC0415

    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        magic, rate, bucket, total, count = _HEAD.unpack(os.pread(fd, _HEAD.size, 0))
        if magic != _MAGIC:
            return None
        first, last = span(rate, total)
        begin, end = first // bucket, -(-last // bucket)
        lows = np.frombuffer(os.pread(fd, 2 * (end - begin), _HEAD.size + 2 * begin), "<i2")
        highs = np.frombuffer(os.pread(fd, 2 * (end - begin), _HEAD.size + 2 * (count + begin)), "<i2")
    finally:
        os.close(fd)
    edges = np.linspace(first, last, min(bins, last - first) + 1).astype("i8")
    # A bucket that two columns share belongs to both: a peak is rather told twice than lost.
    starts, ends = edges[:-1] // bucket - begin, -(-edges[1:] // bucket) - begin
    pairs = np.stack([starts, np.maximum(ends, starts + 1)], axis=1).ravel()
    lows, highs = np.append(lows, lows[-1:]), np.append(highs, highs[-1:])
    low, high = _columns(lows, highs, pairs)
    return Columns(rate, first, last, low[::2], high[::2])


def _columns(lows: Any, highs: Any, starts: Any) -> tuple[Any, Any]:
    import numpy as np  # noqa: PLC0415

    return np.minimum.reduceat(lows, starts), np.maximum.reduceat(highs, starts)


def close_up(opened: Opened, first: int, last: int, bins: int) -> Columns:
    """Draw a short range from the samples themselves.

    Parameters
    ----------
    opened : Opened
        The sound.
    first, last : int
        The range in samples.
    bins : int
        Columns at most.
    """
    import numpy as np  # noqa: PLC0415

    source = opened.source
    if opened.program:
        data = bytearray()
        seek, select, _ = selection(source, first, last)
        decode.stream(
            opened.program, opened.fd, source, data.extend, lambda: False, seek=seek, filters=",".join(select)
        )
        samples = np.frombuffer(bytes(data), "<i2").reshape(-1, source.channels)
    else:
        samples = np.concatenate(list(sound.blocks(opened.fd, first, last, _BLOCK)))
    if not len(samples):
        raise sound.damaged()
    starts = np.linspace(0, len(samples), min(bins, len(samples)) + 1)[:-1].astype("i8")
    columns = _columns(_short(samples.min(axis=1)), _short(samples.max(axis=1)), starts)
    return Columns(source.rate, first, first + len(samples), *columns)


def sparse(opened: Opened, first: int, last: int, bins: int) -> Columns:
    """Look here and there: one short read a column, at most 1,500; 300 in Opus, 16 where FFmpeg has to look.

    Parameters
    ----------
    opened : Opened
        The sound.
    first, last : int
        The range in samples.
    bins : int
        Columns at most.
    """
    import numpy as np  # noqa: PLC0415

    most = _LOOKS_AT_OPUS if opened.source.codec == "opus" else _LOOKS
    count = min(bins, _LOOKS_BY_CHILD if opened.program else most, last - first)
    places = [int(place) for place in np.linspace(first, last, count + 1)[:-1]]
    looks: Iterable[Any] = sound.looks(opened.fd, places, _LOOK)
    if opened.program:
        data = decode.looks(opened.program, opened.fd, opened.source, places, _LOOK)
        looks = np.frombuffer(data, "<i2").reshape(-1, _LOOK, opened.source.channels)
    pairs = np.array([(look.min(), look.max()) if look.size else (0, 0) for look in looks])
    lows, highs = _short(pairs).T.astype("i2")
    return Columns(opened.source.rate, first, last, lows, highs, exact=False)
