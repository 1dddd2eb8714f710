"""What work says while it runs, from its own thread, taken down at once and told onwards on the loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

from jupyter_nodeapi.jobs.meter import Meter
from jupyter_nodeapi.jobs.record import Job

__all__ = ["Reporter", "on_loop"]


class Reporter:
    """The ``report`` of one attempt.

    Parameters
    ----------
    job : Job
        Updated in place: a status read touches memory only.
    meter : Meter
        Fed with each number.
    changed : callable
        Called from the work's thread after a report, once until it is :meth:`heard`.
    clock : callable
        Gives the time in seconds.
    """

    def __init__(
        self, job: Job, meter: Meter, changed: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._job = job
        self._meter = meter
        self._changed = changed
        self._clock = clock
        self._lock = threading.Lock()
        self._told = False
        self.closed = False

    def __call__(
        self,
        bytes: int,  # noqa: A002 - the word that work and wire share
        total: int | None = None,
        message: str = "",
        *,
        stage: str | None = None,
        files: list[dict[str, Any]] | None = None,
    ) -> None:
        """Say how far the work is; see :class:`jupyter_nodeapi.jobs.engines.Report`."""
        with self._lock:
            if self.closed:
                return
            job = self._job
            job.bytes = max(int(bytes), 0)
            job.total_bytes = int(total) if total is not None else job.total_bytes
            job.stage = stage or job.stage
            if job.total_bytes:
                # 100 belongs to what is verified and in place
                job.progress = max(job.progress, min(job.bytes * 100 // job.total_bytes, 99))
            if files is not None:
                job.files = [dict(file) for file in files]
            job.message = message or f"{(job.stage or 'running').capitalize()}... {job.progress}%"
            self._meter.add(self._clock(), job.bytes)
            told, self._told = self._told, True
        if not told:
            self._changed()

    def heard(self) -> None:
        """Let the next report be told again."""
        self._told = False

    def close(self) -> None:
        """Hear nothing any more: what the job says from now on is not the work's to change."""
        with self._lock:
            self.closed = True


def on_loop(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: Any) -> Callable[[], None]:
    """Give a function that any thread may call to have `call` called on the loop."""

    def called() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(call, *args)

    return called
