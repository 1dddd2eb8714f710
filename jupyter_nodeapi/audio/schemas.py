"""What the audio routes take and give, by the names of the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_nodeapi.audio.spec import FormatName, Mode, Normalize

__all__ = [
    "InfoQuery",
    "InfoReply",
    "PeaksQuery",
    "PeaksReply",
    "PreviewQuery",
    "TrimReply",
    "TrimRequest",
    "TrimStarted",
]

Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class TrimRequest(msgspec.Struct, rename="camel", kw_only=True):
    """A cut to make.

    Parameters
    ----------
    file_path : str
        The source, ``/temp/...``.
    start, end : float or str
        Seconds or ``[[HH:]MM:]SS[.mmm]``; ``end`` null is the end of the file.
    session_id : str
        Whose quota the result counts for; without it that of the source's session.
    background : bool
        Reply at once with the id of a job.
    """

    file_path: str
    start: float | str = 0.0
    end: float | str | None = None
    session_id: str = ""
    format: FormatName = "same"
    mode: Mode = "auto"
    bitrate: Annotated[int, msgspec.Meta(ge=8_000, le=1_000_000)] | None = None
    sample_rate: Annotated[int, msgspec.Meta(ge=8_000, le=192_000)] | None = None
    channels: Annotated[int, msgspec.Meta(ge=1, le=8)] | None = None
    fade_in: Seconds = 0.0
    fade_out: Seconds = 0.0
    normalize: Normalize = False
    background: bool = False


class TrimReply(msgspec.Struct, rename="camel", kw_only=True):
    """A finished cut; what is beyond ``success`` and ``filePath`` tells what was done, truly."""

    success: bool = True
    file_path: str
    duration: float
    start: float
    end: float
    sample_rate: int
    channels: int
    format: str
    size: int
    method: str
    exact: bool
    lossless: bool
    clamped: bool
    source_duration: float | None


class TrimStarted(msgspec.Struct, kw_only=True):
    """A cut that goes on in the background, on ``/api/downloads/status/<job_id>``."""

    success: bool = True
    job_id: str


class InfoQuery(msgspec.Struct, rename="camel", kw_only=True):
    """Which sound to describe."""

    file_path: str


class InfoReply(msgspec.Struct, rename="camel", kw_only=True):
    """What a sound is.

    Parameters
    ----------
    format : str
        The container, by the file's bytes.
    duration : float or None
        Seconds; None when only decoding would tell.
    duration_exact : bool
        The duration was counted in samples, not taken from the container's word.
    bit_depth : int or None
        Bits a sample, of lossless sources.
    bitrate : int or None
        Bits a second, of lossy sources.
    """

    file_path: str
    format: str
    codec: str
    duration: float | None
    duration_exact: bool
    frames: int | None
    sample_rate: int
    channels: int
    bit_depth: int | None
    bitrate: int | None
    lossless: bool
    size: int
    tags: dict[str, str]


class PreviewQuery(msgspec.Struct, rename="camel", kw_only=True):
    """What to listen to before it is cut; times as in a trim."""

    file_path: str
    start: str = "0"
    end: str | None = None


class PeaksQuery(msgspec.Struct, rename="camel", kw_only=True):
    """Which picture to draw: ``bins`` columns of the range."""

    file_path: str
    bins: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 1000
    start: str = "0"
    end: str | None = None


class PeaksReply(msgspec.Struct, rename="camel", kw_only=True):
    """Lowest and highest sample of each column over all channels, in [-1, 1].

    Parameters
    ----------
    quality : str
        ``exact``, or ``preview``: sampled here and there, the exact one is being made.
    """

    sample_rate: int
    start: float
    end: float
    bins: int
    quality: str
    min: list[float]
    max: list[float]
