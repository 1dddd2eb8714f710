"""Decoded samples as they come out of FFmpeg, for formats that libsndfile does not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jupyter_nodeapi.audio import ffmpeg
from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.audio.source import Source

__all__ = ["looks", "stream"]

_LIMITS = Limits(1800, 1 << 20)
#: Interleaved int16 into the pipe, not a write for each packet.
_SAMPLES = ("-f", "s16le", "-c:a", "pcm_s16le", "-flush_packets", "0", "pipe:1")


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
            *_SAMPLES,
        ]
        ended = run(command, _LIMITS, stopped, fds=[number], on_output=take)
    if ended.code:
        raise ffmpeg.failure(ended.tail)


def looks(program: str, fd: int, source: Source, places: Sequence[int], size: int) -> bytes:
    """Decode ``size`` samples at each place with one child, which opens the file once a place.

    Parameters
    ----------
    program : str
        Path of FFmpeg.
    fd : int
        The open file.
    source : Source
        What it is.
    places : sequence of int
        Samples, ascending; each costs some milliseconds.
    size : int
        Samples a look; what is not there is silence.

    Returns
    -------
    bytes
        Interleaved little-endian int16, all looks one after another.
    """
    data = bytearray()
    with borrowed(fd) as (number, name):
        command = ffmpeg.opening(program, source.kind, name, seek=places[0] / source.rate)
        for place in places[1:]:
            command += ffmpeg.guarded(source.kind.demuxer, name, seek=place / source.rate)
        each = f"aformat=sample_fmts=s16,apad=whole_len={size},atrim=end_sample={size},asetpts=N/SR/TB"
        chains = [f"[{index}:a:0]{each}[l{index}]" for index in range(len(places))]
        inputs = "".join(f"[l{index}]" for index in range(len(places)))
        joined = f"{inputs}concat=n={len(places)}:v=0:a=1[all]"
        graph = ";".join([*chains, joined])
        command += ["-filter_complex", graph, "-map", "[all]", *_SAMPLES]
        ended = run(command, _LIMITS, lambda: False, fds=[number], on_output=data.extend)
    if ended.code:
        raise ffmpeg.failure(ended.tail)
    return bytes(data)
