"""Where tus uploads are kept, and how several become one file.

::

    partial a ─┐
    partial b ─┼── final: told to every part; copied together when the last of them is whole
    partial c ─┘
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import InvalidParameter, NotFound, TooLarge
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.journal import Begun, Chunk
from jupyter_nodeapi.uploads.limits import Limits
from jupyter_nodeapi.uploads.parts import Parts
from jupyter_nodeapi.uploads.publish import publish
from jupyter_nodeapi.uploads.quota import Quota
from jupyter_nodeapi.uploads.request import conflict_of
from jupyter_nodeapi.uploads.shelf import Shelf, Slot
from jupyter_nodeapi.uploads.tus.record import DATA, PREFIX, Record, identity_of, load, save

__all__ = ["Joining", "key_of"]


class Joining:
    """Uploads at rest.

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
    quota : Quota
        What may be kept.
    limits : callable
        Gives the limits that hold now.
    """

    def __init__(
        self,
        root: Root,
        shelf: Shelf,
        threads: Threads,
        space: Space,
        *,
        quota: Quota,
        limits: Callable[[], Limits],
    ) -> None:
        self._root = root
        self._shelf = shelf
        self._threads = threads
        self._space = space
        self._quota = quota
        self._limits = limits

    @contextlib.asynccontextmanager
    async def _slot(self, upload_id: str) -> AsyncIterator[Slot]:
        if len(upload_id) != 32 or not set(upload_id) <= set("0123456789abcdef"):
            raise NotFound("There is no such upload.")
        slot = self._shelf.take(key_of(upload_id))
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

    def _check_length(self, length: int) -> None:
        limit = self._limits().file_bytes
        if limit is not None and length > limit:
            raise TooLarge(f"A file may have at most {limit} bytes.", maxFileSize=limit)

    async def _concatenate(self, record: Record) -> Record:
        """Tell every part that it is one, and put them together when all are whole."""
        try:
            for upload_id in record.parts:
                await self._become_part(upload_id, record)
            return (await self._assemble(record.upload_id))[0]
        except BaseException:
            await self._threads.run(Parts(self._shelf.folder / key_of(record.upload_id)).remove)
            raise

    async def _become_part(self, upload_id: str, final: Record) -> None:
        async with self._slot(upload_id) as slot:
            part, _ = await self._load(slot, final.owner)
            if not part.is_partial:
                raise InvalidParameter("A part is not a partial upload.", field="Upload-Concat")
            part.finals.append(final.upload_id)
            await self._threads.run(save, slot.parts, part)

    async def _assemble(self, upload_id: str) -> tuple[Record, int]:
        """Put a final upload together if all its parts are whole; gives how many bytes they have.

        Raises
        ------
        TooLarge, InsufficientStorage, Conflict
            It cannot be: whoever asks for it again tries again.
        """
        async with self._slot(upload_id) as slot:
            record, _ = await self._threads.run(load, slot.parts)
            offset = await self._threads.run(self._sum, record)
            if not record.path and offset == record.length:
                self._check_length(offset)
                session = identity_of(record).session_folder
                with self._quota.held(session, offset):
                    await self._quota.check(session, 0)
                    await self._threads.run(self._join, slot, record, offset)
                self._quota.count(session, offset)
            return record, offset

    def _sum(self, record: Record) -> int:
        """Give how many bytes the parts have, and note how many they will have once all say so."""
        found = [load(Parts(self._shelf.folder / key_of(part))) for part in record.parts]
        lengths = [part.length for part, _ in found if part.length is not None]
        record.length = sum(lengths) if len(lengths) == len(found) else None
        return sum(offset for _, offset in found)

    def _join(self, slot: Slot, record: Record, size: int) -> None:
        place = 0
        with self._space.promise(slot.parts.folder, size), (slot.parts.folder / DATA).open("r+b") as target:
            for part in record.parts:
                with (self._shelf.folder / key_of(part) / DATA).open("rb") as source:
                    size = os.fstat(source.fileno()).st_size
                    regions.copy(source.fileno(), 0, target.fileno(), place, size)
                    place += size
        self._publish(slot, record)

    def _publish(self, slot: Slot, record: Record) -> None:
        """Give the whole file its documented name, as every other upload's."""
        attempt = Attempt(Begun(DATA, 1, ""))
        attempt.apply(Chunk(0, record.length or 0, 0))
        done = publish(self._root, slot.parts, attempt, identity_of(record), conflict_of(record.fields))
        record.path = done.path
        save(slot.parts, record)


def key_of(upload_id: str) -> str:
    """Give the name of an upload's folder."""
    return PREFIX + upload_id
