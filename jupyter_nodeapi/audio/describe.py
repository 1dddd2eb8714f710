"""What a sound is: by libsndfile where it counts right, by our own headers, else by FFmpeg's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jupyter_nodeapi.audio import ffmpeg, locate, sound
from jupyter_nodeapi.audio.child import Limits
from jupyter_nodeapi.audio.cutters import wav
from jupyter_nodeapi.audio.headers import adts, matroska, mp3, mp4, ogg
from jupyter_nodeapi.audio.headers.id3 import end_of_tags
from jupyter_nodeapi.audio.kinds import Kind
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.errors import Unprocessable, UnsupportedMedia

__all__ = ["describe"]

_LIMITS = Limits(30, 1 << 20)
#: Up to this rate AAC may be doubled by SBR that its header does not mention: only a decoder knows.
_SBR_RATE = 24000


def describe(fd: int, kind: Kind, configured: str, stopped: Callable[[], bool]) -> Source:
    """Describe an open sound file.

    Parameters
    ----------
    fd : int
        A regular file; its position is moved.
    kind : Kind
        What it is by its bytes.
    configured : str
        The trait ``Audio.ffmpeg``, should FFmpeg have to be asked.
    stopped : callable
        True ends a child process.

    Raises
    ------
    Unprocessable
        ``no_audio_stream`` or ``corrupt_file``.
    FFmpegMissing
        Only FFmpeg could tell, and there is none.
    """
    reader = _READERS.get(kind.name, _sndfile if kind.sndfile else None)
    source = reader(fd, kind) if reader else None
    return source or _heard(fd, kind, configured, stopped)


def _heard(fd: int, kind: Kind, configured: str, stopped: Callable[[], bool]) -> Source:
    heard = ffmpeg.describe(locate.find(configured), fd, kind, _LIMITS, stopped)
    codec = next((name for name in ("pcm", "adpcm") if heard.codec.startswith(name)), heard.codec)
    profile = "he-aac" if "he-aac" in heard.profile else ""
    shape = (codec, heard.rate, heard.channels, None)
    source = Source(kind, *shape, bitrate=heard.bitrate, profile=profile, told_seconds=heard.seconds)
    # A lossy codec has no depth of its own: its decoder's floats are not a format to be kept.
    return replace(source, bits=heard.bits, floating=heard.floating) if source.lossless else source


def _wav(fd: int, kind: Kind) -> Source | None:
    """Read the head of a plain file by ourselves; anything odd about it is libsndfile's."""
    found = wav.parse(fd)
    if found is None or not found.whole or not found.frames:
        return _sndfile(fd, kind)
    bits = found.align // found.channels * 8
    if bits not in _WAV_BITS[found.tag]:
        return _sndfile(fd, kind)
    depth = bits if found.tag in {1, 3} else 16
    return Source(kind, "pcm", found.rate, found.channels, found.frames, depth, found.tag == 3)


def _sndfile(fd: int, kind: Kind) -> Source | None:
    try:
        return sound.describe(fd, kind)
    except Unprocessable:
        if kind.name not in {"aiff", "caf"}:  # these two may hold codecs that only FFmpeg knows
            raise
        return None


def _mp3(fd: int, kind: Kind) -> Source | None:
    stream = mp3.parse(fd, end_of_tags(fd))
    if stream is None:
        return None
    if stream.mixed:
        raise _mixed()
    shape = (stream.codec, stream.rate, stream.channels, stream.frames)
    source = Source(kind, *shape, bitrate=stream.bitrate, joined=stream.joined)
    return replace(source, told_seconds=stream.told_seconds)


def _adts(fd: int, kind: Kind) -> Source | None:
    stream = adts.parse(fd, end_of_tags(fd))
    if stream is None or stream.rate <= _SBR_RATE or not stream.channels:
        return None
    return Source(kind, "aac", stream.rate, stream.channels, stream.frames, bitrate=stream.bitrate)


def _ogg(fd: int, kind: Kind) -> Source | None:
    stream = ogg.parse(fd)
    if stream is None:
        return None
    if stream.mixed:
        raise _mixed()
    shape = (stream.codec, stream.rate, stream.channels, stream.frames, stream.bits)
    return Source(kind, *shape, bitrate=stream.bitrate, joined=stream.joined)


def _mixed() -> UnsupportedMedia:
    return UnsupportedMedia(
        "This file is several sounds one after another, of different rates or channels.",
        hint="Convert it as a whole first: ffmpeg -i <file> -ar 48000 -ac 2 whole.flac",
    )


def _matroska(fd: int, kind: Kind) -> Source | None:
    seen, track = matroska.parse(fd)
    if track is None and seen:
        raise ffmpeg.failure("matches no streams")
    if track is None or track.codec == "unknown" or not track.channels or not track.rate:
        return None
    if track.codec == "aac" and track.rate <= 2 * _SBR_RATE:
        return None
    source = Source(kind, track.codec, track.rate, track.channels, None, told_seconds=track.seconds)
    return replace(source, bits=track.bits, floating=track.floating) if source.lossless else source


def _mp4(fd: int, kind: Kind) -> Source | None:
    try:
        track = mp4.parse(fd)
    except ValueError:
        raise sound.damaged() from None
    if track is None:
        raise ffmpeg.failure("matches no streams")
    if track.codec == "encrypted":
        raise UnsupportedMedia("This file is encrypted (DRM) and cannot be cut.")
    if not track.simple or track.codec == "unknown" or not track.rate or not track.channels:
        return None
    if track.codec == "aac" and (track.profile or track.rate <= _SBR_RATE):
        return None
    shape = (track.codec, track.rate, track.channels, track.frames, track.bits or 16)
    return Source(kind, *shape, bitrate=track.bitrate)


#: By the tag of ``fmt_``: integers, floats, A-law and mu-law.
_WAV_BITS = {1: {8, 16, 24, 32}, 3: {32, 64}, 6: {8}, 7: {8}}
_READERS: dict[str, Callable[[int, Kind], Source | None]] = {
    "wav": _wav,
    "mp3": _mp3,
    "adts": _adts,
    "ogg": _ogg,
    "matroska": _matroska,
    "mp4": _mp4,
}
