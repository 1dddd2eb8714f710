"""The body of one tus request on its way into its upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jupyter_nodeapi.disk.bursts import Burst
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.tus.allowance import Allowance
from jupyter_nodeapi.uploads.tus.protocol import Checksum, ChecksumMismatch
from jupyter_nodeapi.uploads.tus.record import Record

__all__ = ["Appending"]


class _Uploads(Protocol):
    async def finish(self, record: Record, incoming: Incoming, *, keep: bool) -> int: ...
    async def matches(self, incoming: Incoming, checksum: Checksum) -> bool: ...


class Appending:
    """A sink for bytes that follow the upload's offset.

    What has arrived when the sender goes away is kept, unless a checksum was announced that nobody can check
    any more.

    Attributes
    ----------
    offset : int
        Where the upload goes on; meaningful after :meth:`close`.
    """

    def __init__(
        self,
        uploads: _Uploads,
        record: Record,
        incoming: Incoming,
        checksum: Checksum | None,
        allowance: Allowance,
        *,
        let_go: Callable[[], object],
    ) -> None:
        self.record = record
        self.offset = incoming.offset
        self._uploads = uploads
        self._incoming = incoming
        self._checksum = checksum
        self._allowance = allowance
        self._let_go = let_go
        self._open = True

    async def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        async with self._allowance.room(len(data)):
            try:
                await self._incoming.write(data)
            finally:
                self._note()

    async def receive(self, burst: Burst) -> None:
        """Take the next bytes from a socket."""
        async with self._allowance.room(burst.most):
            try:
                await self._incoming.receive(burst, self._absorb)
            finally:
                self._note()

    def _note(self) -> None:
        self._allowance.came(self._incoming.length, self._incoming.written)

    def _absorb(self, data: bytearray, size: int) -> None:
        self._incoming.put(memoryview(data)[:size])

    async def close(self, complete: bool) -> None:
        """Take the bytes into account."""
        if not self._open:
            return
        self._open = False
        incoming, checksum = self._incoming, self._checksum
        kept = 0
        try:
            await incoming.settle()
            good = checksum is None or (complete and await self._uploads.matches(incoming, checksum))
            kept = incoming.length if good else 0
            self.offset = await self._uploads.finish(self.record, incoming, keep=good)
            if complete and not good:
                raise ChecksumMismatch(uploadOffset=self.offset)
        finally:
            self._allowance.settle(kept)
            try:
                await incoming.close()
            finally:
                self._let_go()
