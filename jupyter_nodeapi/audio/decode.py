"""Decoded samples as they come out of FFmpeg, for formats that libsndfile does not read."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_nodeapi.audio import ffmpeg
from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.audio.source import Source

__all__ = ["stream"]

_LIMITS = Limits(1800, 1 << 20)


def stream(
    program: str,
    fd: int,
    source: Source,
    take: Callable[[bytes], object],
    stopped: Callable[[], bool],
    *,
    seek: float = 0.0,
    filters: str = "",
) -> None:
    """Decode a sound to interleaved little-endian int16 at its own rate and channels.

    Parameters
    ----------
    program : str
        Path of FFmpeg.
    fd : int
        The open file.
    source : Source
        What it is.
    take : callable
        Gets the bytes, cut anywhere.
    stopped : callable
        True ends the child.
    seek, filters : float, str
        Where to begin, and what to do with the samples.

    Raises
    ------
    NodeApiError
        As :func:`~jupyter_nodeapi.audio.ffmpeg.failure` says.
    """
    shape = ["-af", filters] if filters else []
    with borrowed(fd) as (number, name):
        command = [
            *ffmpeg.opening(program, source.kind, name, seek=seek),
            *("-map", "0:a:0", *shape, "-ac", str(source.channels), "-ar", str(source.rate)),
            *("-f", "s16le", "-c:a", "pcm_s16le", "pipe:1"),
        ]
        ended = run(command, _LIMITS, stopped, fds=[number], on_output=take)
    if ended.code:
        raise ffmpeg.failure(ended.tail)
