"""The audio routes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.audio.schemas import TrimReply, TrimRequest, TrimStarted
from jupyter_nodeapi.audio.service import Audio
from jupyter_nodeapi.errors import Busy, FFmpegMissing, TimedOut, TooLarge, Unprocessable, UnsupportedMedia
from jupyter_nodeapi.web.handler import Handler
from jupyter_nodeapi.web.route import Operation, Route

__all__ = ["ROUTES", "AudioHandler", "TrimHandler"]

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
        if self._waiting is not None:
            self._waiting.cancel()


class TrimHandler(AudioHandler):
    """``POST /api/audio/trim``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Cut a sound and tell where the result is."""
        request = await self.body(TrimRequest)
        answer = await self.while_connected(self.audio.trim(request))
        self.reply(answer, 202 if isinstance(answer, TrimStarted) else 200)


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
                errors=(TooLarge, UnsupportedMedia, Unprocessable, Busy, FFmpegMissing, TimedOut),
            )
        },
    ),
)
