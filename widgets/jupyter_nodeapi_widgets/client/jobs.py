"""``api.jobs``: what goes on in the background."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

from jupyter_nodeapi_widgets.client.errors import ApiError, JobFailed
from jupyter_nodeapi_widgets.client.noun import Noun, quoted
from jupyter_nodeapi_widgets.client.progress import Progress, Tell, shown
from jupyter_nodeapi_widgets.client.results import Job

__all__ = ["Jobs"]

_FIRST_SECONDS, _MOST_SECONDS = 0.1, 1.0


class Jobs(Noun):
    """Installations and background trims."""

    def list(
        self, *, kind: str | None = None, state: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """Give the jobs, newest first.

        Parameters
        ----------
        kind : str, optional
            Such as ``download``.
        state : str, optional
            Such as ``paused``.
        limit : int, optional
            How many at most.
        """
        return self._all(Job, "/api/downloads", params={"kind": kind, "state": state, "limit": limit})

    def get(self, job_id: str) -> Job:
        """Give how far a job is.

        Raises
        ------
        ApiError
            404: there is no such job.
        """
        return self._one(Job, "GET", f"/api/downloads/status/{quoted(job_id)}")

    def pause(self, job_id: str) -> Job:
        """Pause a job; what it has done is kept."""
        return self._do(job_id, "pause")

    def resume(self, job_id: str) -> Job:
        """Let a paused job go on."""
        return self._do(job_id, "resume")

    def cancel(self, job_id: str) -> Job:
        """Cancel a job; what it left is deleted."""
        return self._do(job_id, "cancel")

    def retry(self, job_id: str) -> Job:
        """Try a failed job again."""
        return self._do(job_id, "retry")

    def wait(self, job_id: str, *, timeout: float | None = None, progress: Progress = True) -> Job:
        """Wait until a job is completed. A server that is away for a while is waited for.

        Parameters
        ----------
        job_id : str
            Which.
        timeout : float, optional
            Seconds after which TimeoutError is raised; the job goes on.
        progress : bool or callable
            A bar, none, or a function that is told ``(percent, 100)``.

        Raises
        ------
        JobFailed
            It ended in an error or was cancelled; ``details`` holds the job's last state.
        """
        watch = _Watch(job_id, timeout)
        with shown(progress, "job", "%") as tell:
            while (job := watch.look(self, tell)) is None:
                time.sleep(watch.pause())
        return job

    async def finished(self, job_id: str, *, timeout: float | None = None, progress: Progress = False) -> Job:
        """Wait as :meth:`wait` does, without holding the event loop: ``await api.jobs.finished(id)``."""
        watch = _Watch(job_id, timeout)
        with shown(progress, "job", "%") as tell:
            while True:
                job = await asyncio.to_thread(watch.look, self, tell)
                if job is not None:
                    return job
                await asyncio.sleep(watch.pause())

    def events(self, *, after: str | None = None) -> Iterator[dict[str, Any]]:
        """Give what happens to jobs, one dict a moment, for as long as you ask.

        Parameters
        ----------
        after : str, optional
            The last event's ``id``, to be told what was missed since.
        """
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        with self._api.stream("GET", "/api/downloads/events", headers=headers) as stream:
            yield from _events(stream.lines())

    def _do(self, job_id: str, verb: str) -> Job:
        return self._one(Job, "POST", f"/api/downloads/{quoted(job_id)}/{verb}")


class _Watch:
    """Looks at one job from time to time, more seldom the longer it takes."""

    def __init__(self, job_id: str, timeout: float | None) -> None:
        self._job_id = job_id
        self._timeout = timeout
        self._end = None if timeout is None else time.monotonic() + timeout
        self._pause = _FIRST_SECONDS

    def look(self, jobs: Jobs, tell: Tell) -> Job | None:
        try:
            job = jobs.get(self._job_id)
        except ApiError as error:
            if not error.retryable:
                raise
            return None
        tell(job.progress, 100)
        if job.over and job.status != "completed":
            told = vars(job)
            raise JobFailed(job.message, code=job.code or job.state, hint=job.hint or "", details=told)
        return job if job.over else None

    def pause(self) -> float:
        if self._end is not None and time.monotonic() >= self._end:
            raise TimeoutError(f"The job is not over after {self._timeout} s; it goes on: {self._job_id}")
        self._pause = min(_MOST_SECONDS, self._pause * 1.5)
        return self._pause


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Read server-sent events: fields, line by line, until an empty one."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line and name:
            fields[name] = value.removeprefix(" ")
        elif not line and "data" in fields:
            yield {**json.loads(fields["data"]), "id": fields.get("id", "")}
            fields = {}
