"""A chunk that has arrived whole is judged, brought to its place and written down; the last one publishes.

All of it happens under the lock of the upload's slot. Order is everything here: other writers leave the place
first, then the bytes come, then the journal, then memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import Conflict, TooLarge, Unprocessable
from jupyter_nodeapi.uploads import regions, rules
from jupyter_nodeapi.uploads.ahead import Lost
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.journal import Chunk
from jupyter_nodeapi.uploads.limits import Limits
from jupyter_nodeapi.uploads.parts import Parts, new_attempt
from jupyter_nodeapi.uploads.publish import check_name, node_folder, publish, verify
from jupyter_nodeapi.uploads.quota import Quota
from jupyter_nodeapi.uploads.request import ChunkRequest
from jupyter_nodeapi.uploads.rules import Verdict
from jupyter_nodeapi.uploads.shelf import Slot

__all__ = ["Recorder", "attempt_for", "check_file_size"]


def attempt_for(request: ChunkRequest, chunk_size: int | None = None) -> Attempt:
    """Give a new attempt with the totals of the request; the last chunk does not tell the others' size."""
    said = None if request.is_last else request.chunk_size
    return new_attempt(
        request.total,
        chunk_size=said or chunk_size,
        total_size=request.total_size,
        target=request.identity.path,
        conflict=request.conflict,
        file_hash=request.file_hash,
    )


def check_file_size(limits: Limits, request: ChunkRequest, size: int) -> None:
    """Make sure that a file of ``size`` bytes may be uploaded.

    Raises
    ------
    TooLarge
        It may not.
    """
    size = max(size, request.total_size or 0, (request.total - 1) * (request.chunk_size or 0))
    if limits.file_bytes is not None and size > limits.file_bytes:
        raise TooLarge(f"A file may have at most {limits.file_bytes} bytes.", maxFileSize=limits.file_bytes)


class Recorder:
    """What makes chunks count.

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
    quota : Quota
        What may be kept.
    clock : callable
        Gives seconds since the epoch.
    """

    def __init__(
        self,
        root: Root,
        threads: Threads,
        space: Space,
        limits: Callable[[], Limits],
        quota: Quota,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._root = root
        self._threads = threads
        self._space = space
        self._limits = limits
        self._quota = quota
        self._clock = clock

    async def record(self, slot: Slot, incoming: Incoming, request: ChunkRequest) -> Attempt:
        """Let a chunk count and give the state after it; the slot's lock is held.

        Raises
        ------
        NodeApiError
            The chunk cannot count; nothing has changed then.
        """
        alone = not slot.flying - {incoming}
        size = (incoming.length, incoming.crc32)
        verdict = rules.judge(slot.attempt, request, *size, alone=alone, now=self._clock())
        await self._check_hash(slot, incoming, request)
        if verdict is Verdict.SAME:
            await self._again(slot, request)
        elif not incoming.has_bytes:
            raise Conflict(
                "Another request took the place of this chunk.",
                code="superseded",
                hint="That one brings it; send the chunk again only if it fails.",
            )
        elif verdict in {Verdict.ADD, Verdict.REPLACE}:
            assert slot.attempt is not None
            await self._check_name(slot.attempt, request)
            await self._add(slot, slot.attempt, incoming, request)
        else:
            await self._check_name(None, request)
            await self._renew(slot, verdict, incoming, request)
        attempt = slot.attempt
        assert attempt is not None
        return await self.finish(slot, attempt, request)

    async def finish(self, slot: Slot, attempt: Attempt, request: ChunkRequest) -> Attempt:
        """Publish the file if it is whole and not yet published; the slot's lock is held.

        Raises
        ------
        Unprocessable
            The file has another checksum than announced: it is given up.
        Gone
            The disk has lost bytes of it: it is given up.
        Conflict
            Its name is taken.
        InsufficientStorage
            The last chunk, which came first, cannot be brought to its place yet.
        """
        if attempt.parked is not None and attempt.chunk_size is not None:
            with slot.unless_removed():
                await self._threads.run(self._with_room, attempt.parked.length, slot.parts.unpark, attempt)
        if not attempt.complete or attempt.done is not None:
            return attempt
        try:
            steps: list[Awaitable[object]] = [slot.ahead.settle()]
            if not request.file_hash:  # nothing refuses the file any more, so its folder need not wait for it
                steps.append(self._threads.run(node_folder, self._root, request.identity))
            await asyncio.gather(*steps)
            await self._threads.run(verify, slot.parts, attempt, request.file_hash)
        except (Unprocessable, Lost):
            await self._threads.run(slot.parts.remove)
            slot.attempt, slot.ahead = None, slot.ahead.next()
            raise
        arguments = (self._root, slot.parts, attempt, request.identity, request.conflict)
        await self._threads.run(publish, *arguments)
        return attempt

    async def _again(self, slot: Slot, request: ChunkRequest) -> None:
        """Take a chunk once more; after completion, and for an inherited one, that is worth a note."""
        attempt = slot.attempt
        assert attempt is not None
        old = attempt.chunks[request.index]
        if attempt.done is not None and not old.resent and attempt.total > 1:
            note = Chunk(old.index, old.length, old.crc32, inherited=old.inherited, resent=True)
        elif attempt.done is None and old.inherited:
            note = Chunk(old.index, old.length, old.crc32)
        else:
            return
        await self._threads.run(slot.parts.append, attempt, note)

    async def _add(self, slot: Slot, attempt: Attempt, incoming: Incoming, request: ChunkRequest) -> None:
        self._check_sum(attempt, incoming, request)
        session, length = request.identity.session_folder, incoming.length
        offset = attempt.offset_of(request.index, None if request.is_last else length)
        chunk = Chunk(request.index, length, incoming.crc32, parked=offset is None)
        with self._quota.held(session, length), slot.unless_removed():
            await self._quota.check(session, 0)
            await self._clear_way(slot, incoming, request)
            await self._threads.run(_keep, slot.parts, attempt, incoming, (chunk, offset))
            attempt.apply(chunk)
            attempt.journaled = True
        self._quota.count(session, length)

    async def _clear_way(self, slot: Slot, incoming: Incoming, request: ChunkRequest) -> None:
        """Make sure that nobody else writes where this chunk lies, now or later."""
        rival = slot.writers.get(request.index)
        if rival is not None and rival is not incoming:
            del slot.writers[request.index]
            await rival.lose()
        if request.is_last:
            return
        for index, writer in list(slot.writers.items()):
            if index < request.total - 1:
                writer.bound = incoming.length
                if writer.length > incoming.length:
                    await writer.lose()

    async def _renew(self, slot: Slot, verdict: Verdict, incoming: Incoming, request: ChunkRequest) -> None:
        """Begin a new attempt with this chunk, and with those of the last generation that still count."""
        old = slot.attempt
        new = attempt_for(request, old.chunk_size if old and verdict is not Verdict.FRESH else None)
        for writer in list(slot.writers.values()):
            if writer is not incoming:
                await writer.lose()
        slot.writers.clear()
        if old is not None and old.done is not None and verdict is not Verdict.FRESH:
            carried = [_carried(chunk, verdict) for chunk in old.chunks.values() if _carries(chunk, verdict)]
            carried = [chunk for chunk in carried if chunk.index != request.index]
            source = self._root.resolve(old.done.path)
            size = sum(chunk.length for chunk in carried)
            await self._threads.run(self._with_room, size, slot.parts.inherit, new, carried, source)
        await self._add(slot, new, incoming, request)
        slot.attempt = new
        slot.ahead = slot.ahead.next()
        if old is not None:
            await self._threads.run(slot.parts.forget, old)

    def _with_room(self, size: int, copy: Callable[..., None], *args: object) -> None:
        with self._space.promise(self._root.path, size):
            copy(*args)

    def _check_sum(self, attempt: Attempt, incoming: Incoming, request: ChunkRequest) -> None:
        old = attempt.chunks.get(request.index)
        size = attempt.size + incoming.length - (old.length if old else 0)
        check_file_size(self._limits(), request, size)
        said = attempt.total_size if attempt.total_size is not None else request.total_size
        whole = len(attempt.chunks) + (old is None) == attempt.total
        if said is not None and (size > said or (whole and size != said)):
            raise Conflict(
                f"The chunks have {size} bytes together; totalSize is {said}.",
                code="size_mismatch",
                totalSize=said,
            )

    async def _check_name(self, attempt: Attempt | None, request: ChunkRequest) -> None:
        """Refuse the first chunk of a file that could not get its name; a later one leaves it to the last."""
        if request.conflict == "error" and (attempt is None or not attempt.chunks):
            await self._threads.run(check_name, self._root, request.identity, request.conflict)

    async def _check_hash(self, slot: Slot, incoming: Incoming, request: ChunkRequest) -> None:
        kind, _, expected = (request.chunk_hash or "").partition(":")
        if kind == "sha256":
            found = await self._sha256(slot, incoming, request)
        elif kind == "crc32":
            found = f"{incoming.crc32:08x}"
        else:
            return
        if found != expected:
            raise Unprocessable(
                "The chunk's checksum is not the one that was announced.",
                code="hash_mismatch",
                hint="Send the chunk again.",
            )

    async def _sha256(self, slot: Slot, incoming: Incoming, request: ChunkRequest) -> str:
        if incoming.has_bytes and incoming.fd is not None:
            return await self._threads.run(regions.sha256_of, incoming.fd, incoming.offset, incoming.length)
        assert slot.attempt is not None
        return await self._threads.run(slot.parts.sha256_of, slot.attempt, request.index)


def _keep(parts: Parts, attempt: Attempt, incoming: Incoming, place: tuple[Chunk, int | None]) -> None:
    """Bring a chunk to its place, write it down, and let go of its file while this thread is at it."""
    parts.keep(attempt, incoming, *place)
    incoming.release()


def _carries(chunk: Chunk, verdict: Verdict) -> bool:
    return verdict is Verdict.PATCH or chunk.resent


def _carried(chunk: Chunk, verdict: Verdict) -> Chunk:
    inherited = chunk.inherited or verdict is Verdict.RENEW
    return Chunk(chunk.index, chunk.length, chunk.crc32, inherited=inherited)
