"""What this server is, can do, and allows: the reply of ``/api/nodeapi``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import msgspec

from jupyter_nodeapi import __version__
from jupyter_nodeapi.audio.service import Audio
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.files.library import Library
from jupyter_nodeapi.jobs.runner import Jobs
from jupyter_nodeapi.models.service import Models
from jupyter_nodeapi.uploads.service import Uploads

__all__ = ["About", "AboutReply"]

_INSTALL_FFMPEG = "pip install 'jupyter_nodeapi[ffmpeg]'"


class FFmpegReply(msgspec.Struct, kw_only=True):
    """Whether FFmpeg is there; never where."""

    found: bool
    source: str | None = None
    version: str | None = None
    hint: str | None = None


class DiskReply(msgspec.Struct, kw_only=True):
    """Free bytes under the data folder, and how many of them are never used up."""

    free: int
    reserve: int


class RegistryReply(msgspec.Struct, kw_only=True):
    """How many models are known, and what is wrong with those that are not."""

    models: int
    diagnostics: list[dict[str, Any]]


class SharingReply(msgspec.Struct, kw_only=True):
    """What keeps some users of a shared models folder from installing; the command against it names paths."""

    message: str
    hint: str = "`jupyter nodeapi doctor`, run on the server, prints the command that puts it right."


class AboutReply(msgspec.Struct, kw_only=True):
    """The reply of ``/api/nodeapi``."""

    version: str
    capabilities: list[str]
    limits: dict[str, int | float | None]
    ffmpeg: FFmpegReply
    disk: DiskReply
    registry: RegistryReply
    sharing: list[SharingReply]


class House(Protocol):
    """The app, as far as this page looks at it."""

    data_dir: str
    threads: Threads
    space: Space
    jobs: Jobs
    library: Library
    uploads: Uploads
    audio: Audio
    models: Models


class About:
    """Looks at the rooms and says what they can do.

    Parameters
    ----------
    house : House
        Whoever built the rooms.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    async def describe(self) -> AboutReply:
        """Describe the server; looks at the disk, so it does so in a thread."""
        return await self._house.threads.run(self._describe)

    def _describe(self) -> AboutReply:
        house = self._house
        models = house.models.collection
        data_dir = Path(house.data_dir)
        return AboutReply(
            version=__version__,
            capabilities=["models", "downloads", "files", "uploads", "audio"],
            limits=self._limits(),
            ffmpeg=self._ffmpeg(),
            disk=DiskReply(free=house.space.free(data_dir), reserve=house.space.reserved_for(data_dir)),
            registry=RegistryReply(models=models.count(), diagnostics=models.diagnostics()),
            sharing=[
                SharingReply(message=f"The models folder is shared, and {advice.message}.")
                for advice in models.advice()
            ],
        )

    def _limits(self) -> dict[str, int | float | None]:
        house = self._house
        return {
            "jobs_concurrency": house.jobs.concurrency,
            "file_bytes": house.library.max_file_bytes,
            "upload_chunk_bytes": house.uploads.max_chunk_bytes,
            "upload_file_bytes": house.uploads.max_file_bytes,
            "upload_chunks": house.uploads.max_chunks,
            "clip_seconds": house.audio.max_clip_seconds,
            "trim_seconds": house.audio.timeout_seconds,
        }

    def _ffmpeg(self) -> FFmpegReply:
        found = self._house.audio.find_ffmpeg()
        if found is None:
            return FFmpegReply(found=False, hint=_INSTALL_FFMPEG)
        return FFmpegReply(found=True, source=found.source, version=found.version)
