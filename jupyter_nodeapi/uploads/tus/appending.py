"""The body of one tus request on its way into its upload."""

from __future__ import annotations

from typing import Protocol

from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.tus.allowance import Allowance
from jupyter_nodeapi.uploads.tus.protocol import Checksum, ChecksumMismatch
from jupyter_nodeapi.uploads.tus.record import Record

__all__ = ["Appending"]


class _Uploads(Protocol):
    async def finish(self, record: Record, incoming: Incoming, *, keep: bool) -> int: ...
    async def matches(self, incoming: Incoming, checksum: Checksum) -> bool: ...
    def release(self, record: Record) -> None: ...


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
    ) -> None:
        self.record = record
        self.offset = incoming.offset
        self._uploads = uploads
        self._incoming = incoming
        self._checksum = checksum
        self._allowance = allowance
        self._open = True

    async def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes; a view stays as it is until the :meth:`push` after the next one."""
        await self._allowance.take(len(data))
        await self._incoming.write(data)

    async def push(self) -> None:
        """Begin to write what was given, after all that was given before the last call is written."""
        await self._incoming.push()

    async def drain(self) -> None:
        """Wait until no view is used any more."""
        await self._incoming.drain()

    async def close(self, complete: bool) -> None:
        """Take the bytes into account."""
        if not self._open:
            return
        self._open = False
        incoming, checksum = self._incoming, self._checksum
        try:
            await incoming.settle()
            good = checksum is None or (complete and await self._uploads.matches(incoming, checksum))
            self._allowance.settle(incoming.length if good else 0)
            self.offset = await self._uploads.finish(self.record, incoming, keep=good)
            if complete and not good:
                raise ChecksumMismatch(uploadOffset=self.offset)
        finally:
            await incoming.close()
            self._uploads.release(self.record)
