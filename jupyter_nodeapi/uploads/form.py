"""A form on its way into the store: its parser in front, a chunk behind.

::

    fields first    Field ... Field, FileStart ──> begin: straight to its place
    file first      FileStart ──> spool, Field ... Field
                    end of the body ──> commit, with all fields
"""

from __future__ import annotations

import functools

from jupyter_nodeapi.disk.bursts import Burst
from jupyter_nodeapi.errors import InvalidMultipart, InvalidParameter
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.multipart import Event, Field, FileData, FileEnd, FileStart, Parser
from jupyter_nodeapi.uploads.request import FIELDS, is_enough, request_of
from jupyter_nodeapi.uploads.store import Store

__all__ = ["Form"]


class Form:
    """One request's body.

    Parameters
    ----------
    store : Store
        Where the chunk goes.
    content_type : str
        The request's ``Content-Type``.
    owner : str
        Who sends it; empty on a server with one user.
    expected : int
        Length of the body as announced, 0 when unknown.
    max_chunks : int
        The most chunks a file may have.
    """

    def __init__(self, store: Store, content_type: str, owner: str, expected: int, max_chunks: int) -> None:
        self.index = 0
        self.state: Attempt | None = None
        self._store = store
        self._parser = Parser(content_type)
        self._owner = owner
        self._expected = expected
        self._max_chunks = max_chunks
        self._fields: dict[str, str] = {}
        self._incoming: Incoming | None = None
        self._has_file = False
        self._in_file = False
        self._closed = False

    async def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        for event in self._parser.feed(data):
            if isinstance(event, FileData):
                if self._in_file and self._incoming is not None:
                    await self._incoming.write(event.data)
            elif isinstance(event, FileStart) and event.name == "file":
                await self._begin()
            else:
                self._note(event)

    async def receive(self, burst: Burst) -> None:
        """Take the next bytes from a socket, once it is known where they go."""
        incoming = self._incoming
        if incoming is not None and self._in_file:
            await incoming.receive(burst, functools.partial(self._absorb, incoming))

    def _absorb(self, incoming: Incoming, data: bytearray, size: int) -> None:
        """Take bytes as :meth:`feed` does; runs in a thread."""
        for event in self._parser.feed(data, size):
            if isinstance(event, FileData):
                if self._in_file:
                    incoming.put(event.data)
            elif isinstance(event, FileStart) and event.name == "file":
                raise _second_file()
            else:
                self._note(event)

    async def close(self, complete: bool) -> None:
        """Let the chunk count when the body has come whole, else leave no trace of it."""
        self._closed = True
        incoming, self._incoming = self._incoming, None
        try:
            if complete:
                self._parser.close()
                if incoming is None:
                    raise InvalidParameter("The form has no file.", field="file")
                request = request_of(self._fields, max_chunks=self._max_chunks)
                self.index = request.index
                self.state = await self._store.commit(incoming, request, self._owner)
        finally:
            if incoming is not None:
                await self._store.abandon(incoming)

    def _note(self, event: Event) -> None:
        match event:
            case Field(name, value) if name in FIELDS:
                if name in self._fields:
                    raise InvalidMultipart(f"The field '{name}' is there twice.", field=name)
                self._fields[name] = value
            case FileEnd():
                self._in_file = False

    async def _begin(self) -> None:
        if self._has_file:
            raise _second_file()
        self._has_file = self._in_file = True
        incoming = await self._open()
        if self._closed:  # the sender left while the place was being opened
            await self._store.abandon(incoming)
        else:
            self._incoming = incoming

    async def _open(self) -> Incoming:
        if not is_enough(self._fields):
            return await self._store.spool(self._expected)
        request = request_of(self._fields, max_chunks=self._max_chunks)
        return await self._store.begin(request, self._owner, self._expected)


def _second_file() -> InvalidMultipart:
    return InvalidMultipart("The form has two files.", field="file")
