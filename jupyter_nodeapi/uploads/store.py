"""Chunks become files, in any order, however often they are sent.

::

    begin ── write ... write ── commit ──> recorded ── the last one missing ──> published
      └── abandon: nothing is recorded

``begin`` only decides where the bytes go (see ``incoming``); what they mean is decided in ``commit``, under
the upload's lock, by ``rules``. So a form may put its fields behind the file, two senders of one chunk never
write to one place, and an unfinished body leaves no trace.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.uploads import rules
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.identity import Identity
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.limits import Limits
from jupyter_nodeapi.uploads.listing import measure
from jupyter_nodeapi.uploads.publish import check_name, is_still_there, recover
from jupyter_nodeapi.uploads.quota import Quota
from jupyter_nodeapi.uploads.recorder import Recorder, attempt_for, check_file_size
from jupyter_nodeapi.uploads.request import ChunkRequest
from jupyter_nodeapi.uploads.shelf import Shelf, Slot

__all__ = ["PARTIAL", "Store"]

PARTIAL = ".nodeapi-partial"


class Store:
    """All uploads under one root.

    Parameters
    ----------
    root : Root
        The virtual root ``/temp``.
    threads : Threads
        Where everything that blocks happens.
    space : Space
        The disk.
    limits : callable
        Gives the limits that hold now.
    clock : callable, optional
        Gives seconds since the epoch.
    """

    def __init__(
        self,
        root: Root,
        threads: Threads,
        space: Space,
        limits: Callable[[], Limits],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.root = root
        self.folder = root.path / "uploads"
        self._flushers = Threads(2, "nodeapi-flush")
        self.shelf = Shelf(self.folder / PARTIAL, self._flushers)
        self.clock = clock
        self._threads = threads
        self._space = space
        self._limits = limits
        self.quota = Quota(threads, limits, lambda session: measure(root, self.shelf.folder, session))
        self._recorder = Recorder(root, threads, space, limits, self.quota, clock=clock)
        self._places: dict[Incoming, Slot] = {}

    def close(self) -> None:
        """Sync no unfinished file any more."""
        self._flushers.close()

    async def begin(self, request: ChunkRequest, owner: str, expected: int = 0) -> Incoming:
        """Open the place for a chunk whose fields are known before its bytes.

        Parameters
        ----------
        request : ChunkRequest
            What the form says.
        owner : str
            Who sends it; empty on a server with one user.
        expected : int
            About how many bytes will come; the disk must have room for them.

        Raises
        ------
        NodeApiError
            The chunk can be refused before its bytes have come.
        """
        slot = self.shelf.take(request.identity.key)
        try:
            async with slot.lock:
                await self._ready(slot, request.identity, owner)
                incoming = await self._open(slot, request, expected)
                slot.flying.add(incoming)
                self._places[incoming] = slot
                return incoming
        except BaseException:
            self.shelf.give(slot)
            raise

    async def spool(self, expected: int = 0) -> Incoming:
        """Open a place for a chunk that nothing is known about yet; arguments as in :meth:`begin`."""
        path = self.shelf.folder / f"spool-{secrets.token_hex(8)}"

        def create() -> int:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

        self.shelf.spools.add(path.name)
        try:
            fd, promise = await self._threads.run(self._space.opened, self.folder, expected, create)
            return self._incoming(spool=path, fd=fd, promise=promise)
        except BaseException:
            self.shelf.spools.discard(path.name)
            raise

    async def commit(self, incoming: Incoming, request: ChunkRequest, owner: str) -> Attempt:
        """Let a chunk count that has arrived whole, and give the state of its upload after that.

        Raises
        ------
        NodeApiError
            The chunk contradicts what is there; nothing is recorded then.
        """
        before = None
        try:
            await incoming.settle()
            async with self._locked(request.identity, owner) as slot:
                if self._places.get(incoming) is not slot:
                    before = self._move(incoming, slot)
                return await self._recorder.record(slot, incoming, request)
        finally:
            await self.abandon(incoming)
            if before is not None:
                await self._clean(before)

    async def abandon(self, incoming: Incoming) -> None:
        """Let go of a chunk; what it has written and nobody recorded is no longer there. Harmless twice."""
        if incoming.spooled:
            self.shelf.spools.discard(incoming.spooled)
        try:
            await incoming.close()
        finally:
            slot = self._places.pop(incoming, None)
            if slot is not None:
                slot.leave(incoming)
                await self._clean(slot)

    async def look(self, identity: Identity, owner: str) -> Attempt | None:
        """Give what has arrived of an upload; a file that only lacked its name gets it now."""
        async with self._locked(identity, owner, claim=False) as slot:
            attempt = slot.attempt
            if attempt is None or not attempt.journaled:
                return None
            if attempt.has_all:
                begun = attempt.begun
                request = ChunkRequest(
                    identity, 0, attempt.total, conflict=begun.conflict, file_hash=begun.file_hash
                )
                await self._recorder.finish(slot, attempt, request)
            return attempt

    async def cancel(self, identity: Identity, owner: str) -> None:
        """Give an upload up, its file included; chunks that come late are refused.

        Raises
        ------
        NotFound
            There is none.
        """
        async with self._locked(identity, owner, claim=False) as slot:
            attempt = slot.attempt
            if attempt is None:
                raise NotFound("There is no such upload.")
            for writer in list(slot.writers.values()):
                await writer.lose()
            slot.writers.clear()
            if attempt.done is not None:
                await self._threads.run(self.root.resolve(attempt.done.path).unlink, missing_ok=True)
            slot.attempt = await self._threads.run(slot.parts.bury, attempt, self.clock())

    @contextlib.asynccontextmanager
    async def _locked(self, identity: Identity, owner: str, *, claim: bool = True) -> AsyncIterator[Slot]:
        slot = self.shelf.take(identity.key)
        try:
            async with slot.lock:
                await self._ready(slot, identity, owner, claim=claim)
                yield slot
        finally:
            self.shelf.give(slot)

    async def _ready(self, slot: Slot, identity: Identity, owner: str, *, claim: bool = True) -> None:
        """Make sure that the owner is let in and memory knows what the disk knows."""
        if owner not in slot.owners:
            folder = self.folder / identity.session_folder
            await self._threads.run(owners.claim if claim else owners.check, folder, owner)
            if claim:
                slot.owners.add(owner)
        if not slot.loaded:
            slot.attempt = await self._threads.run(recover, self.root, slot.parts)
            slot.loaded = True
        done = slot.attempt.done if slot.attempt else None
        if done is not None and not await self._threads.run(is_still_there, self.root, done):
            slot.attempt = None

    async def _open(self, slot: Slot, request: ChunkRequest, expected: int) -> Incoming:
        check_file_size(self._limits(), request, request.total_size or 0)
        anew = rules.must_begin_anew(slot.attempt, request, alone=not slot.flying, now=self.clock())
        if anew and (slot.attempt is None or not slot.attempt.journaled):
            slot.attempt = attempt_for(request)
            anew = False
        attempt = slot.attempt
        assert attempt is not None
        offset = attempt.offset_of(request.index)
        if not anew and not rules.wants_bytes(attempt, request):
            return self._incoming()
        if request.conflict == "error" and not attempt.chunks:
            await self._threads.run(check_name, self.root, request.identity, request.conflict)
        taken = request.index in attempt.chunks or request.index in slot.writers
        # What may begin anew must not touch the bytes of what it would replace.
        taken = taken or (request.restart and bool(attempt.chunks))
        if anew or taken or attempt.done or offset is None:
            return await self.spool(expected)
        with slot.unless_removed():
            opening = functools.partial(slot.parts.open, attempt)
            fd, promise = await self._threads.run(self._space.opened, self.folder, expected, opening)
        place = {"offset": offset, "data": attempt.begun.data, "ahead": slot.ahead}
        incoming = self._incoming(fd=fd, promise=promise, **place)
        incoming.bound = None if request.is_last else attempt.chunk_size
        slot.writers[request.index] = incoming
        flown = sum(writer.length for writer in slot.writers.values())
        slot.ahead.left = (attempt.total - len(attempt.chunks)) * (attempt.chunk_size or expected) - flown
        return incoming

    def _incoming(self, **place: Any) -> Incoming:
        return Incoming(self._threads, self._limits().chunk_bytes, **place)

    def _move(self, incoming: Incoming, slot: Slot) -> Slot | None:
        """Let a chunk belong to another upload than its first fields said; gives the one it leaves."""
        before = self._places.get(incoming)
        self._places[incoming] = self.shelf.take(slot.key)
        slot.flying.add(incoming)
        if before is not None:
            before.leave(incoming)
        return before

    async def _clean(self, slot: Slot) -> None:
        """Let go of a slot, without a trace when nothing was written down."""
        try:
            async with slot.lock:
                if slot.is_empty:
                    await self._threads.run(slot.parts.remove)
                    slot.attempt = None
        finally:
            self.shelf.give(slot)
