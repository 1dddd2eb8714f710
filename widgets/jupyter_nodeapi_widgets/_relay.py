"""The kernel's end of the comm transport: a page's requests, sent on to the server in binary frames.

::

    page                                   kernel                              server
    request id frame 0 of k + 1 MiB  --->  ack id frame 0
    request id frame 1 of k + 1 MiB  --->  ack id frame 1
                                           the body is whole             --->  POST ...
    reply id frame 0 of n + 1 MiB    <---  as the bytes come             <---  200

Nothing is stored: a request's body lives until it is sent, and a page that has sent more than
:data:`MAX_HELD_BYTES` unanswered is told to wait. What :mod:`_gate` does not let through never leaves.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_nodeapi_widgets._gate import allowed, passed_back, passed_on
from jupyter_nodeapi_widgets._workers import Workers
from jupyter_nodeapi_widgets.client.api import NodeApi
from jupyter_nodeapi_widgets.client.errors import ApiError
from jupyter_nodeapi_widgets.client.reply import Stream

__all__ = ["FRAME_BYTES", "MAX_HELD_BYTES", "Relay"]

FRAME_BYTES = 1 << 20
MAX_HELD_BYTES = 32 << 20
MAX_REPLY_BYTES = 256 << 20

_OURS = frozenset({"frame", "frames", "headers", "id", "nodeapi", "number", "retryable", "status"})
_Head = tuple[int, Mapping[str, str]]

Send = Callable[[dict[str, Any], list[bytes]], None]


@dataclass
class _Call:
    """One request on its way in."""

    id: int
    method: str
    path: str
    headers: dict[str, str]
    json: Any
    frames: dict[int, bytes] = field(default_factory=dict)
    cancelled: bool = False


class Relay:
    """Answers the messages of one widget's pages.

    Parameters
    ----------
    api : callable
        Gives the server; may raise ApiError.
    send : callable
        Sends a message and its buffers to the page; called from several threads, one at a time.
    workers : Workers
        Where the server is waited for.
    """

    def __init__(self, api: Callable[[], NodeApi], send: Send, workers: Workers) -> None:
        self._api = api
        self._send = send
        self._workers = workers
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._calls: dict[int, _Call] = {}

    def take(self, message: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        """Take one message of a page: a frame of a request, or that one is given up.

        Parameters
        ----------
        message : mapping
            ``nodeapi`` is ``request`` or ``cancel``; anything else is not for us.
        buffers : sequence of bytes-like
            The frame.
        """
        number = message.get("id")
        if not isinstance(number, int):
            return
        if message.get("nodeapi") == "cancel":
            with self._lock:
                call = self._calls.pop(number, None)
            if call is not None:
                call.cancelled = True
        elif message.get("nodeapi") == "request":
            self._frame(number, message, [bytes(buffer) for buffer in buffers])

    def _frame(self, number: int, message: Mapping[str, Any], buffers: list[bytes]) -> None:
        method, path = str(message.get("method", "")).upper(), str(message.get("path", ""))
        if not allowed(method, path):
            self._refuse(number, 403, "not_allowed", "The kernel passes on requests to this API only.")
            return
        wanted, frame = _count(message.get("frames")), _count(message.get("frame"))
        with self._lock:
            call = self._calls.setdefault(number, _call(number, method, path, message))
            call.frames[frame] = b"".join(buffers)
            held = sum(len(data) for each in self._calls.values() for data in each.frames.values())
            whole = len(call.frames) >= wanted
            if held > MAX_HELD_BYTES:
                del self._calls[number]
        if held > MAX_HELD_BYTES:
            self._refuse(number, 429, "kernel_busy", "The kernel has too much to send already.")
            return
        self._tell({"nodeapi": "ack", "id": number, "frame": frame})
        if whole and not self._workers.run(lambda: self._answer(call)):
            self._forget(call)
            self._refuse(number, 429, "kernel_busy", "The kernel has too many requests to send already.")

    def _answer(self, call: _Call) -> None:
        try:
            if not call.cancelled:
                self._pass_on(call)
        except ApiError as error:
            details = {name: value for name, value in error.details.items() if name not in _OURS}
            body = {**details, "code": error.code, "message": error.message, "hint": error.hint}
            if error.retry_after is not None:
                body["headers"] = {"retry-after": str(error.retry_after)}
            self._refuse(call.id, error.status, **body, retryable=error.retryable)
        finally:
            self._forget(call)

    def _pass_on(self, call: _Call) -> None:
        body = b"".join(call.frames[number] for number in sorted(call.frames))
        call.frames = {}
        api = self._api()
        if call.json is not None:
            reply = api.request(call.method, call.path, json=call.json, headers=call.headers)
            self._whole(call, (reply.status, reply.headers), reply.body)
            return
        data = body if body or call.method in {"POST", "PUT", "PATCH"} else None
        with api.stream(call.method, call.path, data=data, headers=call.headers) as stream:
            del body, data
            length = 0 if call.method == "HEAD" else stream.length
            if length is None:
                self._whole(call, (stream.status, stream.headers), _all(stream))
            elif length > MAX_REPLY_BYTES:
                raise _too_large()
            else:
                self._frames(call, stream, length)

    def _frames(self, call: _Call, stream: Stream, length: int) -> None:
        """Send the answer on as it comes; the body is never whole in this process."""
        frames = max(1, math.ceil(length / FRAME_BYTES))
        for number in range(frames):
            if call.cancelled:
                return
            piece = _exactly(stream, min(FRAME_BYTES, length - number * FRAME_BYTES))
            self._reply(call.id, (stream.status, stream.headers), frames, number, piece)

    def _whole(self, call: _Call, head: _Head, body: bytes) -> None:
        frames = max(1, math.ceil(len(body) / FRAME_BYTES))
        for number in range(frames):
            if call.cancelled:
                return
            piece = body[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
            self._reply(call.id, head, frames, number, piece)

    def _reply(self, number: int, head: _Head, frames: int, frame: int, piece: bytes) -> None:
        told = {"status": head[0], "headers": passed_back(head[1]), "frames": frames, "frame": frame}
        self._tell({"nodeapi": "reply", "id": number, **told}, [piece] if piece else [])

    def _refuse(self, number: int, status: int, code: str, message: str, **more: Any) -> None:
        told = {"hint": "", **more, "code": code, "message": message}
        head = {"status": status, "headers": {}, "frames": 0, "frame": 0}
        self._tell({**head, **told, "nodeapi": "reply", "id": number})

    def _tell(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        with self._sending:
            self._send(message, buffers or [])

    def _forget(self, call: _Call) -> None:
        with self._lock:
            if self._calls.get(call.id) is call:
                del self._calls[call.id]


def _call(number: int, method: str, path: str, message: Mapping[str, Any]) -> _Call:
    headers = message.get("headers")
    passed = passed_on(headers) if isinstance(headers, dict) else {}
    return _Call(number, method, path, passed, message.get("json"))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _exactly(stream: Stream, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _all(stream: Stream) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while piece := stream.read(FRAME_BYTES):
        total += len(piece)
        if total > MAX_REPLY_BYTES:
            raise _too_large()
        pieces.append(piece)
    return b"".join(pieces)


def _too_large() -> ApiError:
    return ApiError(
        "This is too large to come through the kernel.",
        code="too_large",
        hint="Download it in Python: NodeApi().files.download(...).",
        status=413,
    )
