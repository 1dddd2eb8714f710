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

from jupyter_nodeapi.audio import sound
from jupyter_nodeapi.audio.allowance import Allowance, Quota, session_of
from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.flights import Flights
from jupyter_nodeapi.audio.headers import mp4_tags
from jupyter_nodeapi.audio.info import info_of
from jupyter_nodeapi.audio.locate import Program, locate
from jupyter_nodeapi.audio.schemas import (
    InfoQuery,
    InfoReply,
    PeaksQuery,
    PreviewQuery,
    TrimReply,
    TrimRequest,
    TrimStarted,
)
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.spec import TrimSpec
from jupyter_nodeapi.audio.times import range_of
from jupyter_nodeapi.audio.waveform import PeaksSpec, Picture, draw, identity
from jupyter_nodeapi.disk import owners, sessions
from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Usage, sweep
from jupyter_nodeapi.disk.roots import Root, open_regular, safe_component
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import Conflict
from jupyter_nodeapi.jobs.runner import Jobs

__all__ = ["Audio"]

FOLDER = sessions.RESULTS
_STEM_BYTES = 120
_TRIM = "jupyter_nodeapi.audio.trim:trim"
#: A lane of its own: a long trim in the background never keeps somebody waiting for a short one.
_AWAITED = "awaited trim"
_TRIES = 3  # at a picture of a file that is replaced meanwhile


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
    space : Space
        The disk; its reserve is not for results.
    quota : Quota, optional
        What sessions may keep; results count for the session of their trim.
    """

    ffmpeg = Unicode(help="FFmpeg: a path or a name on PATH. Empty: PATH, then imageio-ffmpeg.").tag(
        config=True
    )
    places = Int(
        2,
        min=1,
        help="Trims and previews at once that a client waits for; background trims take none of them.",
    ).tag(config=True)
    background_places = Int(1, min=1, help="Background trims at once; more of them wait.").tag(config=True)
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
        5 * 2**30,
        min=0,
        help="Bytes of results that are kept, and as many of pictures and previews; the longest unread go.",
    ).tag(config=True)

    def __init__(
        self,
        temp: Root,
        jobs: Jobs,
        threads: Threads,
        usage: Usage,
        space: Space,
        *,
        quota: Quota | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.temp = temp
        self.jobs = jobs
        self.threads = threads
        self.usage = usage
        self._space = space
        self._flights = Flights()
        self._allowance = Allowance(quota, threads)
        settle = self._allowance.settle
        jobs.register("trim", _TRIM, places=self.background_places, settle=settle)
        jobs.register(_AWAITED, _TRIM, places=self.places, settle=settle)
        jobs.register("peaks", "jupyter_nodeapi.audio.waveform:work")

    async def start(self) -> None:
        """Nothing to restore: results are files, background trims are jobs."""

    async def stop(self) -> None:
        """Nothing to end: running trims are the jobs' to stop."""

    def find_ffmpeg(self) -> Program | None:
        """Give the FFmpeg that would be used, or None; its version blocks while it is asked."""
        return locate(self.ffmpeg)

    async def trim(self, request: TrimRequest, owner: str) -> TrimReply | TrimStarted:
        """Make a cut, or start making it where the request says ``background``.

        Cancelling this coroutine stops the work and leaves nothing behind.

        Raises
        ------
        InvalidParameter, InvalidRange
            Times that are none.
        NotFound
            There is no such file under ``/temp``, or it lies in a session that is not `owner`'s.
        UnsupportedMedia
            It is no sound.
        Unprocessable
            ``no_audio_stream``, ``corrupt_file`` or ``out_of_range``.
        TooLarge, Busy, FFmpegMissing, TimedOut, InsufficientStorage
            As the API's table says.
        """
        spec = await self.threads.run(self._spec, request, owner)
        await self._allowance.ask(spec)
        source = Path(spec.path)
        order: dict[str, Any] = msgspec.to_builtins(spec)
        if request.background:
            key = hashlib.sha256(msgspec.json.encode([request.session_id, order])).hexdigest()
            job = await self.jobs.start("trim", key, order, subject=request.file_path, owner=owner)
            return TrimStarted(job_id=job.job_id)
        with self.usage.hold(source):
            done = await self.jobs.run(_AWAITED, order)
        return msgspec.convert({"success": True, **done}, TrimReply)

    async def info(self, query: InfoQuery, owner: str) -> InfoReply:
        """Say what a sound is."""
        return await self.threads.run(self._info, query.file_path, owner)

    async def preview(self, query: PreviewQuery, owner: str) -> Path:
        """Give the file that a trim to wav would save; the same cut asked twice is made once."""
        request = TrimRequest(file_path=query.file_path, start=query.start, end=query.end, format="wav")
        spec, target = await self.threads.run(self._preview, request, owner)
        if not await self.threads.run(target.exists):
            await self._flights.join(target.name, lambda: self.jobs.run(_AWAITED, msgspec.to_builtins(spec)))
        return target

    async def open_result(self, path: Path) -> tuple[int, os.stat_result]:
        """Open a preview for reading; the caller closes it."""
        return await self.threads.run(open_regular, path)

    async def peaks(self, query: PeaksQuery, owner: str) -> Picture:
        """Draw a range, exactly, or sparsely at first where the whole takes long to read."""
        spec = await self.threads.run(self._peaks, query, owner)
        order = msgspec.to_builtins(spec)
        picture = await self.threads.run(draw, spec, kept_only=False)
        for _ in range(_TRIES):
            if picture.columns is not None:
                break
            await self._flights.join(picture.key, lambda: self.jobs.run("peaks", order))
            picture = await self.threads.run(draw, spec, kept_only=True)
        else:
            raise Conflict("The file changes while its picture is made.", hint="Ask again when it is whole.")
        if not picture.columns.exact:
            await self.jobs.start("peaks", picture.key, order, subject=query.file_path, owner=owner)
        return picture

    def sweep(self, *, dry_run: bool = False) -> list[Path]:
        """Remove the results and caches that have expired, and the longest unread above the cap.

        Parameters
        ----------
        dry_run : bool
            Only give the paths.
        """
        return [
            path
            for folder in (self.temp.path / FOLDER, self._cache)
            for path in sweep(
                folder,
                older_than_seconds=self.result_ttl_seconds,
                now=time.time(),
                usage=self.usage,
                cap_bytes=self.max_result_bytes,
                dry_run=dry_run,
            )
        ]

    @property
    def _cache(self) -> Path:
        """Pictures and previews; no client can name it."""
        return self.temp.path / f"{TEMP_PREFIX}audio"

    def _source(self, file_path: str, owner: str) -> Path:
        """Give the real path of a sound, which then is opened without following any link."""
        path = Path(os.path.realpath(owners.resolve(self.temp, file_path, owner)))
        fd, _ = open_regular(path)
        try:
            sniff(fd)
        finally:
            os.close(fd)
        return path

    def _info(self, file_path: str, owner: str) -> InfoReply:
        fd, facts = open_regular(self._source(file_path, owner))
        try:
            source = describe(fd, sniff(fd), self.ffmpeg, lambda: False)
            tags = mp4_tags.texts(fd) if source.kind.name == "mp4" else sound.tags(fd)
        finally:
            os.close(fd)
        return info_of(file_path, source, facts.st_size, tags)

    def _preview(self, request: TrimRequest, owner: str) -> tuple[TrimSpec, Path]:
        spec = self._spec(request, owner)
        fd, _ = open_regular(Path(spec.path))
        try:
            parts = (identity(fd), spec.start, spec.end)
        finally:
            os.close(fd)
        name = hashlib.sha256(repr(parts).encode()).hexdigest()[:32] + ".wav"
        return msgspec.structs.replace(
            spec, folder=str(self._cache), name=name, owner="", session=""
        ), self._cache / name

    def _peaks(self, query: PeaksQuery, owner: str) -> PeaksSpec:
        start, end = range_of(query.start, query.end)
        path = self._source(query.file_path, owner)
        where = {"path": str(path), "cache": str(self._cache), "ffmpeg": self.ffmpeg}
        return PeaksSpec(**where, start=start, end=end, bins=query.bins)

    def _spec(self, request: TrimRequest, owner: str) -> TrimSpec:
        """Check all that can be checked before the work is queued."""
        start, end = range_of(request.start, request.end)
        path = self._source(request.file_path, owner)
        session = session_of(request.session_id, request.file_path)
        if session:  # its quota is its owner's
            owners.check(self.temp.path / "uploads" / session, owner)
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
            owner=owner,
            session=session,
            reserve_bytes=self._space.reserve_bytes,
        )


def _stem(file_path: str) -> str:
    """Give the part of a result's name that is the source's, short enough for what follows it."""
    stem = PurePosixPath(file_path).stem.encode()[:_STEM_BYTES].decode("utf-8", "ignore")
    return safe_component(stem)
