"""One sender for all servers: raw sockets, the bodies by ``sendfile`` from memory, one thread a connection.

A server's part of it is a *lane*: a generator that yields what to send next and is given the reply.
"""

from __future__ import annotations

import http.client
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Lane", "Reply", "Request", "Sent", "head", "send"]

_SECONDS = struct.pack("ll", 120, 0)


@dataclass(frozen=True)
class Request:
    """One request: `opening`, then `length` bytes of the source from `offset` on, then `closing`."""

    opening: bytes
    offset: int = 0
    length: int = 0
    closing: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


Lane: TypeAlias = Generator[Request, Reply, None]


@dataclass(frozen=True)
class Sent:
    """How long it took: all of it, and from the last byte of the file to the last answer; in seconds."""

    seconds: float
    tail: float


def head(method: str, path: str, length: int, headers: dict[str, str]) -> bytes:
    """Write the head of a request whose body has `length` bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def send(
    port: int,
    source: int,
    lanes: Sequence[Lane],
    finish: Lane | None = None,
    settle: Callable[[], object] | None = None,
) -> Sent:
    """Run all lanes at once, `finish`, `settle`; ends the program when a server refuses anything."""
    senders = [_Sender(port, source) for _ in lanes]
    failures: list[BaseException] = []

    def work(sender: _Sender, lane: Lane) -> None:
        try:
            sender.run(lane)
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(senders, lanes, strict=True)]
    begun = time.perf_counter()
    _join(threads)
    if failures:
        raise SystemExit(f"the upload failed: {failures[0]!r}")
    if finish is not None:
        senders[0].run(finish)
    if settle is not None:
        settle()
    ended = time.perf_counter()
    for sender in senders:
        sender.close()
    return Sent(ended - begun, ended - max(sender.sent_at for sender in senders))


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Sender:
    """One connection, kept as long as the server keeps it."""

    def __init__(self, port: int, source: int) -> None:
        self.sent_at = 0.0
        self._port = port
        self._source = source
        self._socket: socket.socket | None = self._connect()

    def run(self, lane: Lane) -> None:
        """Send what the lane says until it ends."""
        follow: Callable[[], Request] = lambda: next(lane)  # noqa: E731
        try:
            while True:
                reply = self._exchange(follow())
                follow = lambda reply=reply: lane.send(reply)  # noqa: E731
        except StopIteration:
            return

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.settimeout(None)  # else Python makes it non-blocking, and sendfile a loop of its own
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _SECONDS)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SECONDS)
        return connection

    def _exchange(self, request: Request) -> Reply:
        connection = self._socket = self._socket or self._connect()
        more = socket.MSG_MORE if request.length or request.closing else 0
        connection.sendall(request.opening, more)
        offset, left = request.offset, request.length
        while left:
            moved = os.sendfile(connection.fileno(), self._source, offset, left)
            offset, left = offset + moved, left - moved
        if request.closing:
            connection.sendall(request.closing)
        if request.length or request.closing or not self.sent_at:
            self.sent_at = time.perf_counter()
        return self._answer(connection, request.opening.partition(b" ")[0].decode())

    def _answer(self, connection: socket.socket, method: str) -> Reply:
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        reply = Reply(answer.status, answer.headers, answer.read())
        answer.close()
        if answer.will_close:
            self.close()
        if reply.status not in {200, 201, 204}:
            raise SystemExit(f"{method} was answered {reply.status}: {reply.body[:300]!r}")
        return reply
