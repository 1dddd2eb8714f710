"""A form on its way into the store: its parser in front, a chunk behind.

::

    fields first    Field ... Field, FileStart ──> begin: straight to its place
    file first      FileStart ──> spool, Field ... Field
                    end of the body ──> commit, with all fields
"""

from __future__ import annotations

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

    async def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the body; a view of a whole buffer may be used again after the next call."""
        if isinstance(data, bytes):
            await self._parse(data, len(data))
        else:
            assert isinstance(data.obj, bytearray)
            await self._parse(data.obj, len(data))
            if self._incoming is not None:
                await self._incoming.push()

    async def drain(self) -> None:
        """Wait until no view is used any more."""
        if self._incoming is not None:
            await self._incoming.drain()

    async def _parse(self, data: bytes | bytearray, size: int) -> None:
        for event in self._parser.feed(data, size):
            if isinstance(event, FileData):
                if self._in_file and self._incoming is not None:
                    await self._incoming.write(event.data)
            else:
                await self._take(event)

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

    async def _take(self, event: Event) -> None:
        match event:
            case Field(name, value) if name in FIELDS:
                if name in self._fields:
                    raise InvalidMultipart(f"The field '{name}' is there twice.", field=name)
                self._fields[name] = value
            case FileStart("file"):
                if self._has_file:
                    raise InvalidMultipart("The form has two files.", field="file")
                self._has_file = self._in_file = True
                incoming = await self._open()
                if self._closed:  # the sender left while the place was being opened
                    await self._store.abandon(incoming)
                else:
                    self._incoming = incoming
            case FileEnd():
                self._in_file = False

    async def _open(self) -> Incoming:
        if not is_enough(self._fields):
            return await self._store.spool(self._expected)
        request = request_of(self._fields, max_chunks=self._max_chunks)
        return await self._store.begin(request, self._owner, self._expected)
