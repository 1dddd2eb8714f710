"""How far downloads are: one job, the newest job of a model, or all of them.

::

    server: the job  ----> page: the bar        status, progress, message, state, jobs (told by the page)
                     ----> kernel: wait()       asks over HTTP, so it works without any page too

The truth lives on the server. A page that is reloaded, or opened tomorrow, finds the same job.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import quote

import traitlets

from jupyter_nodeapi_widgets._base import ApiWidget, static

__all__ = ["DownloadProgress"]

ENDED = frozenset({"completed", "error", "cancelled"})
SHOWN_ENDED = 5
POLL_SECONDS = 1.0


class DownloadProgress(ApiWidget):
    """A bar with what may be done: pause, resume, cancel, try again.

    Parameters
    ----------
    model_id : str, optional
        Shows the newest job of this model.
    job_id : str, optional
        Shows this job. With neither of the two: all jobs.
    api : NodeApi, optional
        The server; found by itself when not given.

    Attributes
    ----------
    model, job_id : str or None
        What is shown; they may be changed.
    status : str
        ``running``, ``completed`` or ``error``; empty while there is no job.
    state : str
        ``queued``, ``running``, ``waiting_retry``, ``paused``, ``cancelled``, ``error`` or ``completed``.
    progress : int
        0 to 100; of several jobs that move, their mean.
    message : str
        One sentence about what happens.
    jobs : list of dict
        What the server says of each job that is shown.
    """

    _esm, _css = static("download_progress")

    # ipywidgets has a `model_id` of its own: the name of the widget's model, by which pages find it
    model = traitlets.Unicode(None, allow_none=True, help="Whose newest job is shown.").tag(sync=True)
    job_id = traitlets.Unicode(None, allow_none=True, help="Which job is shown.").tag(sync=True)
    status = traitlets.Unicode("", help="running, completed, error, or empty.").tag(sync=True)
    state = traitlets.Unicode("", help="The exact state of the job.").tag(sync=True)
    progress = traitlets.Int(0, help="0 to 100.").tag(sync=True)
    message = traitlets.Unicode("", help="What happens, in a sentence.").tag(sync=True)
    jobs: traitlets.List[dict[str, Any]] = traitlets.List(traitlets.Dict(), help="The jobs shown.").tag(
        sync=True
    )

    def __init__(self, model_id: str | None = None, job_id: str | None = None, **traits: Any) -> None:
        super().__init__(model=model_id, job_id=job_id, **traits)

    def refresh(self) -> None:
        """Ask the server now, from the kernel, and take over what it says."""
        self._take(self._asked())

    async def wait(self, timeout: float | None = None) -> str:
        """Wait until nothing that is shown goes on any more.

        A job that failed or was cancelled is over too: look at :attr:`message`. A paused one is waited for.
        The kernel asks the server once a second, also while that restarts; no page needs to be open.

        Parameters
        ----------
        timeout : float, optional
            Seconds after which to give up.

        Returns
        -------
        str
            The last ``status``.

        Raises
        ------
        TimeoutError
            It was not over in time. It goes on all the same.
        ApiError
            The server knows no such job, or refuses.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            rest = None if end is None else max(end - time.monotonic(), 0.0)
            jobs = await self.until(self._asked, every=POLL_SECONDS, timeout=rest)
            self._take(jobs)
            if all(job["state"] in ENDED for job in jobs):
                return self.status
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(f"Not over after {timeout} s; the job goes on. {self.message}")
            await asyncio.sleep(POLL_SECONDS)

    def _asked(self) -> list[dict[str, Any]]:
        """Ask for the jobs that are shown: live ones first, of those that are over only the latest."""
        if self.job_id:
            return [
                dict(self.api.request("GET", f"/api/downloads/status/{quote(self.job_id, safe='')}").json())
            ]
        jobs: list[dict[str, Any]] = self.api.request("GET", "/api/downloads?limit=100").json()
        if self.model:
            return [job for job in jobs if job["model_id"] == self.model][:1]
        over = [job for job in jobs if job["state"] in ENDED]
        return [*(job for job in jobs if job["state"] not in ENDED), *over[:SHOWN_ENDED]]

    def _take(self, jobs: list[dict[str, Any]]) -> None:
        """Write what the server says of the jobs into the traits, all at once."""
        live = [job for job in jobs if job["state"] not in ENDED]
        with self.hold_trait_notifications():
            self.jobs = [{name: value for name, value in job.items() if name != "files"} for job in jobs]
            for name, value in summary(live or jobs[:1]).items():
                setattr(self, name, value)


def summary(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """Give ``status``, ``state``, ``progress`` and ``message`` of some jobs together: of one, its own."""
    if not jobs:
        return {"status": "", "state": "", "progress": 0, "message": ""}
    told = {name: jobs[0][name] for name in ("status", "state", "progress", "message")}
    if len(jobs) > 1:
        told["progress"] = sum(job["progress"] for job in jobs) // len(jobs)
        told["message"] = f"{len(jobs)} downloads at once."
    return told
