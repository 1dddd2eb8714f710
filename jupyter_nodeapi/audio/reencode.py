"""The cut that FFmpeg makes: decoded, filtered, encoded, and then counted."""

from __future__ import annotations

import logging
from dataclasses import replace

from jupyter_nodeapi.audio import ffmpeg, locate, sound
from jupyter_nodeapi.audio.carried import along
from jupyter_nodeapi.audio.chain import Chain, chain_of, frames_out
from jupyter_nodeapi.audio.child import borrowed, run
from jupyter_nodeapi.audio.cut import Cut, Outcome
from jupyter_nodeapi.audio.formats import encoder
from jupyter_nodeapi.audio.headers import covers
from jupyter_nodeapi.audio.loudness import gain_filter
from jupyter_nodeapi.audio.measure import decoded_seconds, measure
from jupyter_nodeapi.audio.progress import Progress
from jupyter_nodeapi.audio.repair import shorten
from jupyter_nodeapi.audio.times import out_of_range, span_of

__all__ = ["reencode"]

#: An encoder may be a few samples short; by this many seconds or more, the source itself has ended.
_SHORT = 0.05

log = logging.getLogger("jupyter_nodeapi.audio")


def reencode(cut: Cut) -> Outcome:
    """Cut by decoding and encoding.

    Parameters
    ----------
    cut : Cut
        The cut in hand.

    Raises
    ------
    FFmpegMissing
        There is none.
    Unprocessable
        ``corrupt_file``, ``no_audio_stream``, or ``out_of_range`` where only decoding could tell.
    """
    program = locate.find(cut.spec.ffmpeg)
    cover = covers.read(cut.fd, cut.source.kind)
    if cut.spec.fade_out and cut.source.frames is None:
        cut = _settled(cut, program)
    chain = chain_of(cut)
    filters = [*chain.filters, *gain_filter(cut, program, chain)]
    arguments = ["-af", ",".join(filters), *encoder(cut.form, cut.source, cut.spec.bitrate, chain)]
    size = cut.limits.size + (2 * len(cover.data) if cover else 0)
    progress = Progress(cut.span.frames, cut.span.rate, cut.report)
    with borrowed(cut.fd) as (number, name), along(cover, cut.form) as more:
        command = [
            *ffmpeg.opening(program, cut.source.kind, name, seek=chain.seek),
            *more.inputs,
            *("-progress", "pipe:1", "-stats_period", "0.25"),
            *ffmpeg.output(cut.source.kind, cut.part, cut.form.muxer, [*arguments, *more.outputs], size),
        ]
        ended = run(command, cut.limits, cut.stopped, fds=[number, *more.fds], on_output=progress.feed)
    if ended.code:
        log.warning("FFmpeg ended with %d: %s", ended.code, ended.tail.strip())
        raise ffmpeg.failure(ended.tail)
    return _outcome(cut, program, chain)


def _settled(cut: Cut, program: str) -> Cut:
    """Find the end by decoding, where something is to happen just before it."""
    seconds = decoded_seconds(program, cut.fd, cut.source.kind, cut.limits, cut.stopped)
    if not seconds:
        raise sound.damaged()
    rate = cut.span.rate
    return replace(cut, span=span_of(cut.spec.start, cut.spec.end, rate, round(seconds * rate)))


def _outcome(cut: Cut, program: str, chain: Chain) -> Outcome:
    found = measure(cut.part, cut.form)
    if found is None or not found.frames:
        raise _nothing(cut, program)
    wanted = frames_out(cut, found.rate)
    if wanted is not None and found.frames > wanted and shorten(cut.part, cut.form, found.frames - wanted):
        found = replace(found, frames=wanted)
    ended = wanted is not None and wanted - found.frames > (found.rate * _SHORT if cut.source.frames else 0)
    return Outcome(
        extension=cut.form.name,
        frames=found.frames,
        rate=found.rate,
        channels=found.channels,
        method="reencode",
        exact=chain.exact and (wanted is None or found.frames == wanted or ended),
        lossless=_lossless(cut),
        clamped=ended,
    )


def _lossless(cut: Cut) -> bool:
    kept = cut.form.name != "flac" or (cut.source.bits <= 24 and not cut.source.floating)
    alac = cut.form.name == "m4a" and cut.source.codec == "alac" and cut.spec.bitrate is None
    return cut.source.lossless and cut.spec.plain and kept and (alac or not cut.form.lossy)


def _nothing(cut: Cut, program: str) -> Exception:
    """Say why a run without an error gave no sample: past the end, or nothing can be decoded."""
    seconds = decoded_seconds(program, cut.fd, cut.source.kind, cut.limits, cut.stopped)
    if seconds and cut.spec.start >= seconds - 0.001:
        return out_of_range(seconds)
    return sound.damaged()
