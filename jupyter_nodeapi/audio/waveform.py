"""Which picture of a sound is given: the kept one, the samples themselves, or a sparse look for now.

::

    kept?  ── yes ──> window of it; close up the samples of a WAV     exact
     │ no
    few samples a column ──> the samples                              exact
     │ no
    short ──> made now, then a window                                 exact
     │ no
    sparse look; the exact one is made as a job, which tells when     preview
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.audio import peaks, pyramid
from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.glance import glance
from jupyter_nodeapi.audio.locate import find, locate
from jupyter_nodeapi.audio.schemas import PeaksReply
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.audio.times import span_of
from jupyter_nodeapi.disk.roots import open_regular
from jupyter_nodeapi.errors import Unprocessable
from jupyter_nodeapi.jobs.engines import Report

__all__ = ["PeaksSpec", "Picture", "draw", "identity", "work"]

#: Samples that are read at once while the client waits: five minutes at 44.1 kHz.
_SHORT = 300 * 44100
#: Samples that are read in a few milliseconds.
_CLOSE = 1 << 17


class PeaksSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to draw: paths are absolute, times are seconds."""

    path: str
    cache: str
    ffmpeg: str = ""
    start: float = 0.0
    end: float | None = None
    bins: int = 1000


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn picture, its columns as little-endian int16; None of them where it has to be made first."""

    key: str
    columns: pyramid.Columns | None

    @property
    def etag(self) -> str:
        """The same for the same columns of the same bytes."""
        drawn = self.columns
        assert drawn is not None
        digest = hashlib.sha256(repr((self.key, drawn.first, drawn.last, drawn.exact)).encode())
        for values in (drawn.lows, drawn.highs):
            digest.update(values.tobytes())
        return f'"{digest.hexdigest()[:32]}"'

    def dat(self) -> bytes:
        """Give audiowaveform's ``.dat``, version 2: a head of 24 bytes, then pairs of int16."""
        drawn = self.columns
        assert drawn is not None
        each = max(1, round((drawn.last - drawn.first) / len(drawn.lows)))
        head = struct.pack("<iIiiIi", 2, 0, drawn.rate, each, len(drawn.lows), 1)
        return head + b"".join(
            struct.pack("<hh", low, high)
            for low, high in zip(drawn.lows.tolist(), drawn.highs.tolist(), strict=True)
        )

    def reply(self) -> PeaksReply:
        """Give the JSON form, in [-1, 1]."""
        drawn = self.columns
        assert drawn is not None
        return PeaksReply(
            sample_rate=drawn.rate,
            start=round(drawn.first / drawn.rate, 6),
            end=round(drawn.last / drawn.rate, 6),
            bins=len(drawn.lows),
            quality="exact" if drawn.exact else "preview",
            min=(drawn.lows / 32768).round(5).tolist(),
            max=(drawn.highs / 32768).round(5).tolist(),
        )


def identity(fd: int) -> str:
    """Name the bytes of an open file: another file, or the same one changed, has another name.

    Parameters
    ----------
    fd : int
        An open regular file.
    """
    facts = os.fstat(fd)
    parts = (facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_size)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def draw(spec: PeaksSpec, *, kept_only: bool) -> Picture:
    """Draw what can be drawn at once.

    Parameters
    ----------
    spec : PeaksSpec
        What to draw.
    kept_only : bool
        The exact picture has just been made: only a window of it is wanted.
    """
    fd, _ = open_regular(Path(spec.path))
    try:
        key = identity(fd)

        def span(rate: int, total: int) -> tuple[int, int]:
            found = span_of(spec.start, spec.end, rate, total)
            assert found.last is not None
            return found.first, found.last

        kept = pyramid.window(Path(spec.cache) / f"{key}.peaks", span, spec.bins)
        if kept is not None:
            kept = _sharper(fd, spec, kept.first, kept.last) or kept
        elif not kept_only:
            kept = _at_once(fd, spec, span)
        return Picture(key=key, columns=kept)
    finally:
        os.close(fd)


def _sharper(fd: int, spec: PeaksSpec, first: int, last: int) -> pyramid.Columns | None:
    """Draw narrow columns from the samples themselves where these are read in a few milliseconds."""
    if last - first > min(spec.bins * pyramid.BUCKET, _CLOSE) or sniff(fd).name != "wav":
        return None
    source = _source(fd, spec)
    if source.frames is None or last > source.frames or peaks.plain(fd, source) is None:
        return None
    return peaks.close_up(peaks.Opened(fd, source, ""), first, last, spec.bins)


def _at_once(fd: int, spec: PeaksSpec, span: Callable[[int, int], tuple[int, int]]) -> pyramid.Columns | None:
    """Draw from the samples, or sparsely; None when the whole has to be read first."""
    source = _source(fd, spec)
    if source.frames is None:
        return _by_its_word(fd, source, spec, span)
    first, last = span(source.rate, source.frames)
    opened = _opened(fd, source, spec)
    if last - first <= min(spec.bins * pyramid.BUCKET, _SHORT):
        return peaks.close_up(opened, first, last, spec.bins)
    if source.frames > _SHORT:
        return glance(opened, first, last, spec.bins)
    return None


def _by_its_word(
    fd: int, source: Source, spec: PeaksSpec, span: Callable[[int, int], tuple[int, int]]
) -> pyramid.Columns | None:
    """Look sparsely at what nobody has counted, as long as its container says; it may be wrong, for now."""
    told = round((source.told_seconds or 0) * source.rate)
    if told <= _SHORT:
        return None
    return glance(peaks.Opened(fd, source, find(spec.ffmpeg)), *span(source.rate, told), spec.bins)


def _opened(fd: int, source: Source, spec: PeaksSpec) -> peaks.Opened:
    return peaks.Opened(fd, source, "" if peaks.readable(fd, source) else find(spec.ffmpeg))


def _source(fd: int, spec: PeaksSpec) -> Source:
    return describe(fd, sniff(fd), spec.ffmpeg, lambda: False)


def work(spec: dict[str, Any], report: Report, stopped: Callable[[], bool]) -> dict[str, Any]:
    """Make the exact picture of a whole sound, as a job.

    Parameters
    ----------
    spec : dict
        A :class:`PeaksSpec` as plain data.
    report : Report
        Told in samples.
    stopped : callable
        Asked between blocks.
    """
    order = msgspec.convert(spec, PeaksSpec)
    fd, _ = open_regular(Path(order.path))
    try:
        source = _source(fd, order)
        target = Path(order.cache) / f"{identity(fd)}.peaks"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            _build(_opened(fd, source, order), order.ffmpeg, target, report, stopped)
        return {"sampleRate": source.rate, "quality": "exact"}
    finally:
        os.close(fd)


def _build(
    opened: peaks.Opened, configured: str, target: Path, report: Report, stopped: Callable[[], bool]
) -> None:
    """Read with FFmpeg where it is what libsndfile reads badly: Ogg at once, others when it gives up.

    libsndfile takes Opus at twice the cost; FFmpeg goes on behind damage as it does for a trim.
    """
    found = None if opened.program else locate(configured)
    other = replace(opened, program=found.path) if found else None
    try:
        first = other if other is not None and opened.source.kind.name == "ogg" else opened
        peaks.build(first, target, report, stopped)
    except Unprocessable:
        if other is None or first is other:
            raise
        peaks.build(other, target, report, stopped)
