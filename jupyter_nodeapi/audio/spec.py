"""What the work of a trim is told: plain data, so that it can run in a thread here or on another machine."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = ["FormatName", "Loudness", "Mode", "Normalize", "TrimSpec"]

FormatName = Literal["same", "wav", "flac", "mp3", "m4a", "ogg", "opus"]
Mode = Literal["auto", "copy", "reencode"]


class Loudness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A target of integrated loudness.

    Parameters
    ----------
    lufs : float
        In LUFS (EBU R 128), -70 to -1.
    """

    lufs: Annotated[float, msgspec.Meta(ge=-70, le=-1)]


Normalize = Literal["peak"] | Loudness | bool


class TrimSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One cut, resolved: paths are absolute, times are seconds, nothing of it is secret.

    Parameters
    ----------
    path, folder, shown : str
        The source, the folder of results, and how clients name that folder.
    stem : str
        What the result's name begins with.
    start, end : float
        Seconds; ``end`` None is the end of the file.
    owner : str
        Whose the result is, on a server that several users share.
    session : str
        The name of the session's folder whose quota the result counts for, empty for none.
    name : str
        The result's whole name, for a cache; empty: a new name of ``stem`` and time.
    """

    path: str
    folder: str
    shown: str
    stem: str
    start: float
    end: float | None = None
    format: FormatName = "same"
    mode: Mode = "auto"
    bitrate: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    fade_in: float = 0.0
    fade_out: float = 0.0
    normalize: Normalize = False
    ffmpeg: str = ""
    timeout_seconds: float = 600.0
    max_clip_seconds: float | None = None
    exact_decode_seconds: float = 600.0
    reserve_bytes: int | None = None
    owner: str = ""
    session: str = ""
    name: str = ""

    @property
    def plain(self) -> bool:
        """Whether samples stay as they are: no filter, no other rate, no other channels."""
        return not (
            self.fade_in
            or self.fade_out
            or self.normalize
            or self.sample_rate
            or self.channels
            or self.bitrate
        )
