"""The routes of jobs: the documented status, the list, what people may decide, and the stream of events."""

from __future__ import annotations

import contextlib

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_nodeapi.errors import Conflict, NotFound
from jupyter_nodeapi.jobs.feed import Feed
from jupyter_nodeapi.jobs.runner import Jobs
from jupyter_nodeapi.jobs.schemas import JobStatus, ListQuery
from jupyter_nodeapi.web.handler import Handler
from jupyter_nodeapi.web.owner import owner_of
from jupyter_nodeapi.web.route import Operation, Route

__all__ = [
    "ROUTES",
    "CancelHandler",
    "DecidingHandler",
    "EventsHandler",
    "JobsHandler",
    "ListHandler",
    "PauseHandler",
    "ResumeHandler",
    "RetryHandler",
    "StatusHandler",
]


class JobsHandler(Handler):
    """What the routes of jobs share."""

    room = "nodeapi_models"

    def initialize(self, jobs: Jobs) -> None:
        """Take the service."""
        self.jobs = jobs

    @property
    def viewer(self) -> str:
        """Who asks, on a server that several users share: jobs of others do not exist for them."""
        return owner_of(self)


class StatusHandler(JobsHandler):
    """One job. Being asked for it is no activity: a forgotten tab must not keep a server alive."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        """Tell how far a job is."""
        self.reply(self.jobs.status(await self.jobs.find(job_id, self.viewer)))


class ListHandler(JobsHandler):
    """All jobs that are kept."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the jobs, newest first."""
        query = self.query(ListQuery)
        jobs = await self.jobs.history(kind=query.kind, state=query.state, viewer=self.viewer)
        replies = [self.jobs.status(job) for job in jobs[: query.limit]]
        self.reply(replies, headers={"X-Total-Count": str(len(jobs))})


class DecidingHandler(JobsHandler):
    """What the routes that decide about one job share."""

    async def guard(self) -> None:
        """Find out whose job it is before the authorizer is asked."""
        if self.viewer:
            with contextlib.suppress(NotFound):
                job = await self.jobs.find(self.path_kwargs["job_id"], self.viewer)
                self.own = job.owner == self.viewer
        await super().guard()


class CancelHandler(DecidingHandler):
    """Stop a job for good."""

    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        """Cancel a job and delete what it left unfinished."""
        self.reply(self.jobs.status(await self.jobs.cancel(job_id, self.viewer)))


class PauseHandler(DecidingHandler):
    """Stop a job for now."""

    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        """Pause a job and keep what it has done."""
        self.reply(self.jobs.status(await self.jobs.pause(job_id, self.viewer)))


class ResumeHandler(DecidingHandler):
    """Let a paused job go on."""

    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        """Resume a paused job."""
        self.reply(self.jobs.status(await self.jobs.resume(job_id, self.viewer)))


class RetryHandler(DecidingHandler):
    """Try a failed job again."""

    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        """Try a failed job again, or a waiting one at once, from what it has done."""
        self.reply(self.jobs.status(await self.jobs.retry(job_id, self.viewer)))


class EventsHandler(JobsHandler):
    """The stream of events. It ends when either side leaves."""

    _track_activity = False
    _feed: Feed | None = None

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Stream what happens to jobs as server-sent events; ``Last-Event-ID`` replays what was missed."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        self._feed = self.jobs.feed(self.request.headers.get("Last-Event-ID"), self.viewer)
        with contextlib.suppress(StreamClosedError):
            async for frame in self._feed.frames():
                self.write(frame)
                await self.flush()

    def on_connection_close(self) -> None:
        """End the stream: the client has left."""
        if self._feed is not None:
            self._feed.close()
        super().on_connection_close()


def _deciding(summary: str) -> dict[str, Operation]:
    return {"post": Operation(summary, reply=JobStatus, errors=(NotFound, Conflict))}


_JOB = "/api/downloads/{job_id}"

ROUTES: tuple[Route, ...] = (
    Route(
        "/api/downloads/status/{job_id}",
        StatusHandler,
        {"get": Operation("How far a job is.", reply=JobStatus, errors=(NotFound,))},
    ),
    Route(
        "/api/downloads/events",
        EventsHandler,
        {"get": Operation("What happens to jobs, as server-sent events.", media="text/event-stream")},
    ),
    Route(
        "/api/downloads",
        ListHandler,
        {"get": Operation("The jobs, newest first.", query=ListQuery, reply=list[JobStatus])},
    ),
    Route(f"{_JOB}/cancel", CancelHandler, _deciding("Cancel a job; what it left is deleted.")),
    Route(f"{_JOB}/pause", PauseHandler, _deciding("Pause a job; what it has done is kept.")),
    Route(f"{_JOB}/resume", ResumeHandler, _deciding("Let a paused job go on.")),
    Route(f"{_JOB}/retry", RetryHandler, _deciding("Try a failed job again.")),
)
