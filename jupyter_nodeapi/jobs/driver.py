"""How one job gets from queued to its end.

Each job that has anything to do has a turn, a task of its own; turns over the same thing follow each
other, so that a new download never meets the partial file that a cancelled one is still leaving::

    turn:   wait for the turn before ── [ attempt ── judge ── rest ] ... ── settle
                                          └ lane, engine    └ back-off      └ tell the room, in a thread

A turn never asks why it was cut short: whoever stops it changes the state first and interrupts it then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import msgspec

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import NodeApiError, Unavailable, Unprocessable
from jupyter_nodeapi.jobs.backoff import Backoff
from jupyter_nodeapi.jobs.engines import Engine, Result, Retry
from jupyter_nodeapi.jobs.events import Events
from jupyter_nodeapi.jobs.keeper import Keeper
from jupyter_nodeapi.jobs.lanes import Lanes
from jupyter_nodeapi.jobs.meter import Meter
from jupyter_nodeapi.jobs.outcomes import Failure, change, judge
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.report import Reporter, on_loop
from jupyter_nodeapi.jobs.runs import Kind, Run
from jupyter_nodeapi.jobs.states import Action, after

__all__ = ["Driver"]

STOP_SECONDS: Final = 2.0


class Driver:
    """Runs the turns of all jobs.

    Parameters
    ----------
    keeper, threads, events, lanes, engine
        What it stands on.
    backoff : Backoff
        When failed tries are repeated.
    clock : callable
        Gives seconds since the epoch.
    sleep : callable
        Waits that many seconds.
    log : logging.Logger
        Where it says what nobody else is told.
    """

    def __init__(
        self,
        *,
        keeper: Keeper,
        threads: Threads,
        events: Events,
        lanes: Lanes,
        engine: Engine,
        backoff: Backoff,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        log: logging.Logger | logging.LoggerAdapter[Any],
    ) -> None:
        self.kinds: dict[str, Kind] = {}
        self.stopping = asyncio.Event()
        self.on_activity: Callable[[], None] = lambda: None
        self._keeper = keeper
        self._threads = threads
        self._events = events
        self._lanes = lanes
        self._engine = engine
        self._backoff = backoff
        self._clock = clock
        self._sleep = sleep
        self._log = log
        self._runs: dict[str, Run] = {}
        self._turns: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def run_of(self, job: Job) -> Run:
        """Give what memory knows about a job."""
        return self._runs.setdefault(job.job_id, Run(failed_at=job.bytes))

    def meter_of(self, job: Job) -> Meter:
        """Give the meter of a job, an empty one when nothing runs."""
        run = self._runs.get(job.job_id)
        return run.meter if run is not None else Meter()

    # -- what the service asks for

    def launch(self, job: Job) -> None:
        """Give a job its turn; one that has it already goes on by its state."""
        run = self.run_of(job)
        if run.turning or self.stopping.is_set():
            return
        run.turning = True
        same = (job.kind, job.key)
        turn = self._turns[same] = self._task(self._turn(job, run, self._turns.get(same)))
        turn.add_done_callback(lambda _: self._forget(same, turn))

    def interrupt(self, job: Job) -> None:
        """Cut short what a job is doing; its new state says what comes next."""
        run = self.run_of(job)
        if run.reporter is not None:
            run.reporter.close()
        if run.step is not None and not run.interrupted:  # a second cancel would not wait for the work's end
            run.interrupted = True
            run.step.cancel()

    def move(
        self,
        job: Job,
        action: Action,
        message: str,
        error: NodeApiError | None = None,
        retry_at: float | None = None,
    ) -> bool:
        """Change the state of a job and tell everybody; give whether anything changed."""
        if after(job.state, action) == job.state and action != "recover":
            return False
        change(job, action, message, error, retry_at, now=self._clock())
        self._events.publish(job)
        return True

    async def stop(self) -> None:
        """Let everything end within seconds; states stay as they are, for the next start."""
        self.stopping.set()
        await self._engine.detach()
        turns = {task for task in self._tasks if not task.done()}
        for run in self._runs.values():
            if run.reporter is not None:
                run.reporter.close()
            if run.step is not None:
                run.step.cancel()
        if turns:
            await asyncio.wait(turns, timeout=STOP_SECONDS)
        await self._keeper.close(STOP_SECONDS)
        late = {task for task in self._tasks if not task.done()}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=STOP_SECONDS)

    # -- one turn

    async def _turn(self, job: Job, run: Run, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        while job.state in {"queued", "waiting_retry"} and not self.stopping.is_set():
            if job.state == "queued":
                await self._try(job, run)
            else:
                await self._step(run, self._rest(job))
        run.turning = False
        await self._settle(job, run)

    async def _step(self, run: Run, step: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        run.step = self._task(step)
        run.interrupted = False
        try:
            await asyncio.wait({run.step})
            return run.step
        finally:
            run.step = None

    async def _try(self, job: Job, run: Run) -> None:
        """Wait for a place and make one attempt; the place is held until its outcome is the job's state."""
        entered = await self._step(run, self._lanes.enter(job.kind))
        if entered.cancelled():
            return
        try:
            if job.state == "queued" and not self.stopping.is_set():
                await self._judge(job, run, await self._step(run, self._attempt(job, run)))
        finally:
            self._lanes.leave(job.kind)

    async def _attempt(self, job: Job, run: Run) -> Result:
        kind = self.kinds.get(job.kind)
        self.move(job, "run", "Starting.")
        if kind is None:
            raise Unprocessable(f"Nothing here runs jobs of the kind '{job.kind}'.", code="unknown_kind")
        job.started_at = job.started_at or self._clock()
        run.meter.clear()
        loop = asyncio.get_running_loop()
        run.reporter = Reporter(job, run.meter, on_loop(loop, self._pump, job, run), self._clock)
        self._keeper.keep_soon(job)  # after a restart it is queued, whatever its record says
        return await kind.run(self._engine, job.job_id, job.spec, run.reporter)

    async def _rest(self, job: Job) -> None:
        await self._sleep(max((job.retry_at or 0.0) - self._clock(), 0.0))
        self.move(job, "wake", "Waiting to try again.")

    async def _judge(self, job: Job, run: Run, step: asyncio.Task[Result]) -> None:
        """Turn the outcome of an attempt into the job's next state."""
        if run.reporter is not None:
            run.reporter.close()
        error = None if step.cancelled() else step.exception()
        if self.stopping.is_set() or job.state != "running":
            return  # somebody else has decided meanwhile
        if step.cancelled():
            error = Retry(Unavailable("The engine lost the job."))
        if error is None:
            await self._finish(job, step.result())
        else:
            await self._fail(job, run, judge(error), error)

    async def _finish(self, job: Job, result: Result) -> None:
        message = result.get("message")
        found: dict[str, Any] = {"result": result, "progress": 100, "bytes": job.total_bytes or job.bytes}
        await self._conclude(job, "finish", message if isinstance(message, str) else "Completed.", **found)
        self.on_activity()  # its last reports may not have been told any more

    async def _fail(self, job: Job, run: Run, failure: Failure, error: BaseException) -> None:
        action = failure.action
        delay = 0.0
        if action == "back_off":
            tried = 1 if job.bytes > run.failed_at else job.attempt
            run.failed_at = max(run.failed_at, job.bytes)
            delay = self._backoff.seconds(tried, failure.after)
            action = "fail" if tried >= self._backoff.tries else "back_off"
            job.attempt = tried + (action == "back_off")
        if failure.unknown:
            self._log.error("Job %s (%s) failed", job.job_id, job.kind, exc_info=error)
        else:
            self._log.info("Job %s (%s): %s, %s", job.job_id, job.kind, action, failure.error.code)
        retry_at = self._clock() + delay if action == "back_off" else None
        await self._conclude(job, action, failure.error.message, failure.error, retry_at)

    async def _conclude(
        self,
        job: Job,
        action: Action,
        message: str,
        error: NodeApiError | None = None,
        retry_at: float | None = None,
        **found: Any,
    ) -> None:
        """Give an attempt its outcome: on the disk before anybody hears of it: no kill takes it back."""
        outcome = msgspec.structs.replace(job, **found)
        change(outcome, action, message, error, retry_at, now=self._clock())
        await self._keeper.keep(outcome)
        if job.state == "running" and not self.stopping.is_set():  # nobody else has decided meanwhile
            for name, value in found.items():
                setattr(job, name, value)
            self.move(job, action, message, error, retry_at)

    async def _settle(self, job: Job, run: Run) -> None:
        """Tell the room that its job ended or was paused; what becomes of the bytes is the room's to say."""
        kind = self.kinds.get(job.kind)
        if self.stopping.is_set():
            return
        if kind is not None and kind.on_end is not None:
            await self._tell_room(job, kind.on_end)
        if job.ended and not run.turning:
            self._runs.pop(job.job_id, None)

    async def _tell_room(self, job: Job, on_end: Callable[[Job], None]) -> None:
        told = self._task(self._threads.run(on_end, msgspec.structs.replace(job)))
        await asyncio.wait({told})
        if not told.cancelled() and (error := told.exception()) is not None:
            self._log.error("The end of job %s (%s) was not handled", job.job_id, job.kind, exc_info=error)

    # -- reports and tasks

    def _pump(self, job: Job, run: Run) -> None:
        """Tell progress onwards, on the loop, no faster than people can see."""
        reporter = run.reporter
        if reporter is None or reporter.closed:
            return
        wait = self._events.due(job.job_id)
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._pump, job, run)
            return
        reporter.heard()
        self._events.publish(job)
        self.on_activity()
        if job.progress != run.saved_progress:  # a hundred times in its life: not even a kill lets it go back
            run.saved_progress = job.progress
            self._keeper.keep_soon(job)

    def _forget(self, same: tuple[str, str], turn: asyncio.Task[None]) -> None:
        if self._turns.get(same) is turn:
            del self._turns[same]

    def _task(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
