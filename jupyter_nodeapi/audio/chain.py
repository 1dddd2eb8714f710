"""The filters of a cut, in their order: range, fades, shape, gain, length.

::

    COUNT   no seek; count samples from the beginning
    SEEK    seek to start - 1 before the input, drop that second, which fills the decoder

    start <= 1 s                COUNT                            (a seek to 0 hears the priming)
    an exact seeker             SEEK
    streams that are joined     COUNT                            (a seek would land anywhere)
    any other, early            COUNT
    any other, late             SEEK, and the reply says exact: false
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_nodeapi.audio.cut import Cut
from jupyter_nodeapi.audio.source import Source

__all__ = ["EXACT_SEEKERS", "Chain", "chain_of", "frames_out", "selection"]

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
_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


@dataclass(frozen=True, slots=True)
class Chain:
    """What FFmpeg does to the samples.

    Parameters
    ----------
    seek : float
        Seconds to seek in the input before decoding, 0 for none.
    filters : tuple of str
        In order, without the gain.
    exact : bool
        The range is exact to the sample.
    rate, channels : int
        What comes out.
    """

    seek: float
    filters: tuple[str, ...]
    exact: bool
    rate: int
    channels: int


def chain_of(cut: Cut) -> Chain:
    """Give the filters of a cut.

    Parameters
    ----------
    cut : Cut
        The cut in hand; where it fades out, the end of its span is known.
    """
    seek, select, exact = selection(cut.source, cut.span.first, cut.span.last, cut.spec.exact_decode_seconds)
    rate = cut.form.rate_for(cut.spec.sample_rate or cut.source.rate)
    channels = min(cut.spec.channels or cut.source.channels, cut.form.most_channels)
    filters = (*select, *_fades(cut), *_shape(cut, rate, channels))
    return Chain(seek, filters, exact, rate, channels)


def frames_out(cut: Cut, rate: int) -> int | None:
    """Give how many samples the result has at its own rate, None up to an unknown end.

    Parameters
    ----------
    cut : Cut
        The cut in hand.
    rate : int
        Of the result.
    """
    frames = cut.span.frames
    return None if frames is None else max(1, round(frames * rate / cut.span.rate))


def selection(
    source: Source, first: int, last: int | None, decode_seconds: float = 600.0
) -> tuple[float, list[str], bool]:
    """Give how FFmpeg comes to a range: the input's seek, the filters, and whether that is exact.

    Parameters
    ----------
    source : Source
        What is read.
    first, last : int
        The range in samples, ``last`` None up to the end.
    decode_seconds : float
        How late a range may begin that is found by decoding from the beginning.
    """
    start = first / source.rate
    seekable = _exactly_sought(source)
    if start <= 1 or source.joined or (not seekable and start <= decode_seconds):
        end = "" if last is None else f":end_sample={last}"
        return 0.0, [f"atrim=start_sample={first}{end}", "asetpts=PTS-STARTPTS"], True
    length = [] if last is None else [f"atrim=end_sample={last - first}"]
    return start - 1, [f"atrim=start={1:.6f}", "asetpts=PTS-STARTPTS", *length], seekable


def _exactly_sought(source: Source) -> bool:
    """Tell whether a seek is exact; in Ogg one past an unknown end would land anywhere."""
    known = source.kind.name != "ogg" or source.frames is not None
    return known and (source.kind.name, source.codec) in EXACT_SEEKERS and not source.profile


def _fades(cut: Cut) -> list[str]:
    fades = []
    if cut.spec.fade_in:
        fades.append(f"afade=t=in:d={cut.spec.fade_in:.6f}")
    if cut.spec.fade_out and cut.span.frames is not None:
        seconds = cut.span.frames / cut.span.rate
        length = min(cut.spec.fade_out, seconds)
        fades.append(f"afade=t=out:st={seconds - length:.6f}:d={length:.6f}")
    return fades


def _shape(cut: Cut, rate: int, channels: int) -> list[str]:
    """Resample and mix where asked; a resampler's own tail is cut or filled to the right length."""
    wanted = []
    if rate != cut.source.rate:
        wanted.append(f"sample_rates={rate}")
    if channels != cut.source.channels or channels > 2:
        wanted.append(f"channel_layouts={_LAYOUTS.get(channels, f'{channels}c')}")
    if not wanted:
        return []
    frames = frames_out(cut, rate)
    if frames is None or cut.source.frames is None:
        return [f"aformat={':'.join(wanted)}"]
    return [f"aformat={':'.join(wanted)}", f"apad=whole_len={frames}", f"atrim=end_sample={frames}"]
