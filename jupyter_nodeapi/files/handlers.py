"""Routes of the node files, ``/api/files/...``: read, call the library, reply."""

from __future__ import annotations

from urllib.parse import urlencode

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.errors import (
    Conflict,
    InsufficientStorage,
    MethodNotAllowed,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from jupyter_nodeapi.files.conditions import Conditions, etag_of
from jupyter_nodeapi.files.incoming import Incoming
from jupyter_nodeapi.files.library import Library
from jupyter_nodeapi.files.schemas import (
    DeleteQuery,
    DoneReply,
    FileItem,
    FolderRequest,
    ListQuery,
    MoveRequest,
    PathQuery,
    ReadQuery,
    ReadReply,
    RestoreRequest,
    SaveReply,
    SaveRequest,
    VersionItem,
    WriteQuery,
)
from jupyter_nodeapi.web import Handler, Operation, Route, Sink, StreamHandler, ranged, send_file

__all__ = [
    "ROUTES",
    "CopyHandler",
    "DeleteHandler",
    "FilesHandler",
    "FolderHandler",
    "ListHandler",
    "MoveHandler",
    "RawHandler",
    "ReadHandler",
    "RestoreHandler",
    "SaveHandler",
    "VersionsHandler",
]

_ENVELOPE_BYTES = 2**20


class FilesHandler(Handler):
    """Base of this room."""

    room = "nodeapi_files"

    def initialize(self, library: Library) -> None:
        """Take the service."""
        self.library = library

    def conditions(self, *, overwrite: bool = True) -> Conditions:
        """Read ``If-Match`` and ``If-None-Match``."""
        headers = self.request.headers
        return Conditions.read(headers.get("If-Match"), headers.get("If-None-Match"), overwrite=overwrite)


class SaveHandler(FilesHandler):
    """``/api/files/save``."""

    def limit(self) -> int:
        """Room for the largest file, twice because JSON escapes, and for what is around it."""
        return 2 * self.library.max_file_bytes + _ENVELOPE_BYTES

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Save a JSON value or a text."""
        asked = await self.body(SaveRequest)
        conditions = self.conditions(overwrite=asked.overwrite)
        saved = await self.library.save(asked.path, asked.content, conditions)
        self.reply(saved, etag=saved.etag)


class ReadHandler(FilesHandler):
    """``/api/files/read``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give a file's content as a JSON value or a text."""
        asked = self.query(ReadQuery)
        found = await self.library.read(asked.path, asked.version)
        self.reply(found, etag=found.etag)


class ListHandler(FilesHandler):
    """``/api/files/list``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List a folder; the total and the next page are in the headers."""
        asked = self.query(ListQuery)
        items, total, cursor = await self.library.list(
            asked.path, recursive=asked.recursive, glob=asked.glob, limit=asked.limit, cursor=asked.cursor
        )
        self.reply(items, headers={"X-Total-Count": str(total), **self._links(cursor)})

    def _links(self, cursor: str | None) -> dict[str, str]:
        if cursor is None:
            return {}
        given = {name: values[0] for name, values in self.request.query_arguments.items() if name != "token"}
        query = urlencode({**given, "cursor": cursor})
        return {"Link": f'<{self.request.path}?{query}>; rel="next"'}


class RawHandler(FilesHandler, StreamHandler):
    """``/api/files/raw``: bytes as they are, streamed both ways."""

    def limit(self) -> int:
        """Room for the largest file."""
        return self.library.max_file_bytes

    async def begin(self) -> Sink:
        """Open a draft for the body of a PUT."""
        if self.request.method != "PUT":
            raise MethodNotAllowed
        asked = self.query(WriteQuery)
        size = int(self.request.headers.get("Content-Length", "0"))
        conditions = self.conditions(overwrite=asked.overwrite)
        self.incoming: Incoming = await self.library.receive(asked.path, size, conditions)
        return self.incoming

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give a file's bytes, whole or in part."""
        asked = self.query(ReadQuery)
        place, fd, facts = await self.library.open(asked.path, asked.version)
        await send_file(self, fd, facts, filename=place.path.name, etag=etag_of(facts))

    @web.authenticated
    @authorized
    async def head(self) -> None:
        """Give the headers of a GET."""
        asked = self.query(ReadQuery)
        place, fd, facts = await self.library.open(asked.path, asked.version)
        await send_file(self, fd, facts, filename=place.path.name, etag=etag_of(facts))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Save the body as it is."""
        await self.close_sink()
        saved = self.incoming.result
        assert saved is not None
        self.reply(saved, etag=saved.etag)


class MoveHandler(FilesHandler):
    """``/api/files/move``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Move a file or folder."""
        asked = await self.body(MoveRequest)
        self.reply(await self.library.move(asked.source, asked.target, overwrite=asked.overwrite))


class CopyHandler(FilesHandler):
    """``/api/files/copy``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Copy a file or folder."""
        asked = await self.body(MoveRequest)
        self.reply(await self.library.copy(asked.source, asked.target, overwrite=asked.overwrite))


class FolderHandler(FilesHandler):
    """``/api/files/mkdir``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Make a folder and its parents."""
        asked = await self.body(FolderRequest)
        self.reply(await self.library.make_folder(asked.path))


class VersionsHandler(FilesHandler):
    """``/api/files/versions``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the earlier states of a file."""
        asked = self.query(PathQuery)
        self.reply(await self.library.list_versions(asked.path))


class RestoreHandler(FilesHandler):
    """``/api/files/restore``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Make an earlier state the current one."""
        asked = await self.body(RestoreRequest)
        saved = await self.library.restore(asked.path, asked.version)
        self.reply(saved, etag=saved.etag)


class DeleteHandler(FilesHandler):
    """``/api/files``."""

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Delete a file or folder."""
        asked = self.query(DeleteQuery)
        self.reply(await self.library.delete(asked.path, self.conditions(), recursive=asked.recursive))


_WRITING = (Conflict, PreconditionFailed, TooLarge, Unavailable, InsufficientStorage)
_READING = (TooLarge, UnsupportedMedia, Unprocessable)
_BYTES = "application/octet-stream"

_SAVE = Operation("Save a JSON value or a text", request=SaveRequest, reply=SaveReply, errors=_WRITING)
_READ = Operation("Read what was saved", query=ReadQuery, reply=ReadReply, errors=_READING)
_LIST = Operation("List a folder", query=ListQuery, reply=list[FileItem])
_RAW = ranged(Operation("Bytes of a file, whole or a range", query=ReadQuery, media=_BYTES))
_HEAD = ranged(Operation("Headers of the bytes of a file", query=ReadQuery, media=_BYTES))
_PUT = Operation("Save any bytes", query=WriteQuery, reply=SaveReply, errors=_WRITING, body_media=_BYTES)
_MOVE = Operation("Move a file or folder", request=MoveRequest, reply=DoneReply, errors=_WRITING)
_COPY = Operation("Copy a file or folder", request=MoveRequest, reply=DoneReply, errors=_WRITING)
_MKDIR = Operation("Make a folder", request=FolderRequest, reply=DoneReply, errors=_WRITING)
_VERSIONS = Operation("Earlier states of a file", query=PathQuery, reply=list[VersionItem])
_RESTORE = Operation("Restore an earlier state", request=RestoreRequest, reply=SaveReply, errors=_WRITING)
_DELETE = Operation("Delete a file or folder", query=DeleteQuery, reply=DoneReply, errors=_WRITING)

ROUTES: tuple[Route, ...] = (
    Route("/api/files/save", SaveHandler, {"post": _SAVE}),
    Route("/api/files/read", ReadHandler, {"get": _READ}),
    Route("/api/files/list", ListHandler, {"get": _LIST}),
    Route("/api/files/raw", RawHandler, {"get": _RAW, "head": _HEAD, "put": _PUT}),
    Route("/api/files/move", MoveHandler, {"post": _MOVE}),
    Route("/api/files/copy", CopyHandler, {"post": _COPY}),
    Route("/api/files/mkdir", FolderHandler, {"post": _MKDIR}),
    Route("/api/files/versions", VersionsHandler, {"get": _VERSIONS}),
    Route("/api/files/restore", RestoreHandler, {"post": _RESTORE}),
    Route("/api/files", DeleteHandler, {"delete": _DELETE}),
)
