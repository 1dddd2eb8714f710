"""Bodies that never sit in memory: each piece goes to a sink as it arrives.

Back-pressure is Tornado's: it reads no further while :meth:`Sink.feed` is awaited. An exception inside
``data_received`` would close the connection without an answer, so it is remembered and answered after the
rest of the body has been drained.
"""

from __future__ import annotations

import asyncio
import functools
import socket
from typing import Protocol, runtime_checkable

from jupyter_nodeapi.disk.bursts import Burst, Receiver
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.web import render
from jupyter_nodeapi.web.handler import Handler
from jupyter_nodeapi.web.lending import lend_socket

__all__ = ["BurstSink", "Nowhere", "Sink", "StreamHandler"]

_closing: set[asyncio.Future[None]] = set()
"""Sinks whose sender left; kept here until they have let go, so that none is lost midway."""


class Sink(Protocol):
    """Where the bytes of one body go."""

    async def feed(self, data: bytes) -> None:
        """Take the next bytes."""

    async def close(self, complete: bool) -> None:
        """Let go of everything; ``complete`` says whether the whole body arrived and was accepted."""


class Nowhere:
    """A sink for bodies that mean nothing."""

    async def feed(self, data: bytes) -> None:
        """Ignore it."""

    async def close(self, complete: bool) -> None:
        """Nothing was opened."""


@runtime_checkable
class BurstSink(Sink, Protocol):
    """A sink that can also take bytes in the thread that reads them."""

    async def receive(self, burst: Burst) -> None:
        """Run the burst, or leave its bytes to :meth:`feed`."""


class StreamHandler(Handler):
    """A handler whose body goes to a sink.

    A leaf gives :meth:`begin`; its verb finds the sink, fed whole, in ``self.sink``. With a receiver a
    :class:`BurstSink` takes what comes fast straight from the socket.
    """

    sink: Sink | None = None
    receiver: Receiver | None = None
    _bursting: asyncio.Future[None] | None = None

    async def begin(self) -> Sink:
        """Open the sink, after the caller has been let in and before a byte of the body."""
        raise NotImplementedError

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler has it
        """Guard the request, then open the sink."""
        await super().prepare()
        if self._finished or self._refused is not None or self.request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        try:
            with self.patience:
                self.sink = await self.begin()
        except (NodeApiError, OSError) as error:
            if self.request.headers.get("Expect", "").lower() == "100-continue":
                raise
            self.refuse(render.as_error(error))
        if self.receiver is not None and isinstance(self.sink, BurstSink):
            lend_socket(self.request, functools.partial(self._lend, self.receiver, self.sink))

    async def _lend(self, receiver: Receiver, sink: BurstSink, source: socket.socket, left: int) -> int:
        """Let the sink read from the socket; gives how many bytes it did."""
        burst = receiver.burst(source, left)
        try:
            if self.sink is sink and not self._finished:
                self._bursting = asyncio.ensure_future(sink.receive(burst))
                with self.patience:
                    await self._bursting
        except (NodeApiError, OSError) as error:
            self.refuse(render.as_error(error))
            await self._let_go()
        finally:
            burst.close()
        self._received += burst.taken
        return burst.taken

    async def take(self, chunk: bytes) -> None:
        """Feed the sink; what it refuses is remembered, and a body that no verb asked for is ignored."""
        if self.sink is None:
            return
        try:
            await self.sink.feed(chunk)
        except (NodeApiError, OSError) as error:
            self.refuse(render.as_error(error))
            await self._let_go()

    async def close_sink(self) -> None:
        """Say that the whole body arrived; the verb calls this before it uses the result."""
        await self._close(complete=True)

    async def _close(self, *, complete: bool) -> None:
        sink, self.sink = self.sink, None
        if sink is not None:
            if self._bursting is not None and not self._bursting.done():  # its turn is soon over
                await asyncio.wait([self._bursting])
            await sink.close(complete)

    async def _let_go(self) -> None:
        """Give the body up; what fails in that is not what the sender has to hear, if it still listens."""
        try:
            await self._close(complete=False)
        except (NodeApiError, OSError) as error:
            self.log.info("Request %s was given up: %r", self.request_id, error)

    def on_finish(self) -> None:
        """Let go of the sink when the verb never ran."""
        super().on_finish()
        self._abandon()

    def on_connection_close(self) -> None:
        """Let go of the sink when the sender went away."""
        super().on_connection_close()
        self._abandon()

    def _abandon(self) -> None:
        if self.sink is not None:
            task = asyncio.ensure_future(self._let_go())
            _closing.add(task)
            task.add_done_callback(_closing.discard)
