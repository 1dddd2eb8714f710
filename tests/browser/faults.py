"""A layer of faults between an uploader and the server: what a busy server and a bad line do, on purpose.

::

    uploader <--HTTP/1.1, kept alive--> FaultLayer <--HTTP/1.1, kept alive--> jupyter server

Requests that carry upload bytes (POST and PATCH below ``/api/upload``) are counted from 1 since `begin`. The
fault decides from the count whether such a request is answered here, forwarded, or forwarded and its answer
thrown away with the connection. All other requests pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from typing_extensions import Self

from .messages import Message, read_message

_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)
_SENTENCE = b'{"success": false, "error": "The server is busy.", "code": "busy", "retryable": true}'


class Fault(Enum):
    """What happens to upload requests, by their count."""

    NONE = "none"
    BUSY = "every third is answered 503"
    LOST = "every third is stored, its answer lost"
    LOST_FIRST = "as LOST, and the first one too"

    def busy(self, count: int) -> bool:
        return self is Fault.BUSY and count % 3 == 0

    def lost(self, count: int) -> bool:
        return (self in {Fault.LOST, Fault.LOST_FIRST} and count % 3 == 0) or (
            self is Fault.LOST_FIRST and count == 1
        )


@dataclass(frozen=True)
class Seen:
    """One upload request and what became of it: ``answered``, ``busy``, ``lost`` or ``held``."""

    method: str
    size: int
    fate: str


class FaultLayer:
    """A proxy on 127.0.0.1 in a thread of its own.

    Parameters
    ----------
    target : str
        URL of the server behind it.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self._path = parts.path
        self.url = ""
        self.seen: list[Seen] = []
        self._fault = Fault.NONE
        self._hold_after: int | None = None
        self._count = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="faults")
        self._listening = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def begin(self, fault: Fault = Fault.NONE, *, hold_after: int | None = None) -> None:
        """Forget what was seen and count from 1 again.

        Parameters
        ----------
        fault : Fault
            What happens to upload requests from now on.
        hold_after : int, optional
            Forward that many upload requests; the server never sees those after them, and nobody answers.
        """
        with self._changed:
            self._fault, self._hold_after, self._count = fault, hold_after, 0
            self.seen = []

    def fates(self, fate: str) -> list[Seen]:
        """Give the upload requests that ended so."""
        with self._changed:
            return [seen for seen in self.seen if seen.fate == fate]

    def wait(self, what: Callable[[FaultLayer], bool], seconds: float = 30) -> None:
        """Return once `what` is true; it is asked after every upload request."""
        with self._changed:
            assert self._changed.wait_for(lambda: what(self), seconds), self.seen

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        host, port = server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}{self._path}"
        self._listening.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            answers, upstream = await asyncio.open_connection(*self._upstream, limit=2**20)
            while request := await read_message(reader, expecting=writer):
                answer = await self._answer(request, answers, upstream)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side went away, which is what connections do
        finally:
            self._tasks.discard(task)
            for side in filter(None, (writer, upstream)):
                side.close()
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await side.wait_closed()

    async def _answer(
        self, request: Message, answers: asyncio.StreamReader, upstream: asyncio.StreamWriter
    ) -> bytes | None:
        fate = self._fate(request)
        if fate == "busy":
            return _BUSY % (len(_SENTENCE), _SENTENCE)
        if fate == "held":
            await self._stop.wait()
            return None
        upstream.write(request.raw)
        await upstream.drain()
        answer = await read_message(answers, to=request.method)
        self._note(request, fate)
        return answer.raw if answer and fate != "lost" else None

    def _fate(self, request: Message) -> str:
        if not request.uploads:
            return "answered"
        with self._changed:
            self._count += 1
            count = self._count
            fault, hold_after = self._fault, self._hold_after
        if hold_after is not None and count > hold_after:
            fate = "held"
        else:
            fate = "busy" if fault.busy(count) else "lost" if fault.lost(count) else "answered"
        if fate in {"held", "busy"}:
            self._note(request, fate)
        return fate

    def _note(self, request: Message, fate: str) -> None:
        if request.uploads:
            with self._changed:
                self.seen.append(Seen(request.method, len(request.body), fate))
                self._changed.notify_all()
