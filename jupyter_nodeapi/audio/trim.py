"""A trim: which strategy makes the cut, and how its result appears.

::

    source ── sniff ── describe ── span ──┬─ slice       bytes of PCM            exact, lossless
                                          ├─ soundfile   wav family, flac        exact, lossless
                                          └─ reencode    FFmpeg, two stages      exact, or says so
                                                │
    <folder>/.nodeapi-<random> ── rename ──> <folder>/<stem>_trimmed_<ms>.<ext>
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.audio import sound
from jupyter_nodeapi.audio.cut import Cut, Outcome, Strategy
from jupyter_nodeapi.audio.cutters import flac, wav
from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.headers import covers
from jupyter_nodeapi.audio.reencode import reencode
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.audio.spec import TrimSpec
from jupyter_nodeapi.audio.times import Span, span_of
from jupyter_nodeapi.disk import atomic, owners, sessions
from jupyter_nodeapi.disk.roots import open_regular
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import TooLarge, Unprocessable, UnsupportedMedia
from jupyter_nodeapi.jobs.engines import Report

__all__ = ["STRATEGIES", "trim"]

_OVER_SECONDS = 0.1
_ROUNDING = 1  # samples that a change of rate may add


def _slice(cut: Cut) -> Outcome | None:
    """Copy the bytes of a WAV file, where a frame has a fixed size."""
    found = wav.parse(cut.fd) if cut.same and cut.spec.plain else None
    if found is None or found.frames != cut.source.frames:
        return None
    frames = wav.cut(cut.fd, found, cut.span, cut.part, cut.stopped)
    ended = frames != cut.span.frames
    return Outcome("wav", frames, found.rate, found.channels, "slice", True, True, clamped=ended)


def _through_soundfile(cut: Cut) -> Outcome | None:
    """Decode and write with libsndfile: every value kept, or not for us."""
    source, name = cut.source, cut.source.kind.name
    container = name if cut.same else cut.spec.format
    if not cut.spec.plain or container not in sound.CONTAINERS or source.codec in {"mp3", "aac"}:
        return None
    if container == "flac" and (source.floating or source.bits not in {8, 16, 24}):
        return None
    try:
        frames = sound.cut(cut.fd, cut.span, cut.part, container, cut.stopped)
    except Unprocessable:  # cut short: libsndfile gives up where FFmpeg gives what is there
        return None
    if container == "flac" and (cover := covers.read(cut.fd, source.kind)):
        flac.add_picture(cut.part, cover.block())
    copied = source.codec == "pcm" and container != "flac"
    extension = "wav" if container == "rf64" else container
    method = "slice" if copied else "reencode"
    ended = frames != cut.span.frames
    return Outcome(extension, frames, source.rate, source.channels, method, True, True, clamped=ended)


#: The cheapest exact strategy of each kind first; one that gives None leaves the cut to the next.
STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "wav": (_slice, _through_soundfile, reencode),
    "rf64": (_slice, _through_soundfile, reencode),
    "w64": (_through_soundfile, reencode),
    "aiff": (_through_soundfile, reencode),
    "au": (_through_soundfile, reencode),
    "caf": (_through_soundfile, reencode),
    "flac": (_through_soundfile, reencode),
    "mp3": (reencode,),
    "mp4": (reencode,),
    "ogg": (reencode,),
}


def trim(spec: dict[str, Any], report: Report, stopped: Callable[[], bool]) -> dict[str, Any]:
    """Make one cut.

    Parameters
    ----------
    spec : dict
        A :class:`~jupyter_nodeapi.audio.spec.TrimSpec` as plain data.
    report : Report
        Told how far the work is.
    stopped : callable
        Asked between blocks; true ends the work and leaves nothing behind.

    Returns
    -------
    dict
        The fields of the reply, ``filePath`` first.
    """
    order = msgspec.convert(spec, TrimSpec)
    fd, _ = open_regular(Path(order.path))
    try:
        return _trim(order, fd, report, stopped)
    finally:
        os.close(fd)


def _trim(spec: TrimSpec, fd: int, report: Report, stopped: Callable[[], bool]) -> dict[str, Any]:
    source = describe(fd, sniff(fd), spec.ffmpeg, stopped)
    span = span_of(spec.start, spec.end, source.rate, source.frames)
    _check_length(spec, span.frames, span.rate)
    folder = Path(spec.folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = atomic.sibling(folder / "part")
    try:
        outcome = _within_limit(Cut(fd, source, span, spec, str(part), report, stopped))
        size = part.stat().st_size
        Space(spec.reserve_bytes).require(part, 1)  # the result itself is on the disk already
        sessions.mark(part, spec.session)
        name = _publish(part, folder, spec, outcome.extension)
        owners.mark(folder / name, spec.owner)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return _reply(f"{spec.shown}/{name}", size, span, source, outcome)


def _check_length(spec: TrimSpec, frames: int | None, rate: int) -> None:
    most = spec.max_clip_seconds
    if most is not None and frames is not None and frames > most * rate:
        raise TooLarge(
            f"The clip is longer than {most:g} seconds.",
            code="clip_too_long",
            hint="Choose a shorter range.",
            limit=most,
        )


def _within_limit(cut: Cut) -> Outcome:
    """Cut to an end that nobody has counted no further than a little past the longest clip, then count."""
    most = cut.spec.max_clip_seconds
    if most is None or cut.span.last is not None:
        return _cut(cut)
    last = cut.span.first + round((most + _OVER_SECONDS) * cut.span.rate)
    outcome = replace(_cut(replace(cut, span=replace(cut.span, last=last))), clamped=False)
    _check_length(cut.spec, outcome.frames - _ROUNDING, outcome.rate)
    return outcome


def _cut(cut: Cut) -> Outcome:
    strategies = STRATEGIES.get(cut.source.kind.name, (reencode,))
    if cut.spec.mode == "reencode":
        return reencode(cut)
    if cut.spec.mode == "copy":
        strategies = (_slice, _copy_of_samples)
    for strategy in strategies:
        outcome = strategy(cut)
        if outcome is not None:
            return outcome
    raise UnsupportedMedia(
        "This cut cannot be made without encoding again.",
        hint="Use mode 'auto', without other options for 'copy'.",
    )


def _copy_of_samples(cut: Cut) -> Outcome | None:
    copies = cut.source.codec == "pcm" and cut.same
    return _through_soundfile(cut) if copies else None


def _publish(part: Path, folder: Path, spec: TrimSpec, extension: str) -> str:
    """Give a result its name: the millisecond of its making, or the next one that is free."""
    if spec.name:
        atomic.publish(part, folder / spec.name)
        return spec.name
    stamp = time.time_ns() // 1_000_000
    while True:
        name = f"{spec.stem}_trimmed_{stamp}.{extension}"
        try:
            atomic.publish(part, folder / name, replace=False)
        except FileExistsError:
            stamp += 1
        else:
            return name


def _reply(file_path: str, size: int, span: Span, source: Source, outcome: Outcome) -> dict[str, Any]:
    duration = outcome.frames / outcome.rate
    start = span.first / span.rate
    ended = outcome.clamped or (source.frames is None and span.last is None)
    whole = start + duration if ended else source.duration
    return {
        "filePath": file_path,
        "duration": round(duration, 6),
        "start": round(start, 6),
        "end": round(start + duration, 6),
        "sampleRate": outcome.rate,
        "channels": outcome.channels,
        "format": outcome.extension,
        "size": size,
        "method": outcome.method,
        "exact": outcome.exact,
        "lossless": outcome.lossless,
        "clamped": outcome.clamped or span.clamped,
        "sourceDuration": None if whole is None else round(whole, 6),
    }
