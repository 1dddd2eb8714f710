"""What a sound is: by libsndfile where it counts right, by our own headers, else by FFmpeg's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jupyter_nodeapi.audio import ffmpeg, sound
from jupyter_nodeapi.audio.child import Limits
from jupyter_nodeapi.audio.headers import mp4, ogg
from jupyter_nodeapi.audio.kinds import Kind
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.errors import Unprocessable, UnsupportedMedia

__all__ = ["describe"]

_LIMITS = Limits(30, 1 << 20)


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
    if kind.sndfile:
        try:
            return sound.describe(fd, kind)
        except Unprocessable:
            if kind.name not in {"aiff", "caf"}:  # these two may hold codecs that only FFmpeg knows
                raise
    if kind.name == "mp4" and (source := _movie(fd, kind)) is not None:
        return source
    if kind.name == "ogg" and (stream := ogg.parse(fd)) is not None:
        return Source(
            kind,
            stream.codec,
            stream.rate,
            stream.channels,
            stream.frames,
            stream.bits,
            bitrate=stream.bitrate,
        )
    heard = ffmpeg.describe(ffmpeg.find(configured), fd, kind, _LIMITS, stopped)
    codec = next((name for name in ("pcm", "adpcm") if heard.codec.startswith(name)), heard.codec)
    profile = "he-aac" if "he-aac" in heard.profile else ""
    source = Source(kind, codec, heard.rate, heard.channels, None, bitrate=heard.bitrate, profile=profile)
    # A lossy codec has no depth of its own: its decoder's floats are not a format to be kept.
    return replace(source, bits=heard.bits, floating=heard.floating) if source.lossless else source


def _movie(fd: int, kind: Kind) -> Source | None:
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
    return Source(
        kind,
        track.codec,
        track.rate,
        track.channels,
        track.frames,
        track.bits or 16,
        False,
        track.bitrate,
        track.profile,
    )
