"""What is told about a sound."""

from __future__ import annotations

from jupyter_nodeapi.audio.schemas import InfoReply
from jupyter_nodeapi.audio.source import Source

__all__ = ["info_of"]


def info_of(file_path: str, source: Source, size: int, tags: dict[str, str]) -> InfoReply:
    """Say what a sound is, and whether its duration was counted or only told.

    Parameters
    ----------
    file_path : str
        As the client names it.
    source : Source
        What we know.
    size : int
        Bytes of the file.
    tags : dict of str
        Its text tags.
    """
    return InfoReply(
        file_path=file_path,
        format=source.kind.name,
        codec=source.codec,
        duration=source.told_seconds if source.duration is None else round(source.duration, 6),
        duration_exact=source.duration is not None,
        frames=source.frames,
        sample_rate=source.rate,
        channels=source.channels,
        bit_depth=source.bits if source.lossless else None,
        bitrate=None if source.lossless or not source.bitrate else source.bitrate,
        lossless=source.lossless,
        size=size,
        tags=tags,
    )
