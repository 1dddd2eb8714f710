"""What a trim can be saved as, and how FFmpeg is told to encode it.

``same`` is resolved from the source's codec: a lossy source stays in its family at its own
bitrate or above, a lossless one stays lossless at its own depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jupyter_nodeapi.audio.source import Source

__all__ = ["FORMATS", "Format", "Shape", "encoder", "same_format"]

_SAME = {
    "mp3": "mp3",
    "mp2": "mp3",
    "mp1": "mp3",
    "aac": "m4a",
    "alac": "m4a",
    "vorbis": "ogg",
    "opus": "opus",
    "flac": "flac",
    "wavpack": "flac",
    "ape": "flac",
    "tta": "flac",
    "tak": "flac",
}


@dataclass(frozen=True, slots=True)
class Format:
    """A container we write: ``muxer`` and ``codec`` are FFmpeg's words.

    ``per_channel`` is a good bitrate and ``highest`` the most, in bits a second; ``rates`` are the sample
    rates that the encoder takes, empty for any.
    """

    name: str
    muxer: str
    codec: str
    per_channel: int = 0
    highest: int = 0
    rates: tuple[int, ...] = ()
    most_channels: int = 8

    @property
    def lossy(self) -> bool:
        """Whether the encoder throws anything away."""
        return self.per_channel > 0

    def rate_for(self, rate: int) -> int:
        """Give the nearest rate that the encoder takes and that loses nothing of `rate`."""
        return next((one for one in self.rates if one >= rate), self.rates[-1]) if self.rates else rate


_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_RATES = (*_MP3_RATES, 64000, 88200, 96000)

FORMATS = {
    form.name: form
    for form in (
        Format("wav", "wav", "pcm"),
        Format("flac", "flac", "flac"),
        Format("mp3", "mp3", "libmp3lame", 96_000, 320_000, _MP3_RATES, most_channels=2),
        Format("m4a", "ipod", "aac", 96_000, 288_000, _AAC_RATES),
        Format("ogg", "ogg", "libvorbis", 80_000),
        Format("opus", "ogg", "libopus", 80_000, 256_000, (48000,)),
    )
}


class Shape(Protocol):
    """Anything that has a rate and channels."""

    @property
    def rate(self) -> int:
        """Samples a second."""

    @property
    def channels(self) -> int:
        """How many."""


_QUALITIES = ((80_000, 5), (96_000, 6), (112_000, 7), (128_000, 8), (160_000, 9))
_MP3_HIGHEST = ((32000, 320_000), (16000, 160_000), (0, 64_000))


def same_format(source: Source) -> Format:
    """Give the format that ``same`` means for a source.

    Parameters
    ----------
    source : Source
        What is trimmed.
    """
    if source.codec.startswith("pcm") or source.codec.startswith("adpcm"):
        return FORMATS["wav"]
    return FORMATS[_SAME.get(source.codec, "m4a")]


def encoder(form: Format, source: Source, bitrate: int | None, shape: Shape) -> list[str]:
    """Give FFmpeg's arguments that choose and set the encoder.

    Parameters
    ----------
    form : Format
        What is written.
    source : Source
        What is read: its bitrate is the floor, its depth is kept.
    bitrate : int or None
        Bits a second that the caller asked for.
    shape : Shape
        Rate and channels of the result.
    """
    if form.name == "wav":
        return ["-c:a", f"pcm_{_pcm(source)}", "-rf64", "auto"]
    if form.name == "flac":
        return ["-c:a", "flac", "-sample_fmt", "s32" if source.bits > 16 else "s16"]
    if form.name == "m4a" and source.codec == "alac" and bitrate is None:
        return ["-c:a", "alac", "-sample_fmt", "s32p" if source.bits > 16 else "s16p"]
    if form.name == "ogg" and bitrate is None:
        return ["-c:a", "libvorbis", "-q:a", str(_quality(source))]
    wanted = bitrate or max(source.bitrate, form.per_channel * shape.channels)
    least, most = _bounds(form, shape)
    return ["-c:a", form.codec, "-b:a", str(max(least, min(wanted, most)))]


def _bounds(form: Format, shape: Shape) -> tuple[int, int]:
    """Give the least and the most bits a second that an encoder takes at a rate."""
    if form.name == "mp3":
        return 8000, next(most for least, most in _MP3_HIGHEST if shape.rate >= least)
    if form.name == "ogg":
        return shape.channels * shape.rate * 3 // 4, shape.channels * shape.rate * 4
    return 6000 * shape.channels, min(form.highest, 6 * shape.rate) * shape.channels


def _quality(source: Source) -> int:
    """Give the Vorbis quality whose usual bitrate is at least the source's (5 is 80 kb/s a channel)."""
    bitrate = source.bitrate // source.channels
    return next((quality for most, quality in _QUALITIES if bitrate <= most), 10)


def _pcm(source: Source) -> str:
    if source.floating:
        return "f64le" if source.bits > 32 else "f32le"
    return {8: "u8", 24: "s24le", 32: "s32le"}.get(source.bits, "s16le")
