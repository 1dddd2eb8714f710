"""The bytes of an unfinished file go to the disk while more arrive, so completion has little to wait for.

::

    wrote ... wrote ── a step since the last time ──> fdatasync, in a thread of its own ──> again ...
      └── much more than a step: waits                   └── fails: settle() raises it, nothing is published

A disk with a cache of its own takes a second to empty it of a gigabyte, whoever has begun to write early.
Large steps are quicker, and what the last one leaves is waited for in the end; so they shrink as it nears.
"""

from __future__ import annotations

import asyncio
import contextlib
import os

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Gone, Unavailable

__all__ = ["Ahead", "Lost"]

_STEP_BYTES = (2 << 20, 16 << 20)


class Lost(Gone):
    """The disk has lost bytes of an unfinished file."""

    sentence = "The server's disk has lost some of what had arrived of this upload."
    hint = "Send the file again from its beginning; if this comes back, tell the administrator."


class Ahead:
    """One unfinished file on its way to the disk.

    Parameters
    ----------
    threads : Threads
        Where syncing happens: it takes long, and other work must not wait behind it.

    Attributes
    ----------
    left : int
        About how many bytes are still to come.
    turn : asyncio.Lock
        Held while bytes are written and counted, so that several writers do not overshoot together.
    """

    def __init__(self, threads: Threads) -> None:
        self.left = 0
        self.turn = asyncio.Lock()
        self._threads = threads
        self._written = 0
        self._task: asyncio.Task[None] | None = None
        self._progress = asyncio.Event()
        self._failure: OSError | None = None

    def next(self) -> Ahead:
        """Give one for the next attempt at the file."""
        return Ahead(self._threads)

    @property
    def step(self) -> int:
        """How many bytes to write before the disk is told; fewer towards the end, so that little is left."""
        least, most = _STEP_BYTES
        return min(most, max(least, self.left // 4))

    async def wrote(self, fd: int, size: int) -> None:
        """Count ``size`` bytes that were written to ``fd``; returns when the disk lacks few enough."""
        self._written += size
        self.left -= size
        if self._written >= self.step and self._task is None and self._failure is None:
            with contextlib.suppress(OSError):  # without a descriptor more is left for the end
                self._task = asyncio.ensure_future(self._sync(os.dup(fd)))
        while self._task is not None and self._written > 1.5 * self.step:
            await self._progress.wait()

    async def settle(self) -> None:
        """Wait for what was begun.

        Raises
        ------
        Lost
            The disk has lost bytes. The system tells it once, so the sync of the whole file would not know.
        """
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._failure is not None:
            raise Lost from self._failure

    async def _sync(self, fd: int) -> None:
        try:
            while self._written >= self.step:
                self._written = 0
                await self._threads.run(os.fdatasync, fd)
                self._move_on()
        except OSError as error:
            self._failure = error
        except Unavailable:  # the server is stopping: what is whole is synced before it gets its name
            pass
        finally:
            self._task = None
            self._move_on()
            await self._close(fd)

    async def _close(self, fd: int) -> None:
        try:
            await self._threads.run(os.close, fd)
        except Unavailable:
            os.close(fd)

    def _move_on(self) -> None:
        """Wake up who waits."""
        self._progress.set()
        self._progress.clear()
