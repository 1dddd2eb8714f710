"""The jobs that can be asked for: in memory what lives or ended lately, on the disk what is older."""

from __future__ import annotations

from typing import NoReturn

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.jobs.record import Job, Records
from jupyter_nodeapi.jobs.states import State

__all__ = ["Shelf"]


class Shelf:
    """Jobs by id.

    Parameters
    ----------
    records : Records
        What is on the disk. Old jobs are read when somebody asks, so that a start costs nothing.
    threads : Threads
        Who reads them.
    """

    def __init__(self, records: Records, threads: Threads) -> None:
        self._records = records
        self._threads = threads
        self._jobs: dict[str, Job] = {}
        self._all_read = False

    def put(self, job: Job) -> None:
        """Keep a job in memory."""
        self._jobs[job.job_id] = job

    def get(self, job_id: str) -> Job:
        """Give a job that is in memory; raises `NotFound` for any other."""
        return self._jobs.get(job_id) or self.missing()

    def missing(self) -> NoReturn:
        """Say that a job is not there, or not for who asks; raises `NotFound`."""
        raise NotFound("There is no job with this id.", hint="Jobs that are over are kept for some days.")

    async def find(self, job_id: str) -> Job:
        """Give a job from memory or disk; raises `NotFound`."""
        if job_id not in self._jobs:
            job = await self._threads.run(self._records.load, job_id)
            if job is not None and job.ended:
                self._jobs.setdefault(job_id, job)
        return self.get(job_id)

    async def read_all(self) -> None:
        """Bring the older ones into memory, once."""
        if not self._all_read:
            for job in await self._threads.run(self._records.load_ended):
                self._jobs.setdefault(job.job_id, job)
            self._all_read = True

    def select(self, kind: str | None = None, state: State | None = None, *, live: bool = False) -> list[Job]:
        """Give the jobs in memory, newest first."""
        jobs = [
            job
            for job in list(self._jobs.values())
            if kind in {None, job.kind} and state in {None, job.state} and not (live and job.ended)
        ]
        return sorted(jobs, key=lambda job: job.created_at, reverse=True)

    def live_one(self, kind: str, key: str) -> Job | None:
        """Give the job that does this now, or None."""
        return next((job for job in self.select(kind, live=True) if job.key == key), None)

    def sweep(self, before: float, *, dry_run: bool = False) -> list[str]:
        """Forget what ended before that moment, in memory and on the disk; for a thread. Dry: only say it."""
        swept = self._records.sweep(before, dry_run=dry_run)
        for job_id in () if dry_run else swept:
            self._jobs.pop(job_id, None)
        return swept
