"""What a trim can be saved as, and how FFmpeg is told to encode it.

``same`` is resolved from the source's codec: a lossy source stays in its family at its own
bitrate or above, a lossless one stays lossless at its own depth.
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_nodeapi.audio.source import Source

__all__ = ["FORMATS", "Format", "encoder", "same_format"]

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
    """A container we write: ``muxer`` is FFmpeg's word, ``per_channel`` a good bitrate (bits a second)."""

    name: str
    muxer: str
    codec: str
    per_channel: int = 0
    highest: int = 0

    @property
    def lossy(self) -> bool:
        """Whether the encoder throws anything away."""
        return self.per_channel > 0


FORMATS = {
    form.name: form
    for form in (
        Format("wav", "wav", "pcm"),
        Format("flac", "flac", "flac"),
        Format("mp3", "mp3", "libmp3lame", 96_000, 320_000),
        Format("m4a", "ipod", "aac", 96_000, 1_000_000),
        Format("ogg", "ogg", "libvorbis", 80_000, 500_000),
        Format("opus", "ogg", "libopus", 80_000, 256_000),
    )
}

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


def encoder(form: Format, source: Source, bitrate: int | None, rate: int, channels: int) -> list[str]:
    """Give FFmpeg's arguments that choose and set the encoder.

    Parameters
    ----------
    form : Format
        What is written.
    source : Source
        What is read: its bitrate is the floor, its depth is kept.
    bitrate : int or None
        Bits a second that the caller asked for.
    rate, channels : int
        Of the result.
    """
    if form.name == "wav":
        return ["-c:a", f"pcm_{_pcm(source)}", "-rf64", "auto"]
    if form.name == "flac":
        return ["-c:a", "flac", "-sample_fmt", "s32" if source.bits > 16 else "s16"]
    if form.name == "m4a" and source.codec == "alac" and bitrate is None:
        return ["-c:a", "alac", "-sample_fmt", "s32p" if source.bits > 16 else "s16p"]
    wanted = bitrate or max(source.bitrate, form.per_channel * channels)
    highest = form.highest if form.name == "mp3" else form.highest * max(1, channels)
    if form.name == "mp3":
        highest = next(most for least, most in _MP3_HIGHEST if rate >= least)
    arguments = ["-c:a", form.codec, "-b:a", str(min(wanted, highest))]
    return [*arguments, "-write_xing", "1"] if form.name == "mp3" else arguments


def _pcm(source: Source) -> str:
    if source.floating:
        return "f64le" if source.bits > 32 else "f32le"
    return {8: "u8", 24: "s24le", 32: "s32le"}.get(source.bits, "s16le")
