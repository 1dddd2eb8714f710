"""The bytes of an unfinished file go to the disk while more arrive, so completion has little to wait for.

::

    wrote ... wrote ── 32 MiB since the last time ──> fdatasync, in a thread of its own ──> wrote ...
                                                       └── fails: settle() raises it, nothing is published

A disk with a cache of its own takes a second to empty it of a gigabyte, whoever has begun to write early.
"""

from __future__ import annotations

import asyncio
import os

from jupyter_nodeapi.disk.blocking import Threads

__all__ = ["Ahead"]

_STEP_BYTES = 32 << 20

_threads = Threads(2, "nodeapi-flush")


class Ahead:
    """One unfinished file on its way to the disk."""

    def __init__(self) -> None:
        self._written = 0
        self._task: asyncio.Task[None] | None = None
        self._failure: OSError | None = None

    def wrote(self, fd: int, size: int) -> None:
        """Count ``size`` bytes that were written to ``fd``, and begin to sync when they are worth it."""
        self._written += size
        if self._written >= _STEP_BYTES and self._task is None:
            self._written = 0
            self._task = asyncio.ensure_future(self._sync(os.dup(fd)))

    async def settle(self) -> None:
        """Wait for what was begun.

        Raises
        ------
        OSError
            The disk has lost bytes. The system tells it once, so the sync of the whole file would not know.
        """
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._failure is not None:
            raise OSError(self._failure.errno, self._failure.strerror)

    async def _sync(self, fd: int) -> None:
        try:
            await _threads.run(_sync_and_close, fd)
        except OSError as error:
            self._failure = error
        finally:
            self._task = None


def _sync_and_close(fd: int) -> None:
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)
