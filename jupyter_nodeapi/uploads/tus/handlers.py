"""Routes of tus: read the headers, call the uploads, write the headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.errors import (
    Conflict,
    InsufficientStorage,
    InvalidParameter,
    NodeApiError,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
)
from jupyter_nodeapi.uploads.service import Uploads
from jupyter_nodeapi.uploads.tus import protocol
from jupyter_nodeapi.uploads.tus.appending import Appending
from jupyter_nodeapi.uploads.tus.record import Record
from jupyter_nodeapi.web import Nowhere, Operation, Route, Sink, StreamHandler
from jupyter_nodeapi.web.owner import owner_of

__all__ = ["ROUTES", "CreateHandler", "TusHandler", "UploadHandler"]

_ENDLESS = 2**62
_OVERRIDES = {"PATCH", "DELETE"}  # proxies let HEAD pass


class TusHandler(StreamHandler):
    """Base of the tus routes: version, method override, headers of errors."""

    room = "nodeapi_uploads"

    def initialize(self, uploads: Uploads) -> None:
        """Take the service."""
        self.uploads = uploads
        self.receiver = uploads.receiver

    def limit(self) -> int:
        """As much as a file may have: tus needs no chunks."""
        return _ENDLESS

    def set_default_headers(self) -> None:
        """Name the version in every reply, refusals included."""
        super().set_default_headers()
        self.set_header("Tus-Resumable", protocol.VERSION)
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler has it
        """Take the method that a client behind a strict proxy means."""
        override = self.request.headers.get("X-HTTP-Method-Override", "").upper()
        if self.request.method == "POST" and override in _OVERRIDES:
            self.request.method = override
        await super().prepare()

    def check_version(self) -> None:
        """Refuse another version of tus."""
        protocol.check_version(self.request.headers.get("Tus-Resumable"))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Add the headers that tus wants beside a refusal."""
        raised = kwargs.get("exc_info", (None, None))[1]
        if isinstance(raised, PreconditionFailed):
            self.set_header("Tus-Version", protocol.VERSION)
        if isinstance(raised, NodeApiError) and "uploadOffset" in raised.details:
            self.set_header("Upload-Offset", str(raised.details["uploadOffset"]))
        super().write_error(status_code, **kwargs)

    def header(self, name: str) -> str | None:
        """Give a header of the request."""
        return self.request.headers.get(name)

    def expected(self) -> int:
        """Give the announced length of the body, 0 when there is none."""
        return int(self.header("Content-Length") or "0")

    def tell(self, record: Record, offset: int | None, *, status: int = 204) -> None:
        """Answer with the state of an upload."""
        self.set_status(status)
        if offset is not None:
            self.set_header("Upload-Offset", str(offset))
        if record.path:
            self.set_header("Upload-File-Path", quote(record.path))
        else:
            self.set_header("Upload-Expires", protocol.expires(self.uploads.expires_at()))
        self.finish()


class CreateHandler(TusHandler):
    """``/api/upload/tus``."""

    async def begin(self) -> Sink:
        """Create the upload, and open it when its first bytes come along."""
        self.check_version()
        concat = protocol.read_concat(self.header("Upload-Concat"))
        if concat is not None and concat.is_final:
            if self.header("Upload-Length") is not None:
                raise InvalidParameter("The length of a concatenation is not told.", field="Upload-Length")
            length = None
        else:
            length = protocol.read_length(self.header("Upload-Length"), self.header("Upload-Defer-Length"))
        with_bytes = self._comes_with_bytes()
        checksum = protocol.read_checksum(self.header("Upload-Checksum"))
        metadata = self.header("Upload-Metadata") or ""
        pairs = protocol.read_metadata(metadata)
        owner = owner_of(self)
        self.record = await self.uploads.tus.create(owner, length, (metadata, pairs), concat)
        self.appending: Appending | None = None
        if not with_bytes:
            return Nowhere()
        try:
            self.appending = await self.uploads.tus.append(
                self.record.upload_id, owner, 0, length=None, checksum=checksum, expected=self.expected()
            )
        except (NodeApiError, OSError):  # nobody is told its address
            await self.uploads.tus.terminate(self.record.upload_id, owner)
            raise
        return self.appending

    def _comes_with_bytes(self) -> bool:
        kind = (self.header("Content-Type") or "").partition(";")[0].strip().lower()
        if kind == protocol.OFFSET_TYPE:
            return True
        # FilePond sends a form that means nothing here.
        if self.expected() > 0 and kind != "multipart/form-data":
            raise UnsupportedMedia(f"Bytes must come as {protocol.OFFSET_TYPE}.")
        return False

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Create an upload; its address is in ``Location``."""
        await self.close_sink()
        offset = self.appending.offset if self.appending else None
        record = self.appending.record if self.appending else self.record
        self.set_header("Location", f"{self.request.path.rstrip('/')}/{record.upload_id}")
        self.tell(record, offset, status=201)

    @web.authenticated
    @authorized
    async def options(self) -> None:  # type: ignore[override]  # decorated, as every verb
        """Say what this server speaks."""
        self.set_header("Tus-Version", protocol.VERSION)
        self.set_header("Tus-Extension", protocol.EXTENSIONS)
        self.set_header("Tus-Checksum-Algorithm", ",".join(protocol.ALGORITHMS))
        if self.uploads.max_file_bytes is not None:
            self.set_header("Tus-Max-Size", str(self.uploads.max_file_bytes))
        self.finish()


class UploadHandler(TusHandler):
    """``/api/upload/tus/{upload_id}``."""

    async def begin(self) -> Sink:
        """Open the upload for more bytes."""
        self.check_version()
        if self.request.method != "PATCH":
            return Nowhere()
        kind = (self.header("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != protocol.OFFSET_TYPE:
            raise UnsupportedMedia(f"Bytes must come as {protocol.OFFSET_TYPE}.")
        offset = protocol.read_number(self.header("Upload-Offset"), "Upload-Offset")
        if offset is None:
            raise InvalidParameter("Upload-Offset is missing.", field="Upload-Offset")
        self.appending = await self.uploads.tus.append(
            self.path_kwargs["upload_id"],
            owner_of(self),
            offset,
            length=protocol.read_number(self.header("Upload-Length"), "Upload-Length"),
            checksum=protocol.read_checksum(self.header("Upload-Checksum")),
            expected=self.expected(),
        )
        return self.appending

    @web.authenticated
    @authorized
    async def patch(self, upload_id: str) -> None:
        """Append bytes at the offset."""
        await self.close_sink()
        self.tell(self.appending.record, self.appending.offset)

    @web.authenticated
    @authorized
    async def head(self, upload_id: str) -> None:
        """Say where the upload goes on."""
        self.check_version()
        record, offset = await self.uploads.tus.look(upload_id, owner_of(self))
        if record.length is None:
            self.set_header("Upload-Defer-Length", "1")
        else:
            self.set_header("Upload-Length", str(record.length))
        if record.metadata:
            self.set_header("Upload-Metadata", record.metadata)
        if record.concat:
            self.set_header("Upload-Concat", record.concat)
        self.tell(record, offset, status=200)

    @web.authenticated
    @authorized
    async def delete(self, upload_id: str) -> None:
        """Give the upload up."""
        await self.uploads.tus.terminate(upload_id, owner_of(self))
        self.set_status(204)
        self.finish()


_ERRORS = (
    PreconditionFailed,
    Conflict,
    TooLarge,
    UnsupportedMedia,
    protocol.ChecksumMismatch,
    InsufficientStorage,
)
_CREATE = Operation("tus: create an upload", status=201, errors=_ERRORS, body_media=protocol.OFFSET_TYPE)
_PATCH = Operation("tus: append bytes", status=204, errors=_ERRORS, body_media=protocol.OFFSET_TYPE)
_HEAD = Operation(
    "tus: where the upload goes on",
    errors=(PreconditionFailed, Conflict, TooLarge, InsufficientStorage),
)
_DELETE = Operation("tus: give the upload up", status=204, errors=(PreconditionFailed,))

ROUTES: tuple[Route, ...] = (
    Route("/api/upload/tus", CreateHandler, {"post": _CREATE}),
    Route("/api/upload/tus/", CreateHandler, {"post": _CREATE}),
    Route(
        "/api/upload/tus/{upload_id:path}", UploadHandler, {"patch": _PATCH, "head": _HEAD, "delete": _DELETE}
    ),
)
