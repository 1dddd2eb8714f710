"""A file on its way in: the sink of a raw PUT.

::

    feed ── 1 MiB gathered ── a thread writes it to a draft beside the target
    close(complete=True)  ── the rest, then published if the conditions still hold
    close(complete=False) ── the draft is removed, nothing else has changed
"""

from __future__ import annotations

import threading

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Gone
from jupyter_nodeapi.files.conditions import Conditions
from jupyter_nodeapi.files.schemas import SaveReply
from jupyter_nodeapi.files.shelf import Place, Shelf, remove

__all__ = ["Incoming"]

BLOCK = 1 << 20


class Incoming:
    """One body that becomes one file.

    Parameters
    ----------
    shelf : Shelf
        Where it is published.
    threads : Threads
        Where it is written.
    place : Place
        What it becomes.
    conditions : Conditions
        Checked before the first byte and again when it is published.
    size : int
        How many bytes are announced, 0 when unknown.

    Raises
    ------
    InsufficientStorage
        The disk has no room for them.
    """

    def __init__(
        self, shelf: Shelf, threads: Threads, place: Place, conditions: Conditions, size: int
    ) -> None:
        conditions.check(place.path)
        self.result: SaveReply | None = None
        self._shelf = shelf
        self._threads = threads
        self._place = place
        self._conditions = conditions
        self._draft = shelf.new_draft(place)
        self._file, self._promise = shelf.space.opened(place.path, size, lambda: self._draft.open("xb", 0))
        self._buffer = bytearray()
        # a write that was abandoned may still run in its thread when the file is closed
        self._lock = threading.Lock()

    async def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        if len(self._buffer) >= BLOCK:
            block, self._buffer = self._buffer, bytearray()
            await self._threads.run(self._write, block)

    async def close(self, complete: bool) -> None:
        """Publish the file, or remove what there is of it; :attr:`result` says what was published."""
        if complete:
            self.result = await self._threads.run(self._finish)
        else:
            await self._threads.run(self._discard)

    def _write(self, block: bytearray) -> None:
        with self._lock:
            if self._file.closed:
                raise Gone("The upload was given up.")
            self._promise.at_least(len(block))
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._promise.came(len(block))

    def _finish(self) -> SaveReply:
        try:
            self._write(self._buffer)
            return self._shelf.publish(self._draft, self._place, self._conditions)
        finally:
            self._discard()

    def _discard(self) -> None:
        with self._lock, self._promise:
            self._file.close()
            remove(self._draft)
