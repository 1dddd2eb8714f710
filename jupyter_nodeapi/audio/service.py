"""The service of the room: trims for handlers, with every limit a trait."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from traitlets import Float, Int, Unicode
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.audio.locate import Program, locate
from jupyter_nodeapi.audio.schemas import TrimReply, TrimRequest, TrimStarted
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.spec import TrimSpec
from jupyter_nodeapi.audio.times import seconds_of
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Usage, sweep
from jupyter_nodeapi.disk.roots import Root, open_regular, safe_component
from jupyter_nodeapi.errors import InvalidRange
from jupyter_nodeapi.jobs.runner import Jobs

__all__ = ["Audio"]

FOLDER = "AudioTrim"
_STEM_BYTES = 120


class Audio(LoggingConfigurable):
    """Cuts sounds under ``/temp``.

    Parameters
    ----------
    temp : Root
        The virtual ``/temp``: where sources are and results appear.
    jobs : Jobs
        Runs the cuts, awaited or in the background.
    threads : Threads
        Where short blocking calls run.
    usage : Usage
        Knows what is being read, so that no sweep takes it.
    """

    ffmpeg = Unicode(help="FFmpeg: a path or a name on PATH. Empty: PATH, then imageio-ffmpeg.").tag(
        config=True
    )
    timeout_seconds = Float(600.0, min=1.0, help="Seconds that one trim may take.").tag(config=True)
    max_clip_seconds = Float(None, allow_none=True, help="Longest clip in seconds; None is no limit.").tag(
        config=True
    )
    exact_decode_seconds = Float(
        600.0,
        min=0.0,
        help="Formats that cannot be sought exactly are decoded from the start up to this many seconds.",
    ).tag(config=True)
    result_ttl_seconds = Float(
        86_400.0, min=60.0, help="Seconds after the last read at which a result expires."
    ).tag(config=True)
    max_result_bytes = Int(
        5 * 2**30, min=0, help="Bytes of results that are kept; beyond it the longest unread go."
    ).tag(config=True)

    def __init__(self, temp: Root, jobs: Jobs, threads: Threads, usage: Usage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temp = temp
        self.jobs = jobs
        self.threads = threads
        self.usage = usage
        jobs.register("trim", "jupyter_nodeapi.audio.trim:trim")

    async def start(self) -> None:
        """Nothing to restore: results are files, background trims are jobs."""

    async def stop(self) -> None:
        """Nothing to end: running trims are the jobs' to stop."""

    def find_ffmpeg(self) -> Program | None:
        """Give the FFmpeg that would be used, or None; its version blocks while it is asked."""
        return locate(self.ffmpeg)

    async def trim(self, request: TrimRequest) -> TrimReply | TrimStarted:
        """Make a cut, or start making it where the request says ``background``.

        Cancelling this coroutine stops the work and leaves nothing behind.

        Raises
        ------
        InvalidParameter, InvalidRange
            Times that are none.
        NotFound
            There is no such file under ``/temp``.
        UnsupportedMedia
            It is no sound.
        Unprocessable
            ``no_audio_stream``, ``corrupt_file`` or ``out_of_range``.
        TooLarge, Busy, FFmpegMissing, TimedOut
            As the API's table says.
        """
        spec = await self.threads.run(self._spec, request)
        source = Path(spec.path)
        order: dict[str, Any] = msgspec.to_builtins(spec)
        if request.background:
            key = hashlib.sha256(msgspec.json.encode([request.session_id, order])).hexdigest()
            job = await self.jobs.start("trim", key, order, subject=request.file_path)
            return TrimStarted(job_id=job.job_id)
        with self.usage.hold(source):
            done = await self.jobs.run("trim", order)
        return msgspec.convert({"success": True, **done}, TrimReply)

    def sweep(self, *, dry_run: bool = False) -> list[Path]:
        """Remove the results that have expired, and the longest unread above the cap; give their paths.

        Parameters
        ----------
        dry_run : bool
            Only give the paths.
        """
        return sweep(
            self.temp.path / FOLDER,
            older_than_seconds=self.result_ttl_seconds,
            now=time.time(),
            usage=self.usage,
            cap_bytes=self.max_result_bytes,
            dry_run=dry_run,
        )

    def _spec(self, request: TrimRequest) -> TrimSpec:
        """Check all that can be checked before the work is queued."""
        start = seconds_of(request.start, "start")
        end = None if request.end is None else seconds_of(request.end, "end")
        if end is not None and end <= start:
            raise InvalidRange
        path = Path(os.path.realpath(self.temp.resolve(request.file_path)))
        fd, _ = open_regular(path)
        try:
            sniff(fd)
        finally:
            os.close(fd)
        return TrimSpec(
            path=str(path),
            folder=str(self.temp.path / FOLDER),
            shown=f"{self.temp.prefix}/{FOLDER}",
            stem=_stem(request.file_path),
            start=start,
            end=end,
            format=request.format,
            mode=request.mode,
            bitrate=request.bitrate,
            sample_rate=request.sample_rate,
            channels=request.channels,
            fade_in=request.fade_in,
            fade_out=request.fade_out,
            normalize=request.normalize,
            ffmpeg=self.ffmpeg,
            timeout_seconds=self.timeout_seconds,
            max_clip_seconds=self.max_clip_seconds,
            exact_decode_seconds=self.exact_decode_seconds,
        )


def _stem(file_path: str) -> str:
    """Give the part of a result's name that is the source's, short enough for what follows it."""
    stem = PurePosixPath(file_path).stem.encode()[:_STEM_BYTES].decode("utf-8", "ignore")
    return safe_component(stem)
