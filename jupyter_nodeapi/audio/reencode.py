"""The cut that FFmpeg makes: every format, exact by a seek in two stages where that is known to be exact.

::

    start <= 1 s         decode from the beginning, count samples       (a seek to 0 hears the priming)
    an exact seeker      -ss start-1 before the input, -ss 1 after it   (the first second fills the decoder)
    any other, early     decode from the beginning, count samples
    any other, late      as the second, and the reply says exact: false
"""

from __future__ import annotations

import logging

from jupyter_nodeapi.audio import ffmpeg, locate, sound
from jupyter_nodeapi.audio.child import borrowed, run
from jupyter_nodeapi.audio.cut import Cut, Outcome
from jupyter_nodeapi.audio.formats import encoder
from jupyter_nodeapi.audio.measure import Measured, decoded_seconds, measure
from jupyter_nodeapi.audio.progress import Progress
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.audio.times import out_of_range

__all__ = ["EXACT_SEEKERS", "reencode"]

#: An encoder may be a few samples short; by this many seconds or more, the source itself has ended.
_SHORT = 0.05

log = logging.getLogger("jupyter_nodeapi.audio")

#: (container, codec) whose two-stage seek was bit-equal to a full decode in FFmpeg 5.1 and 9.0.
EXACT_SEEKERS = {
    ("flac", "flac"),
    ("mp3", "mp3"),
    ("mp4", "aac"),
    ("mp4", "alac"),
    ("adts", "aac"),
    ("ogg", "vorbis"),
    ("ogg", "opus"),
    *((kind, "pcm") for kind in ("wav", "rf64", "w64", "aiff", "au", "caf")),
}


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
    chosen, sure, seek = _range(cut)
    rate, channels = cut.spec.sample_rate or cut.span.rate, cut.spec.channels or cut.source.channels
    arguments = [*chosen, *_shape(cut), *encoder(cut.form, cut.source, cut.spec.bitrate, rate, channels)]
    progress = Progress(cut.span.frames, cut.span.rate, cut.report)
    with borrowed(cut.fd) as (number, name):
        command = [
            *ffmpeg.opening(program, cut.source.kind, name, seek=seek),
            *("-progress", "pipe:1", "-stats_period", "0.25"),
            *ffmpeg.output(cut.part, cut.form.muxer, arguments, cut.limits.size),
        ]
        ended = run(command, cut.limits, cut.stopped, fds=[number], on_output=progress.feed)
    if ended.code:
        log.warning("FFmpeg ended with %d: %s", ended.code, ended.tail.strip())
        raise ffmpeg.failure(ended.tail)
    return _outcome(cut, program, sure)


def _range(cut: Cut) -> tuple[list[str], bool, float]:
    """Give the arguments that choose the samples, whether they are exact, and the input's seek."""
    span, spec = cut.span, cut.spec
    start = span.first / span.rate
    exact_seek = _exactly_sought(cut.source)
    if start <= 1 or (not exact_seek and start <= spec.exact_decode_seconds):
        end = "" if span.last is None else f":end_sample={span.last}"
        return ["-af", f"atrim=start_sample={span.first}{end},asetpts=PTS-STARTPTS"], True, 0.0
    length = [] if span.frames is None else ["-t", f"{span.frames / span.rate:.6f}"]
    return ["-ss", f"{1:.6f}", *length], exact_seek, start - 1


def _exactly_sought(source: Source) -> bool:
    """Tell whether a seek is exact; in Ogg one past an unknown end would land anywhere."""
    known = source.kind.name != "ogg" or source.frames is not None
    return known and (source.kind.name, source.codec) in EXACT_SEEKERS and not source.profile


def _shape(cut: Cut) -> list[str]:
    rate = ["-ar", str(cut.spec.sample_rate)] if cut.spec.sample_rate else []
    return [*rate, "-ac", str(cut.spec.channels)] if cut.spec.channels else rate


def _outcome(cut: Cut, program: str, sure: bool) -> Outcome:
    found = measure(cut.part, cut.form)
    if found is None or not found.frames:
        raise _nothing(cut, program)
    rate = cut.spec.sample_rate or cut.span.rate
    wanted = None if cut.span.frames is None else _scaled(cut.span.frames, rate, found)
    ended = wanted is not None and wanted - found.frames > (found.rate * _SHORT if cut.source.frames else 0)
    return Outcome(
        extension=cut.form.name,
        frames=found.frames,
        rate=found.rate,
        channels=found.channels,
        method="reencode",
        exact=sure and (wanted is None or found.frames == wanted or ended),
        lossless=_lossless(cut),
        clamped=ended,
    )


def _scaled(frames: int, rate: int, found: Measured) -> int:
    """Give how many samples the result must have at its own rate (Opus is always 48 kHz)."""
    return round(frames * found.rate / rate) if found.rate != rate else frames


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
