"""A ``Jobs`` for tests: a clock that stands still, a sleep that ends when told, records in a temporary folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.runner import Jobs
from tests.jobs import works

DEADLINE_SECONDS = 10.0


def work(name: str) -> str:
    return f"tests.jobs.works:{name}"


class Clock:
    """Time that passes when the test says so; sleepers wake when it reaches their moment."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.sleeping: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self.sleeping.append((self.now + seconds, event))
        await event.wait()

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        for moment, event in self.sleeping:
            if moment <= self.now:
                event.set()
        self.sleeping = [(moment, event) for moment, event in self.sleeping if moment > self.now]


class RealClock(Clock):
    """Time as it is."""

    def __call__(self) -> float:
        return time.time()


async def until(holds: Callable[[], Any]) -> Any:
    """Look again and again until it holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.001)
    return found


class House:
    """One server's jobs."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.clock = settings.pop("clock", None) or Clock()
        self.threads = Threads(size=2, name="test")
        settings.setdefault("jitter", lambda low, high: high)
        log = logging.getLogger("tests.jobs")
        self.jobs = Jobs(folder, self.threads, clock=self.clock, sleep=self.clock.sleep, log=log, **settings)

    @staticmethod
    def play(folder: Path, story: Callable[[House], Awaitable[None]], **settings: Any) -> None:
        """Run a story and stop the house; nothing may be left over."""

        async def played() -> None:
            works.STAGES.clear()
            house = House(folder / "jobs", **settings)
            await house.jobs.restore()
            try:
                await story(house)
            finally:
                await house.close()

        asyncio.run(played())

    async def close(self) -> None:
        for stage in works.STAGES.values():
            stage.stubborn.set()
        await self.jobs.stop()
        self.threads.close()

    def stage(self, name: str) -> works.Stage:
        return works.STAGES.setdefault(name, works.Stage())

    def record(self, job: Job) -> dict[str, Any]:
        """Give what the disk knows of a job, which may be moving to the ended ones this moment."""
        name = f"{job.job_id}.json"
        for path in (self.folder / name, self.folder / "ended" / name, self.folder / name):
            with contextlib.suppress(FileNotFoundError):
                return json.loads(path.read_bytes())
        raise AssertionError("there is no record of this job")

    async def until(self, job: Job, state: str) -> None:
        await until(lambda: job.state == state)

    async def begun(self, name: str) -> None:
        await until(self.stage(name).begun.is_set)
