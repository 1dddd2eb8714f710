"""Background work that survives: started once, recorded before anybody is told, found again after a restart.

``Jobs`` is what the rooms know. It keeps who may do what to which job; how a job runs is
:mod:`jupyter_nodeapi.jobs.driver`'s, what states there are is :mod:`jupyter_nodeapi.jobs.states`'s.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Conflict, Unavailable
from jupyter_nodeapi.jobs.backoff import Backoff
from jupyter_nodeapi.jobs.driver import Driver
from jupyter_nodeapi.jobs.engines import Engine, Report, Result, Retry, Spec, Stopped, unheard
from jupyter_nodeapi.jobs.engines.local import LocalEngine
from jupyter_nodeapi.jobs.events import Events
from jupyter_nodeapi.jobs.feed import Feed
from jupyter_nodeapi.jobs.keeper import Keeper
from jupyter_nodeapi.jobs.lanes import Lanes
from jupyter_nodeapi.jobs.record import Job, Records, new_job
from jupyter_nodeapi.jobs.runs import Kind, Settle
from jupyter_nodeapi.jobs.schemas import JobStatus, event_of, status_reply
from jupyter_nodeapi.jobs.shelf import Shelf
from jupyter_nodeapi.jobs.states import Action, State

__all__ = ["Jobs"]

_Jobs: TypeAlias = list[Job]


class Jobs(LoggingConfigurable):
    """All background work of the server.

    Parameters
    ----------
    folder : Path
        Where the records are: ``<data_dir>/jobs``.
    threads : Threads
        For reading and writing them.
    engine_class : type of Engine
        Who runs the work. Default: threads of this server.
    clock, sleep, jitter : callable
        Seconds since the epoch; a wait of so many seconds; a number between two.
    **kwargs
        Of :class:`traitlets.config.LoggingConfigurable`.
    """

    concurrency = Int(3, min=1, help="Jobs of one kind at once; more of them wait.").tag(config=True)
    queue_limit = Int(32, min=0, help="Requests of a kind that wait; one more is told 429.").tag(config=True)
    tries = Int(8, min=1, help="Tries in a row that got no further before a job fails.").tag(config=True)
    backoff_seconds = Float(60.0, min=0.0, help="Longest pause between two tries (seconds).").tag(config=True)
    keep_seconds = Float(604_800.0, min=0.0, help="How long an ended job is kept (seconds).").tag(config=True)

    def __init__(
        self,
        folder: Path,
        threads: Threads,
        *,
        engine_class: type[Engine] = LocalEngine,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._clock = clock
        self._threads = threads
        self._records = Records(folder)
        self._shelf = Shelf(self._records, threads)
        self._keeper = Keeper(self._records, threads, self.log)
        self._engine = engine_class(parent=self)
        self._lanes = Lanes(self.concurrency)
        self._restored: asyncio.Future[None] | None = None
        self._gates: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self.on_activity: Callable[[], None] = lambda: None  # work gets on: keeps an idle culler away
        self.events = Events(lambda job: event_of(job, self._driver.meter_of(job), clock()), self.live)
        self._driver = Driver(
            keeper=self._keeper,
            threads=threads,
            events=self.events,
            lanes=self._lanes,
            engine=self._engine,
            backoff=Backoff(self.tries, self.backoff_seconds, jitter),
            clock=clock,
            sleep=sleep,
            log=self.log,
        )
        self._driver.on_activity = lambda: self.on_activity()  # noqa: PLW0108 - whose it is, is said later

    def register(
        self,
        kind: str,
        work: str,
        *,
        on_end: Callable[[Job], None] | None = None,
        context: Mapping[str, Any] | None = None,
        places: int | None = None,
        settle: Settle | None = None,
    ) -> None:
        """Say what jobs of a kind do.

        Parameters
        ----------
        kind : str
            Such as ``download``.
        work : str
            ``package.module:function``; see :mod:`jupyter_nodeapi.jobs.engines`.
        on_end : callable, optional
            Called in a thread with a copy of the job when it has completed, failed, been cancelled or paused,
            and its work has really stopped: the room cleans up as it decides.
        context : mapping, optional
            Added to what the work is told, never recorded: what may differ after a restart.
        places : int, optional
            How many of the kind run at once; default: ``Jobs.concurrency``.
        settle : callable, optional
            Awaited with what the work was told and gave, before anybody hears of it; its error is the work's.
        """
        self._lanes.widen(kind, places)
        self._driver.kinds[kind] = Kind(work, on_end, dict(context or {}), settle)

    # -- starting

    async def start(self, kind: str, key: str, spec: Spec, *, subject: str = "", owner: str = "") -> Job:
        """Give the live job of that kind and key, or a new one whose record is on the disk.

        One that was paused goes on.

        Parameters
        ----------
        kind, key : str
            A registered kind, and what it works on.
        spec : dict
            What the work is told; JSON, no secrets.
        subject : str
            What people call the thing it is about.
        owner : str
            To whom alone it exists, on a server that several users share; empty: to all.
        """
        await self.restore()
        async with self._gate(kind, key):
            job = self._shelf.live_one(kind, key)
            if job is not None:
                return await self.resume(job.job_id) if job.state == "paused" else job
            now, message = self._clock(), "Waiting to start."
            job = new_job(kind, key, spec, subject, message=message, now=now, owner=owner)
            await self._add(job)
            self._driver.launch(job)
            return job

    async def finished(
        self, kind: str, key: str, spec: Spec, *, subject: str = "", result: Result, message: str
    ) -> Job:
        """Give a new job that has completed already: there was nothing left to do."""
        job = new_job(kind, key, spec, subject, message=message, now=self._clock())
        job.state, job.progress, job.result = "completed", 100, result
        job.started_at = job.finished_at = job.created_at
        await self._add(job)
        return job

    async def run(self, kind: str, spec: Spec, *, report: Report | None = None) -> Result:
        """Give what the work returns: the same engine and the same places, no record.

        Cancelling this coroutine stops the work.

        Raises
        ------
        Busy
            When too many wait already.
        """
        key = str(uuid.uuid4())
        await self._lanes.enter(kind, queue_limit=self.queue_limit)
        try:
            return await self._driver.kinds[kind].run(self._engine, key, spec, report or unheard)
        except Retry as failure:
            raise failure.error from failure
        except Stopped as stopped:
            raise Unavailable("The server is stopping.", retry_after=5) from stopped
        finally:
            self._lanes.leave(kind)

    # -- looking

    def get(self, job_id: str) -> Job:
        """Give a job that memory knows: a live one, or one that ended lately; raises `NotFound`."""
        return self._shelf.get(job_id)

    async def find(self, job_id: str, viewer: str = "") -> Job:
        """Give any job that is still kept and that `viewer` may know of; raises `NotFound`."""
        await self.restore()
        job = await self._shelf.find(job_id)
        return job if job.seen_by(viewer) else self._shelf.missing()

    def list(self, *, kind: str | None = None, state: State | None = None) -> _Jobs:
        """Give the jobs that memory knows, newest first."""
        return self._shelf.select(kind, state)

    def live(self) -> _Jobs:
        """Give the jobs that are not over, newest first."""
        return self._shelf.select(live=True)

    async def history(
        self, *, kind: str | None = None, state: State | None = None, viewer: str = ""
    ) -> _Jobs:
        """Give all kept jobs that `viewer` may know of, newest first; the first call reads the disk."""
        await self.restore()
        await self._shelf.read_all()
        return [job for job in self._shelf.select(kind, state) if job.seen_by(viewer)]

    def status(self, job: Job) -> JobStatus:
        """Tell a job as the documented status reply."""
        return status_reply(job, self._driver.meter_of(job), self._clock())

    def feed(self, last_event_id: str | None = None, viewer: str = "") -> Feed:
        """Give what a new listener hears, beginning after the event that it heard last."""
        return Feed(self.events, last_event_id, viewer)

    # -- deciding

    async def cancel(self, job_id: str, viewer: str = "") -> Job:
        """Stop a job for good; its room deletes what it left."""
        return await self._decide(job_id, "cancel", "Cancelled.", viewer)

    async def pause(self, job_id: str, viewer: str = "") -> Job:
        """Stop a job for now; its bytes are kept."""
        return await self._decide(job_id, "pause", "Paused.", viewer)

    async def resume(self, job_id: str, viewer: str = "") -> Job:
        """Let a paused job go on."""
        return await self._decide(job_id, "resume", "Waiting to go on.", viewer)

    async def retry(self, job_id: str, viewer: str = "") -> Job:
        """Try a failed job again, or one that waits for its next try at once."""
        job = await self.find(job_id, viewer)
        async with self._gate(job.kind, job.key):
            other = self._shelf.live_one(job.kind, job.key)
            if other is not None and other is not job:
                raise Conflict("Another job does this now.", code="already_running", job_id=other.job_id)
            return await self._decide(job_id, "retry", "Waiting to try again.")

    # -- living

    async def restore(self) -> None:
        """Take up what was going on when the server stopped, under the same ids; what was paused stays so.

        Whoever asks for a job before that waits for it.
        """
        if self._restored is None:
            self._restored = asyncio.ensure_future(self._restore())
        await asyncio.shield(self._restored)

    async def stop(self) -> None:
        """Stop all work within seconds, keep every state for the next start, end every stream of events."""
        self.events.close()
        for job in self.list(state="running"):
            self._keeper.keep_soon(job)  # how far it is
        await self._driver.stop()

    def sweep(self, *, dry_run: bool = False) -> Sequence[str]:
        """Forget the jobs that ended longer ago than they are kept, or only give their ids; for a thread."""
        return self._shelf.sweep(self._clock() - self.keep_seconds, dry_run=dry_run)

    async def _restore(self) -> None:
        for job in await self._threads.run(self._records.load_live):
            self._shelf.put(job)
            if job.state != "paused":
                self._driver.move(job, "recover", "Going on after a restart of the server.")
                self._driver.launch(job)

    async def _decide(self, job_id: str, action: Action, message: str, viewer: str = "") -> Job:
        job = await self.find(job_id, viewer)
        was = job.state
        if not self._driver.move(job, action, message):
            return job
        if was == "error":
            job.attempt = 1
        self._driver.interrupt(job)
        self._driver.launch(job)
        await self._keeper.keep(job)
        return job

    async def _add(self, job: Job) -> None:
        await self._keeper.save(job)
        self._shelf.put(job)
        self.events.publish(job)

    def _gate(self, kind: str, key: str) -> asyncio.Lock:
        return self._gates.setdefault((kind, key), asyncio.Lock())
