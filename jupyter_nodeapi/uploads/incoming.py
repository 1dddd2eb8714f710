"""The bytes of one chunk on their way to the disk.

::

    in place   straight to their offset in the upload's file
    spooled    to a file of their own, when their place is not known yet or somebody else writes there
    drained    nowhere: only length and checksum count

What comes fast is written by the thread that reads the socket (see ``disk.bursts``). Other pieces are
gathered to 1 MiB and written by a thread while the next ones arrive; the next write waits for the one
before. Either way a slow disk holds up the sender and never fills memory. Nobody can tell from the file what
arrived: that is the journal's business, once the chunk is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.bursts import Burst
from jupyter_nodeapi.disk.space import Promise
from jupyter_nodeapi.errors import Conflict, TooLarge
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.ahead import Ahead

__all__ = ["Incoming"]

_BLOCK = 1 << 20
_PIECES = 512


class Incoming:
    """One chunk while it arrives.

    Parameters
    ----------
    threads : Threads
        Where writing happens.
    max_bytes : int
        The longest chunk there may be.
    fd : int, optional
        Where to write; closed by :meth:`close`. None drains.
    offset : int
        From where on.
    spool : Path, optional
        The file behind ``fd`` when it holds this chunk alone; removed by :meth:`close`.
    data : str
        Name of the upload's file behind ``fd`` otherwise.
    ahead : Ahead, optional
        Told of what was written in place.
    promise : Promise, optional
        Room on the disk.
    """

    def __init__(
        self,
        threads: Threads,
        max_bytes: int,
        *,
        fd: int | None = None,
        offset: int = 0,
        spool: Path | None = None,
        data: str = "",
        ahead: Ahead | None = None,
        promise: Promise | None = None,
    ) -> None:
        self.fd = fd
        self.offset = offset
        self.spool = spool
        self.spooled = spool.name if spool else ""
        self.data = data
        self.length = 0
        self.crc32 = 0
        self.bound: int | None = None
        self._threads = threads
        self._max_bytes = max_bytes
        self._keeps = fd is not None
        self._pieces: list[bytes | memoryview] = []
        self._gathered = 0
        self._written = 0
        self._told = 0
        self._ahead = ahead
        self._promise = promise
        self._pending: asyncio.Task[None] | None = None
        self._writing = threading.Lock()

    @property
    def has_bytes(self) -> bool:
        """Whether all bytes were kept."""
        return self._keeps

    @property
    def written(self) -> int:
        """How many of the bytes are written, or were drained."""
        return self._written

    @property
    def place(self) -> tuple[str, int]:
        """Where the bytes lie: name of the upload's file, and offset; the name is empty for a spool."""
        return self.data, self.offset

    async def write(self, data: bytes | memoryview) -> None:
        """Take the next bytes, which nobody may change any more.

        Raises
        ------
        TooLarge
            The chunk is longer than the server takes.
        Conflict
            It is longer than the other chunks of its file and would reach into the next one.
        """
        self._count(len(data))
        self._pieces.append(data)
        self._gathered += len(data)
        if self._gathered >= _BLOCK or len(self._pieces) >= _PIECES:
            await self._push()

    async def receive(self, burst: Burst, absorb: Callable[[bytearray, int], None]) -> None:
        """Take what comes from a socket without a pause; ``absorb`` calls :meth:`put` with it.

        Raises
        ------
        TooLarge, Conflict
            As :meth:`write`.
        """
        await self._wait()
        ahead = self._ahead
        async with ahead.turn if ahead is not None else contextlib.nullcontext():
            await burst.run(absorb, ahead.step if ahead is not None else None)
            await self._tell_ahead()

    def put(self, data: bytes | memoryview) -> None:
        """Write the next bytes now; only within :meth:`receive`. Blocks.

        Raises
        ------
        TooLarge, Conflict
            As :meth:`write`.
        """
        self._count(len(data))
        pieces, self._pieces, self._gathered = [*self._pieces, data], [], 0
        self._put(pieces)

    async def settle(self) -> None:
        """Wait until everything is written: then :attr:`length` and :attr:`crc32` are the chunk's."""
        await self._push()
        await self._wait()

    def make_room(self, size: int) -> None:
        """Make sure that the disk has room for ``size`` bytes more. Blocks.

        Raises
        ------
        InsufficientStorage
            It has not.
        """
        if self._promise is not None:
            self._promise.at_least(size)

    async def lose(self) -> None:
        """Write no more: the place belongs to somebody else now. Returns when nothing is being written."""
        self._keeps = False
        await self._threads.run(self._pause)

    async def close(self) -> None:
        """Let go of the file, and remove it when it is a spool; the bytes must be used before."""
        if self._pending is not None:
            await asyncio.wait([self._pending])
            if not self._pending.cancelled():
                self._pending.exception()
        self._keeps = False
        if self.fd is not None:
            await self._threads.run(self.release)

    def _count(self, size: int) -> None:
        self.length += size
        if self.length > self._max_bytes:
            limit = self._max_bytes
            raise TooLarge(f"A chunk may have at most {limit} bytes.", maxChunkSize=limit)
        if self.bound is not None and self.length > self.bound:
            raise Conflict(
                f"Every chunk but the last must have {self.bound} bytes.",
                code="chunk_size_mismatch",
                chunkSize=self.bound,
            )

    async def _push(self) -> None:
        """Begin to write what is gathered, after the write before has ended."""
        await self._wait()
        if self._pieces:
            pieces, self._pieces, self._gathered = self._pieces, [], 0
            self._pending = asyncio.ensure_future(self._threads.run(self._put, pieces))

    async def _wait(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            await pending
            await self._tell_ahead()

    async def _tell_ahead(self) -> None:
        if self._ahead is not None and self._keeps and self.fd is not None:
            new, self._told = self._written - self._told, self._written
            await self._ahead.wrote(self.fd, new)

    def _put(self, pieces: list[bytes | memoryview]) -> None:
        """Sum and write; runs in a thread, one call at a time."""
        for piece in pieces:
            self.crc32 = regions.crc32(piece, self.crc32)
        with self._writing:
            size = sum(len(piece) for piece in pieces)
            if self._keeps and self.fd is not None:
                self._keep(self.fd, pieces, size)
            self._written += size

    def _keep(self, fd: int, pieces: list[bytes | memoryview], size: int) -> None:
        self.make_room(size)
        regions.write(fd, pieces, self.offset + self._written)
        if self._promise is not None:
            self._promise.came(size)

    def _pause(self) -> None:
        """Wait until nobody writes; who comes later sees that it must not."""
        with self._writing:
            pass

    def release(self) -> None:
        """Let go of the file now; once all is settled, or from :meth:`close`. Blocks."""
        with self._writing:
            fd, self.fd = self.fd, None
            spool, self.spool = self.spool, None
            promise, self._promise = self._promise, None
            with contextlib.ExitStack() as all_of_it:  # a network's disk may only fail in close
                if promise is not None:
                    all_of_it.callback(promise.end)
                if spool is not None:
                    all_of_it.callback(spool.unlink, missing_ok=True)
                if fd is not None:
                    all_of_it.callback(os.close, fd)
