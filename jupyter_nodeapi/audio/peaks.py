"""The picture of a sound: lowest and highest sample over all channels, column by column.

::

    file ── 256 samples a bucket, int16 ──> <cache>/<key>.peaks     kept at two zooms (`pyramid`)
    close up (fewer than 256 samples a column): the samples themselves
    not made yet, and long: a sparse look for now (`glance`)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_nodeapi.audio import decode, pyramid, reading, sound
from jupyter_nodeapi.audio.chain import selection
from jupyter_nodeapi.audio.cutters import wav
from jupyter_nodeapi.audio.pyramid import BUCKET, Columns, reduced
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.disk.beside import Beside
from jupyter_nodeapi.jobs.engines import Report, Stopped

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Opened", "build", "close_up", "plain", "readable", "shorts"]

_BLOCK = BUCKET * 1024  # so many samples stay in a processor's cache while they are reduced
_NICE = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """An open sound: ``program`` is the path of FFmpeg, empty where libsndfile reads the sound."""

    fd: int
    source: Source
    program: str


def readable(fd: int, source: Source) -> bool:
    """Tell whether libsndfile reads this sound and counts it as we do.

    Parameters
    ----------
    fd : int
        The open file; its position is moved.
    source : Source
        What it is.
    """
    if source.frames is None:
        return False
    return plain(fd, source) is not None or reading.counts(fd, source.frames, source.rate)


def plain(fd: int, source: Source) -> wav.Wav | None:
    """Give where the samples of a WAV file lie whose bytes are our int16; None of all others.

    Parameters
    ----------
    fd : int
        The open file.
    source : Source
        What it is.
    """
    found = wav.parse(fd) if source.kind.name in {"wav", "rf64"} else None
    return found if found and found.frames == source.frames and wav.shorts(found) else None


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
    pyramid.keep(target, opened.source.rate, total, lows, highs)


def _by_two(opened: Opened, stopped: Callable[[], bool], report: Report) -> tuple[Any, Any, int]:
    """Read the halves in two threads of their own: libsndfile and numpy let go of the interpreter."""
    import numpy as np  # noqa: PLC0415

    frames = opened.source.frames
    assert frames is not None
    middle = -(-frames // BUCKET) // 2 * BUCKET
    done = [0, 0]

    def half(index: int, first: int, last: int) -> tuple[list[Any], list[Any]]:
        lows, highs = list[Any](), list[Any]()
        for data in _blocks(opened, first, last):
            low, high = _reduce(data)
            lows.append(low)
            highs.append(high)
            done[index] += len(data)
            report(sum(done), frames, stage="reading")
            if stopped():
                raise Stopped
        return lows, highs

    ranges = ((0, 0, middle), (1, middle, frames))
    halves = [Beside(functools.partial(half, *one), "nodeapi-peaks", _NICE) for one in ranges]
    for one in halves:
        one.join()
    lows, highs = halves[0].outcome()
    if done[0] < middle:  # the head of the file promises more than there is
        done[1] = 0
    else:
        for kept, more in zip((lows, highs), halves[1].outcome(), strict=True):
            kept.extend(more)
    empty = np.empty(0, "i2")
    return np.concatenate([empty, *lows]), np.concatenate([empty, *highs]), sum(done)


def _blocks(opened: Opened, first: int, last: int) -> Iterator[Any]:
    """Give samples; those of 16 bits in a WAV file without a copy, in blocks that a cache holds."""
    import numpy as np  # noqa: PLC0415

    found = plain(opened.fd, opened.source)
    if found is None:
        yield from reading.blocks(opened.fd, first, last, _BLOCK)
        return
    for data in wav.blocks(opened.fd, found, first, last, _BLOCK):
        yield np.frombuffer(data, "<i2").reshape(-1, found.channels)


def _piped(opened: Opened, stopped: Callable[[], bool], report: Report) -> tuple[Any, Any, int]:
    """Let FFmpeg decode into a pipe and reduce what comes."""
    import numpy as np  # noqa: PLC0415

    source = opened.source
    lows, highs = bytearray(), bytearray()
    frame, total, rest = 2 * source.channels, 0, bytearray()

    def take(data: bytes, *, last: bool = False) -> None:
        nonlocal total
        rest.extend(data)
        if len(rest) < _BLOCK * frame and not last:
            return
        whole = len(rest) // frame if last else len(rest) // (frame * BUCKET) * BUCKET
        if whole:
            samples = np.frombuffer(rest, "<i2", whole * source.channels).reshape(-1, source.channels)
            for kept, values in zip((lows, highs), _reduce(samples), strict=True):
                kept.extend(values.tobytes())
            del samples  # it holds the memory in its place
            del rest[: whole * frame]
        total += whole
        report(total, source.frames, stage="decoding")

    # FFmpeg 5.1 decodes the padding behind an edit list, too.
    _, select, _ = selection(source, 0, source.frames if source.kind.name == "mp4" else None)
    decode.stream(opened.program, opened.fd, source, take, stopped, filters=",".join(select))
    take(b"", last=True)
    return np.frombuffer(lows, "i2"), np.frombuffer(highs, "i2"), total


def _reduce(data: Any) -> tuple[Any, Any]:
    """Give the extremes of each bucket of ``(frames, channels)`` samples as int16; the last may be short."""
    import numpy as np  # noqa: PLC0415

    whole = len(data) // BUCKET
    flat = data[: whole * BUCKET].reshape(whole, BUCKET * data.shape[1])
    lows, highs = flat.min(axis=1), flat.max(axis=1)
    if whole * BUCKET < len(data):
        rest = data[whole * BUCKET :]
        lows, highs = np.append(lows, rest.min()), np.append(highs, rest.max())
    return shorts(lows), shorts(highs)


def shorts(values: Any) -> Any:
    """Give int16 of samples that may be floats in [-1, 1].

    Parameters
    ----------
    values : numpy.ndarray
        Samples of any shape.
    """
    import numpy as np  # noqa: PLC0415

    if values.dtype.kind == "f":
        return np.clip(np.rint(values * 32767), -32768, 32767).astype("i2")
    return values


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
        samples = np.concatenate([part.copy() for part in _blocks(opened, first, last)])
    if not len(samples):
        raise sound.damaged()
    starts = np.linspace(0, len(samples), min(bins, len(samples)) + 1)[:-1].astype("i8")
    flat = samples.ravel()
    lows, highs = reduced(flat, flat, starts * samples.shape[1])
    return Columns(source.rate, first, first + len(samples), shorts(lows), shorts(highs))
