"""tus uploads: created, appended to, concatenated, terminated.

::

    create ── append ... append ──> offset == length ──> published under the documented path
       └── as "partial": never published by itself; "final" copies its parts once all are whole

The offset is the length of the file with the bytes, so a request that is cut keeps what has arrived. There is
one writer: who comes later stops who came before, since that one may hang on a dead connection.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets

from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.errors import Conflict, Forbidden, InvalidParameter, NodeApiError
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.ahead import Lost
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.publish import check_name
from jupyter_nodeapi.uploads.request import conflict_of
from jupyter_nodeapi.uploads.shelf import Slot
from jupyter_nodeapi.uploads.tus.allowance import Allowance
from jupyter_nodeapi.uploads.tus.appending import Appending
from jupyter_nodeapi.uploads.tus.joining import Joining
from jupyter_nodeapi.uploads.tus.protocol import Checksum, Concat
from jupyter_nodeapi.uploads.tus.record import DATA, Record, distrust, identity_of, load, save, trust

__all__ = ["Resumable"]

_ENDLESS = 2**62


class Resumable(Joining):
    """All tus uploads under one root; parameters as :class:`Joining`."""

    async def create(
        self, owner: str, length: int | None, metadata: tuple[str, dict[str, str]], concat: Concat | None
    ) -> Record:
        """Begin an upload; one of no bytes, and one made of others, is finished at once.

        Parameters
        ----------
        owner : str
            Who sends it; empty on a server with one user.
        length : int or None
            Bytes of the whole file; None: told later.
        metadata : tuple of str and dict
            The header as it came, and its pairs.
        concat : Concat or None
            Whether it is a part, or made of parts.

        Raises
        ------
        TooLarge, InsufficientStorage, InvalidPath, InvalidParameter, NotFound
            It cannot begin.
        """
        self._check_length(length or 0)
        policy = conflict_of(metadata[1])
        upload_id = secrets.token_hex(16)
        header = concat.header if concat else ""
        parts = list(concat.parts) if concat else []
        record = Record(upload_id, owner, length, metadata[0], header, fields=metadata[1], parts=parts)
        session = self._root.path / "uploads" / identity_of(record).session_folder
        await self._threads.run(owners.claim, session, owner)
        if not record.is_partial:
            await self._threads.run(check_name, self._root, identity_of(record), policy)
        async with self._slot(upload_id) as slot:
            await self._threads.run(self._make, slot, record)
            if record.length == 0 and not record.is_partial:
                await self._threads.run(self._publish, slot, record)
        return await self._concatenate(record) if record.is_final else record

    async def look(self, upload_id: str, owner: str) -> tuple[Record, int]:
        """Give an upload and its offset; a writer that may hang on a dead connection is stopped.

        A file that only lacks its name, after a kill or since the name was taken, gets it now.

        Raises
        ------
        NotFound
            There is no such upload, or it is somebody else's.
        Conflict, InsufficientStorage, TooLarge
            It is whole and cannot be published.
        """
        async with self._slot(upload_id) as slot:
            await self._stop_writer(slot)
            record, offset = await self._load(slot, owner)
            if not record.is_final:
                await self._publish_if_whole(slot, record, offset)
                return record, offset
        return (record, offset) if record.path else await self._assemble(upload_id)

    async def append(
        self,
        upload_id: str,
        owner: str,
        offset: int,
        *,
        length: int | None,
        checksum: Checksum | None,
        expected: int,
    ) -> Appending:
        """Open an upload for more bytes.

        Parameters
        ----------
        upload_id, owner : str
            Which upload, and who asks.
        offset : int
            Where the client believes it goes on.
        length : int or None
            The whole length, when it was deferred.
        checksum : Checksum or None
            What the bytes of this request must sum up to.
        expected : int
            How many bytes are announced, 0 when unknown.

        Raises
        ------
        NodeApiError
            They cannot be taken; a wrong offset is 409 with the right one.
        """
        async with self._slot(upload_id) as slot:
            _check_offset(offset, *await self._load(slot, owner))  # who is refused stops nobody
            await self._stop_writer(slot)
            record, known = await self._load(slot, owner)
            _check_offset(offset, record, known)
            await self._set_length(slot, record, known, length)
            allowance = self._allowance(record, offset)
            await allowance.open(expected)
            incoming = await self._open(slot, record, offset, expected, unchecked=checksum is not None)
            self._shelf.take(slot.key)  # not to be swept until the sink lets go
            return Appending(
                self, record, incoming, checksum, allowance, let_go=lambda: self._shelf.give(slot)
            )

    def _allowance(self, record: Record, offset: int) -> Allowance:
        limit = self._limits().file_bytes
        return Allowance(
            identity_of(record).session_folder,
            None if record.length is None else record.length - offset,
            None if limit is None else limit - offset,
            quota=self._quota,
        )

    async def _open(
        self, slot: Slot, record: Record, offset: int, expected: int, *, unchecked: bool
    ) -> Incoming:
        if record.path:
            return Incoming(self._threads, 0)
        opening = functools.partial(_open_at, slot, offset, unchecked)
        fd, promise = await self._threads.run(self._space.opened, slot.parts.folder, expected, opening)
        slot.ahead.left = (record.length or offset) - offset
        incoming = Incoming(self._threads, _ENDLESS, fd=fd, offset=offset, ahead=slot.ahead, promise=promise)
        slot.writers[0] = incoming
        return incoming

    async def finish(self, record: Record, incoming: Incoming, *, keep: bool) -> int:
        """Take the bytes that have arrived into account, and give the offset after them.

        Parameters
        ----------
        record : Record
            The upload; brought up to date.
        incoming : Incoming
            The bytes, all written.
        keep : bool
            False gives them up.

        Raises
        ------
        Conflict
            Another request has taken over meanwhile.
        """
        async with self._slot(record.upload_id) as slot:
            if record.path:
                return record.length or 0
            if slot.writers.get(0) is not incoming:
                raise Conflict("Another request goes on with this upload.", code="superseded")
            del slot.writers[0]
            assert incoming.fd is not None
            await self._threads.run(trust, slot.parts, incoming.fd, None if keep else incoming.offset)
            now, offset = await self._threads.run(load, slot.parts)
            await self._publish_if_whole(slot, record, offset)
        for final in now.finals if offset == record.length else []:
            # What keeps it from being put together is told to who asks for it; this part is well.
            with contextlib.suppress(NodeApiError, OSError):
                await self._assemble(final)
        return offset

    async def _publish_if_whole(self, slot: Slot, record: Record, offset: int) -> None:
        if offset == record.length and not record.is_partial and not record.path:
            try:
                await slot.ahead.settle()
            except Lost:
                slot.ahead = slot.ahead.next()
                await self._threads.run(os.truncate, slot.parts.folder / DATA, 0)
                raise Conflict(Lost.sentence, code="bytes_lost", hint=Lost.hint, uploadOffset=0) from None
            await self._threads.run(self._publish, slot, record)

    async def matches(self, incoming: Incoming, checksum: Checksum) -> bool:
        """Say whether the bytes that have arrived sum up as announced."""
        if checksum.algorithm == "crc32":
            return incoming.crc32.to_bytes(4, "big") == checksum.digest
        assert incoming.fd is not None
        arguments = (checksum.algorithm, incoming.fd, incoming.offset, incoming.length)
        return await self._threads.run(regions.digest_of, *arguments) == checksum.digest

    async def terminate(self, upload_id: str, owner: str) -> None:
        """Remove an upload, and its file.

        Raises
        ------
        NotFound
            There is none.
        """
        async with self._slot(upload_id) as slot:
            await self._stop_writer(slot)
            record, _ = await self._load(slot, owner)
            if record.path:
                await self._threads.run(self._root.resolve(record.path).unlink, missing_ok=True)
            await self._threads.run(slot.parts.remove)

    async def _stop_writer(self, slot: Slot) -> None:
        writer = slot.writers.pop(0, None)
        if writer is not None:
            await writer.lose()

    async def _set_length(self, slot: Slot, record: Record, offset: int, length: int | None) -> None:
        if length is None or length == record.length:
            return
        if record.length is not None or length < offset:
            raise InvalidParameter("Upload-Length contradicts the upload.", field="Upload-Length")
        self._check_length(length)
        record.length = length
        await self._threads.run(save, slot.parts, record)

    def _make(self, slot: Slot, record: Record) -> None:
        save(slot.parts, record)
        (slot.parts.folder / DATA).touch()


def _open_at(slot: Slot, offset: int, unchecked: bool) -> int:
    """Open the bytes, without any that nobody has checked; blocks."""
    fd = os.open(slot.parts.folder / DATA, os.O_RDWR | os.O_CLOEXEC)
    trust(slot.parts, fd, offset)
    if unchecked:
        distrust(slot.parts, offset)
    return fd


def _check_offset(offset: int, record: Record, known: int) -> None:
    """Make sure that the client goes on where the upload does."""
    if record.is_final:
        raise Forbidden("An upload made of others takes no bytes.", code="concatenated")
    if offset != known:
        raise Conflict("The upload goes on at another offset.", code="offset_mismatch", uploadOffset=known)
