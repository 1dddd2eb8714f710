"""The audio routes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.audio.schemas import (
    InfoQuery,
    InfoReply,
    PeaksQuery,
    PeaksReply,
    PreviewQuery,
    TrimReply,
    TrimRequest,
    TrimStarted,
)
from jupyter_nodeapi.audio.service import Audio
from jupyter_nodeapi.audio.waveform import Picture
from jupyter_nodeapi.errors import (
    Busy,
    Conflict,
    FFmpegMissing,
    InsufficientStorage,
    TimedOut,
    TooLarge,
    Unprocessable,
    UnsupportedMedia,
)
from jupyter_nodeapi.web.handler import Handler
from jupyter_nodeapi.web.media import ranged, send_file
from jupyter_nodeapi.web.owner import owner_of
from jupyter_nodeapi.web.route import Operation, Route

__all__ = ["ROUTES", "AudioHandler", "InfoHandler", "PeaksHandler", "PreviewHandler", "TrimHandler"]

T = TypeVar("T")


class AudioHandler(Handler):
    """Base of the room: whatever it awaits for a client ends when the client goes away."""

    room: ClassVar[str] = "nodeapi_audio"
    _waiting: asyncio.Task[Any] | None = None

    def initialize(self, audio: Audio) -> None:
        """Take the service."""
        self.audio = audio

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work that is cancelled when the client disconnects.

        Raises
        ------
        web.Finish
            The client is gone: nobody is left to answer.
        """
        self._waiting = asyncio.ensure_future(work)
        await asyncio.wait([self._waiting])
        if self._waiting.cancelled():
            raise web.Finish
        return self._waiting.result()  # type: ignore[no-any-return]  # the task's own type is lost in the attribute

    def on_connection_close(self) -> None:
        """Stop what the client was waiting for."""
        super().on_connection_close()
        if self._waiting is not None:
            self._waiting.cancel()


class TrimHandler(AudioHandler):
    """``POST /api/audio/trim``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Cut a sound and tell where the result is."""
        request = await self.body(TrimRequest)
        answer = await self.while_connected(self.audio.trim(request, owner_of(self)))
        self.reply(answer, 202 if isinstance(answer, TrimStarted) else 200)


class InfoHandler(AudioHandler):
    """``GET /api/audio/info``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say what a sound is."""
        self.reply(await self.while_connected(self.audio.info(self.query(InfoQuery), owner_of(self))))


class PeaksHandler(AudioHandler):
    """``GET /api/audio/peaks``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Draw a sound, as JSON or as audiowaveform's ``.dat``."""
        picture = await self.while_connected(self.audio.peaks(self.query(PeaksQuery), owner_of(self)))
        self.set_header("Vary", "Accept")
        self.set_header("Cache-Control", "no-cache")
        if "application/octet-stream" in self.request.headers.get("Accept", ""):
            self.reply_dat(picture)
        else:
            self.reply(picture.reply(), etag=picture.etag)

    def reply_dat(self, picture: Picture) -> None:
        """Answer with the binary form, which has an ETag of its own."""
        self.set_header("Etag", f'{picture.etag[:-1]}-dat"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(picture.dat(), set_content_type="application/octet-stream")


class PreviewHandler(AudioHandler):
    """``GET /api/audio/preview``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Play exactly what a trim would save."""
        path = await self.while_connected(self.audio.preview(self.query(PreviewQuery), owner_of(self)))
        fd, facts = await self.audio.open_result(path)
        await send_file(self, fd, facts, filename="preview.wav", content_type="audio/wav")


_REFUSALS = (UnsupportedMedia, Unprocessable, Busy, FFmpegMissing, TimedOut)

ROUTES = (
    Route(
        "/api/audio/trim",
        TrimHandler,
        {
            "post": Operation(
                "Cut a sound to the sample; with background: true as a job (202).",
                request=TrimRequest,
                reply=TrimReply,
                also={202: TrimStarted},
                errors=(TooLarge, InsufficientStorage, *_REFUSALS),
            )
        },
    ),
    Route(
        "/api/audio/info",
        InfoHandler,
        {"get": Operation("Say what a sound is.", query=InfoQuery, reply=InfoReply, errors=_REFUSALS)},
    ),
    Route(
        "/api/audio/peaks",
        PeaksHandler,
        {
            "get": Operation(
                "Draw a sound: lowest and highest sample of each column, as JSON or audiowaveform's .dat.",
                query=PeaksQuery,
                reply=PeaksReply,
                errors=(Conflict, *_REFUSALS),
            )
        },
    ),
    Route(
        "/api/audio/preview",
        PreviewHandler,
        {
            "get": ranged(
                Operation(
                    "Play exactly what a trim would save, as wav.",
                    query=PreviewQuery,
                    errors=(TooLarge, InsufficientStorage, *_REFUSALS),
                    media="audio/wav",
                )
            )
        },
    ),
)
