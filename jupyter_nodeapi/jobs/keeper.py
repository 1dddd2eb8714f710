"""The records in the order of what happened: a job's writes follow each other, each holds the latest."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from jupyter_nodeapi.disk.atomic import Sync
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.jobs.record import Job, Records

__all__ = ["Keeper"]


class Keeper:
    """Writes the records of jobs without holding up the loop.

    A write that has begun goes on when its caller is cancelled: an older one must not overtake a newer one.

    Parameters
    ----------
    records : Records
        Where they are.
    threads : Threads
        Who writes.
    log : logging.Logger
        For what could not be written.
    """

    def __init__(
        self, records: Records, threads: Threads, log: logging.Logger | logging.LoggerAdapter[Any]
    ) -> None:
        self._records = records
        self._threads = threads
        self._log = log
        self._orders: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._writing: set[asyncio.Task[Exception | None]] = set()

    async def save(self, job: Job) -> None:
        """Put a job on the disk as it is now; raises what the disk raises."""
        error = await asyncio.shield(self._begin(job))
        if error is not None:
            raise error

    async def keep(self, job: Job) -> None:
        """Do as :meth:`save` where a full disk must not stop what happens; a cancel makes room."""
        error = await asyncio.shield(self._begin(job))
        if error is not None:
            self._log.warning("The record of job %s could not be written: %r", job.job_id, error)

    def keep_soon(self, job: Job) -> None:
        """Write down how far a job is, without waiting: what a kill must not take back, a power cut may."""
        self._begin(job, sync="bytes")

    async def close(self, seconds: float) -> None:
        """Wait for what is being written, at most that long."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=seconds)

    def _begin(self, job: Job, sync: Sync = "all") -> asyncio.Task[Exception | None]:
        task = asyncio.get_running_loop().create_task(self._write(job, sync))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return task

    async def _write(self, job: Job, sync: Sync) -> Exception | None:
        """Write the record; a failure is returned, because perhaps nobody waits for it."""
        async with self._orders.setdefault(job.job_id, asyncio.Lock()):
            ended_at = job.finished_at if job.ended else None
            try:
                data = msgspec.json.encode(job)
                await self._threads.run(self._records.save, job.job_id, data, ended_at, sync=sync)
            except (OSError, NodeApiError, TypeError, ValueError) as error:
                return error
        return None
