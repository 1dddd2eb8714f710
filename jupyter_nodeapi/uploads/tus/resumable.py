"""tus uploads: created, appended to, concatenated, terminated.

::

    create ── append ... append ──> offset == length ──> published under the documented path
       └── as "partial": never published by itself; "final" copies its parts once all are whole

The offset is the length of the file with the bytes, so a request that is cut keeps what has arrived. There is
one writer: who comes later stops who came before, since that one may hang on a dead connection.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable

from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import Conflict, Forbidden, InvalidParameter, NotFound, TooLarge
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.journal import Begun, Chunk
from jupyter_nodeapi.uploads.parts import Parts
from jupyter_nodeapi.uploads.publish import publish
from jupyter_nodeapi.uploads.recorder import Limits
from jupyter_nodeapi.uploads.shelf import Shelf, Slot
from jupyter_nodeapi.uploads.tus.appending import Appending
from jupyter_nodeapi.uploads.tus.protocol import Checksum, Concat
from jupyter_nodeapi.uploads.tus.record import DATA, Record, identity_of, load, save

__all__ = ["Resumable"]

_ENDLESS = 2**62


class Resumable:
    """All tus uploads under one root.

    Parameters
    ----------
    root : Root
        The virtual root ``/temp``.
    shelf : Shelf
        The store's table, which keeps uploads in use from being swept.
    threads : Threads
        Where everything that blocks happens.
    space : Space
        The disk.
    limits : callable
        Gives the limits that hold now.
    """

    def __init__(
        self, root: Root, shelf: Shelf, threads: Threads, space: Space, limits: Callable[[], Limits]
    ) -> None:
        self._root = root
        self._shelf = shelf
        self._threads = threads
        self._space = space
        self._limits = limits

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
        upload_id = secrets.token_hex(16)
        header = concat.header if concat else ""
        parts = list(concat.parts) if concat else []
        record = Record(upload_id, owner, length, metadata[0], header, fields=metadata[1], parts=parts)
        session = self._root.path / "uploads" / identity_of(record).session_folder
        await self._threads.run(owners.claim, session, owner)
        async with self._slot(upload_id) as slot:
            await self._threads.run(self._make, slot, record)
            if record.length == 0 and not record.is_partial:
                await self._threads.run(self._publish, slot, record)
        return await self._concatenate(record) if record.is_final else record

    async def look(self, upload_id: str, owner: str) -> tuple[Record, int]:
        """Give an upload and its offset; a writer that may hang on a dead connection is stopped.

        Raises
        ------
        NotFound
            There is no such upload, or it is somebody else's.
        """
        async with self._slot(upload_id) as slot:
            await self._stop_writer(slot)
            record, offset = await self._load(slot, owner)
            if record.is_final and not record.path:
                offset = await self._threads.run(self._sum, record)
            return record, offset

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
            await self._stop_writer(slot)
            record, known = await self._load(slot, owner)
            if record.is_final:
                raise Forbidden("An upload made of others takes no bytes.", code="concatenated")
            if offset != known:
                raise Conflict(
                    "The upload goes on at another offset.", code="offset_mismatch", uploadOffset=known
                )
            await self._set_length(slot, record, known, length)
            room = None if record.length is None else record.length - offset
            if room is not None and expected > room:
                raise TooLarge("These are more bytes than the upload has.", uploadOffset=known)
            incoming = await self._open(slot, record, offset, room, expected)
            self._shelf.take(slot.key)
            return Appending(self, record, incoming, checksum)

    async def _open(
        self, slot: Slot, record: Record, offset: int, room: int | None, expected: int
    ) -> Incoming:
        if record.path:
            return Incoming(self._threads, 0)
        await self._threads.run(self._space.require, slot.parts.folder, expected)
        fd = await self._threads.run(os.open, slot.parts.folder / DATA, os.O_RDWR | os.O_CLOEXEC)
        incoming = Incoming(self._threads, _ENDLESS if room is None else room, fd=fd, offset=offset)
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
            if not keep:
                await self._threads.run(os.ftruncate, incoming.fd, incoming.offset)
            now, offset = await self._threads.run(load, slot.parts)
            if offset == record.length and not record.is_partial:
                await self._threads.run(self._publish, slot, record)
        for final in now.finals if offset == record.length else []:
            with contextlib.suppress(NotFound):
                await self._assemble(final)
        return offset

    async def matches(self, incoming: Incoming, checksum: Checksum) -> bool:
        """Say whether the bytes that have arrived sum up as announced."""
        if checksum.algorithm == "crc32":
            return incoming.crc32.to_bytes(4, "big") == checksum.digest
        assert incoming.fd is not None
        arguments = (checksum.algorithm, incoming.fd, incoming.offset, incoming.length)
        return await self._threads.run(regions.digest_of, *arguments) == checksum.digest

    def release(self, record: Record) -> None:
        """Let an upload that :meth:`append` opened be swept again."""
        slot = self._shelf.take(_key(record.upload_id))
        self._shelf.give(slot)
        self._shelf.give(slot)

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

    @contextlib.asynccontextmanager
    async def _slot(self, upload_id: str) -> AsyncIterator[Slot]:
        if len(upload_id) != 32 or not set(upload_id) <= set("0123456789abcdef"):
            raise NotFound("There is no such upload.")
        slot = self._shelf.take(_key(upload_id))
        try:
            async with slot.lock:
                yield slot
        finally:
            self._shelf.give(slot)

    async def _load(self, slot: Slot, owner: str) -> tuple[Record, int]:
        record, offset = await self._threads.run(load, slot.parts)
        if record.owner != owner:
            raise NotFound("There is no such upload.")
        return record, offset

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

    def _check_length(self, length: int) -> None:
        limit = self._limits().file_bytes
        if limit is not None and length > limit:
            raise TooLarge(f"A file may have at most {limit} bytes.", maxFileSize=limit)

    def _make(self, slot: Slot, record: Record) -> None:
        save(slot.parts, record)
        (slot.parts.folder / DATA).touch()

    async def _concatenate(self, record: Record) -> Record:
        """Tell every part that it is one, and put them together when all are whole."""
        try:
            for upload_id in record.parts:
                await self._become_part(upload_id, record)
        except BaseException:
            await self._threads.run(Parts(self._shelf.folder / _key(record.upload_id)).remove)
            raise
        return await self._assemble(record.upload_id)

    async def _become_part(self, upload_id: str, final: Record) -> None:
        async with self._slot(upload_id) as slot:
            part, _ = await self._load(slot, final.owner)
            if not part.is_partial:
                raise InvalidParameter("A part is not a partial upload.", field="Upload-Concat")
            part.finals.append(final.upload_id)
            await self._threads.run(save, slot.parts, part)

    async def _assemble(self, upload_id: str) -> Record:
        """Put a final upload together if all its parts are whole."""
        async with self._slot(upload_id) as slot:
            record, _ = await self._threads.run(load, slot.parts)
            offset = await self._threads.run(self._sum, record)
            if not record.path and offset == record.length:
                self._check_length(offset)
                await self._threads.run(self._join, slot, record)
            return record

    def _sum(self, record: Record) -> int:
        """Give how many bytes the parts have, and note how many they will have once all say so."""
        found = [load(Parts(self._shelf.folder / _key(part))) for part in record.parts]
        lengths = [part.length for part, _ in found if part.length is not None]
        record.length = sum(lengths) if len(lengths) == len(found) else None
        return sum(offset for _, offset in found)

    def _join(self, slot: Slot, record: Record) -> None:
        place = 0
        with (slot.parts.folder / DATA).open("r+b") as target:
            for part in record.parts:
                with (self._shelf.folder / _key(part) / DATA).open("rb") as source:
                    size = os.fstat(source.fileno()).st_size
                    regions.copy(source.fileno(), 0, target.fileno(), place, size)
                    place += size
        self._publish(slot, record)

    def _publish(self, slot: Slot, record: Record) -> None:
        """Give the whole file its documented name, as every other upload's."""
        attempt = Attempt(Begun(DATA, 1, ""))
        attempt.apply(Chunk(0, record.length or 0, 0))
        done = publish(self._root, slot.parts, attempt, identity_of(record), "replace")
        record.path = done.path
        save(slot.parts, record)


def _key(upload_id: str) -> str:
    return f"tus-{upload_id}"
