"""Routes of uploads and of the files under ``/temp``: read, call the store, reply."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Usage
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import (
    Conflict,
    Gone,
    InsufficientStorage,
    MethodNotAllowed,
    NodeApiError,
    TooLarge,
    Unprocessable,
    UnsupportedMedia,
)
from jupyter_nodeapi.uploads.form import Form
from jupyter_nodeapi.uploads.media import open_media
from jupyter_nodeapi.uploads.replies import chunk_reply
from jupyter_nodeapi.uploads.schemas import (
    CancelReply,
    ChunkForm,
    ChunkReply,
    ConfigReply,
    ListQuery,
    StatusQuery,
    StatusReply,
    UploadItem,
    UploadQuery,
)
from jupyter_nodeapi.uploads.service import Uploads
from jupyter_nodeapi.uploads.tus.handlers import ROUTES as TUS_ROUTES
from jupyter_nodeapi.web import Handler, Nowhere, Operation, Route, Sink, StreamHandler, ranged, send_file
from jupyter_nodeapi.web.owner import owner_of

__all__ = ["ROUTES", "ChunkHandler", "ConfigHandler", "ListHandler", "MediaHandler", "UploadsHandler"]

_ENVELOPE_BYTES = 2**20


class UploadsHandler(Handler):
    """Base of this room."""

    room = "nodeapi_uploads"

    def initialize(self, uploads: Uploads) -> None:
        """Take the service."""
        self.uploads = uploads

    def error_fields(self, error: NodeApiError) -> dict[str, Any]:
        """Add what third-party uploaders look for."""
        return {"success": False, "error": error.message}


class ChunkHandler(UploadsHandler, StreamHandler):
    """``/api/upload``."""

    form: Form

    def initialize(self, uploads: Uploads) -> None:
        """Take the service, and what reads fast bodies."""
        super().initialize(uploads)
        self.receiver = uploads.receiver

    def limit(self) -> int:
        """Room for the largest chunk and for the form around it."""
        return self.uploads.max_chunk_bytes + _ENVELOPE_BYTES

    async def begin(self) -> Sink:
        """Open the form."""
        if self.request.method == "DELETE":
            return Nowhere()
        if self.request.method != "POST":
            raise MethodNotAllowed
        headers = self.request.headers
        expected = int(headers.get("Content-Length", "0"))
        self.form = self.uploads.form(headers.get("Content-Type", ""), owner_of(self), expected)
        return self.form

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Receive one chunk; the one that completes the set gives the file's path."""
        await self.close_sink()
        assert self.form.state is not None
        self.reply(chunk_reply(self.form.state, self.form.index))

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say how far an upload is; with ``chunkIndex``, 204 asks for it: 404 would end some clients."""
        asked = self.query(StatusQuery)
        owner = owner_of(self)
        if asked.chunk_index is None:
            self.reply(await self.uploads.status(asked, owner))
            return
        found = await self.uploads.chunk_status(asked, owner)
        self.reply_or_nothing(found)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel an upload."""
        self.reply(await self.uploads.cancel(self.query(UploadQuery), owner_of(self)))

    def reply_or_nothing(self, found: StatusReply | None) -> None:
        """Answer 200, or 204 without a body."""
        if found is not None:
            self.reply(found)
            return
        self.set_status(204)
        self.finish()


class ConfigHandler(UploadsHandler):
    """``/api/upload/config``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give the limits and what to do within them."""
        tus_url = self.request.path.removesuffix("config") + "tus"
        self.reply(self.uploads.advice(tus_url, owner_of(self)))


class ListHandler(UploadsHandler):
    """``/api/uploads``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List files and unfinished uploads."""
        self.reply(await self.uploads.listing(self.query(ListQuery), owner_of(self)))


class MediaHandler(Handler):
    """``/temp/...``."""

    room = "nodeapi_uploads"

    def initialize(self, temp: Root, usage: Usage, threads: Threads) -> None:
        """Take the root and what guards it."""
        self.temp = temp
        self.usage = usage
        self.threads = threads

    async def send(self, path: str) -> None:
        """Send a file or its headers, and keep it from being swept meanwhile."""
        fd, facts = await self.threads.run(open_media, self.temp, path, owner_of(self))
        with self.usage.hold(self.temp.path / path):
            await send_file(self, fd, facts, filename=path.rpartition("/")[2])

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Give a file, whole or a range of it."""
        await self.send(path)

    @web.authenticated
    @authorized
    async def head(self, path: str) -> None:
        """Give the headers of a GET."""
        await self.send(path)


_CHUNK = Operation(
    "Receive one chunk of a file",
    request=ChunkForm,
    reply=ChunkReply,
    errors=(Conflict, Gone, TooLarge, UnsupportedMedia, Unprocessable, InsufficientStorage),
    body_media="multipart/form-data",
)
_STATUS = Operation(
    "How far an upload is", query=StatusQuery, reply=StatusReply, also={204: None}, errors=(Gone,)
)
_CANCEL = Operation("Cancel an upload", query=UploadQuery, reply=CancelReply)
_CONFIG = Operation("Limits and suggestions for uploaders", reply=ConfigReply)
_LIST = Operation("Files and unfinished uploads", query=ListQuery, reply=list[UploadItem])
_MEDIA = "application/octet-stream"
_GET = ranged(Operation("An uploaded or made file, whole or a range", media=_MEDIA))
_HEAD = ranged(Operation("Headers of an uploaded or made file", media=_MEDIA))

ROUTES: tuple[Route, ...] = (
    *TUS_ROUTES,
    Route("/api/upload", ChunkHandler, {"post": _CHUNK, "get": _STATUS, "delete": _CANCEL}),
    Route("/api/upload/config", ConfigHandler, {"get": _CONFIG}),
    Route("/api/uploads", ListHandler, {"get": _LIST}),
    Route("/temp/{path:path}", MediaHandler, {"get": _GET, "head": _HEAD}),
)
