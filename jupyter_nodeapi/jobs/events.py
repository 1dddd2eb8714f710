"""What happens to jobs, told to whoever listens.

Changes of state are told at once, progress at most four times a second a job. Listeners share one ring of the
latest events and each holds only its place in it, so a slow one costs nothing::

    ring:   ... 41 42 43 44          id of an event: <run>-<number>, so that a restart is noticed
    listener A ────┘      └── B      whoever asks for what the ring has lost gets a snapshot of the live jobs

The same events go to Jupyter's own event bus through ``emit(schema_id, data)``, except those of a job that is
one user's alone: everybody may listen there.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from jupyter_nodeapi.jobs.record import Job, seen_by
from jupyter_nodeapi.jobs.schemas import JobEvent

__all__ = ["SCHEMA_ID", "SCHEMA_PATH", "Events"]

SCHEMA_ID: Final = "https://events.jupyter.org/jupyter_nodeapi/job/v1"
SCHEMA_PATH: Final = Path(__file__).with_name("job.v1.yaml")

PROGRESS_SECONDS: Final = 0.25
RING_LENGTH: Final = 1_000


class Events:
    """The latest events of all jobs and who waits for the next.

    Parameters
    ----------
    describe : callable
        Tells a job as an event.
    live : callable
        Gives the jobs that a new listener should know of.
    clock : callable
        Gives seconds; only for the throttle.
    """

    def __init__(
        self,
        describe: Callable[[Job], JobEvent],
        live: Callable[[], Iterable[Job]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.emit: Callable[[str, dict[str, Any]], object] | None = None
        self.closed = False
        self._describe = describe
        self._live = live
        self._clock = clock
        self._run = f"{time.time_ns() // 1_000_000:x}"
        self._ring: deque[tuple[str, JobEvent]] = deque(maxlen=RING_LENGTH)
        self._newest = 0
        self._told: dict[str, float] = {}
        self._news = asyncio.Event()

    def publish(self, job: Job) -> None:
        """Tell everybody how a job is now. Only on the loop."""
        event = self._describe(job)
        if job.ended:
            self._told.pop(job.job_id, None)
        else:
            self._told[job.job_id] = self._clock()
        self._ring.append((job.owner, event))
        self._newest += 1
        self.wake()
        if self.emit is not None and not job.owner:
            self.emit(SCHEMA_ID, msgspec.to_builtins(event))

    def due(self, job_id: str) -> float:
        """Give the seconds until progress of that job may be told again."""
        told = self._told.get(job_id)
        return 0.0 if told is None else max(told + PROGRESS_SECONDS - self._clock(), 0.0)

    def close(self) -> None:
        """Let every listener's stream end: the server stops."""
        self.closed = True
        self.wake()

    def wake(self) -> None:
        """Let every listener look whether there is anything for it."""
        self._news.set()
        self._news = asyncio.Event()

    # -- what a listener asks: see jupyter_nodeapi.jobs.feed

    @property
    def news(self) -> asyncio.Event:
        """Set when the next event is published."""
        return self._news

    def name_of(self, number: int) -> str:
        """Give the id of the event of that number."""
        return f"{self._run}-{number}"

    def place_of(self, last_event_id: str | None) -> int | None:
        """Give the number of the event of that id; None when it is not of this run or is lost."""
        run, _, number = (last_event_id or "").strip().partition("-")
        if run != self._run or not number.isascii() or not number.isdecimal() or len(number) > 15:
            return None
        return int(number) if self.oldest - 1 <= int(number) <= self._newest else None

    @property
    def oldest(self) -> int:
        """Number of the oldest event that can still be told."""
        return self._newest - len(self._ring) + 1

    @property
    def newest(self) -> int:
        """Number of the latest event; 0 before the first."""
        return self._newest

    def after(self, number: int, viewer: str = "") -> list[tuple[str, JobEvent]]:
        """Give the events after that of `number`, which the ring must still know, as far as `viewer` may."""
        count = self._newest - number
        first = number + 1
        latest = list(self._ring)[len(self._ring) - count :]
        return [
            (self.name_of(first + index), event)
            for index, (owner, event) in enumerate(latest)
            if seen_by(owner, viewer)
        ]

    def snapshot(self, viewer: str = "") -> list[tuple[str, JobEvent]]:
        """Give the live jobs as they are now, as if they had just happened."""
        jobs = [job for job in self._live() if job.seen_by(viewer)]
        return [(self.name_of(self._newest), self._describe(job)) for job in jobs]
