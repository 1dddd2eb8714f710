"""The bytes of one chunk on their way to the disk.

::

    in place   straight to their offset in the upload's file
    spooled    to a file of their own, when their place is not known yet or somebody else writes there
    drained    nowhere: only length and checksum count

Pieces are gathered to 1 MiB and written by a thread while the next ones arrive; the next write waits for
the one before, so a slow disk holds up the sender and never fills memory. Nobody can tell from
the file what arrived: that is the journal's business, once the chunk is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.writeback import begin_writeback
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
        self._pieces: list[regions.Buffer] = []
        self._gathered = 0
        self._written = 0
        self._on_its_way = 0
        self._told = 0
        self._ahead = ahead
        self._pending: asyncio.Task[None] | None = None

    @property
    def has_bytes(self) -> bool:
        """Whether all bytes were kept."""
        return self._keeps

    @property
    def place(self) -> tuple[str, int]:
        """Where the bytes lie: name of the upload's file, and offset; the name is empty for a spool."""
        return self.data, self.offset

    async def write(self, data: regions.Buffer) -> None:
        """Take the next bytes; they must stay as they are until the write after the next.

        Raises
        ------
        TooLarge
            The chunk is longer than the server takes.
        Conflict
            It is longer than the other chunks of its file and would reach into the next one.
        """
        self.length += len(data)
        if self.length > self._max_bytes:
            limit = self._max_bytes
            raise TooLarge(f"A chunk may have at most {limit} bytes.", maxChunkSize=limit)
        if self.bound is not None and self.length > self.bound:
            raise Conflict(
                f"Every chunk but the last must have {self.bound} bytes.",
                code="chunk_size_mismatch",
                chunkSize=self.bound,
            )
        self._pieces.append(data)
        self._gathered += len(data)
        # Not at exactly one block: who reads whole blocks pushes by themselves, and a second push would
        # wait for the first one's write instead of letting the next block come meanwhile.
        if self._gathered > _BLOCK or len(self._pieces) >= _PIECES:
            await self.push()

    async def push(self) -> None:
        """Begin to write what is gathered, after the write before has ended."""
        await self._wait()
        if self._pieces:
            pieces, self._pieces, self._gathered = self._pieces, [], 0
            self._pending = asyncio.ensure_future(self._threads.run(self._put, pieces))

    async def drain(self) -> None:
        """Wait until nothing that :meth:`write` was given is used any more."""
        await self.push()
        await self._wait()

    async def settle(self) -> None:
        """Wait until everything is written: then :attr:`length` and :attr:`crc32` are the chunk's."""
        await self.drain()

    async def lose(self) -> None:
        """Write no more: the place belongs to somebody else now. Returns when nothing is being written."""
        self._keeps = False
        if self._pending is not None:
            await asyncio.wait([self._pending])

    async def close(self) -> None:
        """Let go of the file, and remove it when it is a spool; the bytes must be used before."""
        if self._pending is not None:
            await asyncio.wait([self._pending])
            if not self._pending.cancelled():
                self._pending.exception()
        fd, self.fd, self._keeps = self.fd, None, False
        spool, self.spool = self.spool, None
        if fd is not None:
            await self._threads.run(_discard, fd, spool)

    async def _wait(self) -> None:
        # It stays in its place until it has ended, so that lose() can wait for it too.
        pending = self._pending
        if pending is not None:
            await pending
            if self._pending is pending:
                self._pending = None
            if self._ahead is not None and self._keeps and self.fd is not None:
                self._ahead.wrote(self.fd, self._written - self._told)
                self._told = self._written

    def _put(self, pieces: list[regions.Buffer]) -> None:
        """Sum and write; runs in a thread, one call at a time."""
        for piece in pieces:
            self.crc32 = regions.crc32(piece, self.crc32)
        if self._keeps and self.fd is not None:
            regions.write(self.fd, pieces, self.offset + self._written)
        self._written += sum(len(piece) for piece in pieces)
        if self._keeps and self.fd is not None and self._written - self._on_its_way >= _BLOCK:
            # The disk begins at once, so that the fsync of the whole file finds little to do.
            begin_writeback(self.fd, self.offset + self._on_its_way, self._written - self._on_its_way)
            self._on_its_way = self._written


def _discard(fd: int, spool: Path | None) -> None:
    os.close(fd)
    if spool is not None:
        with contextlib.suppress(FileNotFoundError):
            spool.unlink()
