"""Large bodies that come fast are read by a thread, straight from the socket.

::

    Tornado reads 64 KiB ── less had come ──> data_received ──> Tornado reads ...
                         └─ all 64 KiB, so there is more ──> data_received ──> lent ──> Tornado reads ...

Tornado's own way makes an object of every 64 KiB and costs about twice the CPU. There is no public hook, so
this replaces one private method of the one connection object that serves the request; where Tornado does
not look as expected, or the line is encrypted, nothing is replaced and its own way goes on working.
``tests/web`` notices when Tornado changes.
"""

from __future__ import annotations

import contextlib
import inspect
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeAlias

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream

__all__ = ["Lend", "hang_up", "is_supported", "lend_socket"]

Lend: TypeAlias = Callable[[socket.socket, int], Awaitable[int]]

_WORTH_BYTES = 256 << 10
_NEAR_BYTES = 2 << 20
_METHOD = "_read_fixed_body"
_PARAMETERS = ["self", "content_length", "delegate"]
_USED = ("_state", "_read_buffer_size", "_add_io_state")


def is_supported() -> bool:
    """Say whether this Tornado reads bodies as expected."""
    method = getattr(HTTP1Connection, _METHOD, None)
    return inspect.iscoroutinefunction(method) and list(inspect.signature(method).parameters) == _PARAMETERS


def lend_socket(request: HTTPServerRequest, lend: Lend) -> bool:
    """Let the body of this request be read elsewhere while it comes fast; call it before the body is read.

    Parameters
    ----------
    request : HTTPServerRequest
        The request; one with a short body, or one of unknown length, stays as it is.
    lend : callable
        Given a duplicate of the socket, which it closes, and how many bytes may be read from it; awaited, it
        gives how many were.

    Returns
    -------
    bool
        Whether it will be so.
    """
    connection: Any = request.connection
    length = request.headers.get("Content-Length", "")
    worth = length.isascii() and length.isdigit() and int(length) >= _WORTH_BYTES
    if not worth or type(connection) is not HTTP1Connection or not is_supported():
        return False
    if type(connection.stream) is not IOStream or not all(hasattr(connection.stream, name) for name in _USED):
        return False

    _keep_near(connection.stream)

    async def read(content_length: int, delegate: Any) -> None:
        await _read(connection, content_length, delegate, lend)

    setattr(connection, _METHOD, read)
    return True


def _keep_near(stream: Any) -> None:
    """Let few bytes wait in the socket when the sender, or its proxy, is on this machine.

    Two blocks, one to be read while the other comes, are as fast here as the many megabytes that Linux allows
    (tcp(7), TCP_WINDOW_CLAMP). Those only grow cold in memory, and are all still to be written when the last
    byte has been sent. From afar they are needed.
    """
    clamp = getattr(socket, "TCP_WINDOW_CLAMP", None)
    with contextlib.suppress(OSError, ValueError, LookupError, AttributeError):  # closed, or a Unix socket
        if clamp is not None and ipaddress.ip_address(stream.socket.getpeername()[0]).is_loopback:
            stream.socket.setsockopt(socket.IPPROTO_TCP, clamp, _NEAR_BYTES)


def hang_up(request: HTTPServerRequest) -> None:
    """Close the connection as if the sender had done it."""
    connection: Any = request.connection
    connection.stream.close()


async def _read(connection: Any, left: int, delegate: Any, lend: Lend) -> None:
    stream, step = connection.stream, connection.params.chunk_size
    while left > 0:
        body = await stream.read_bytes(min(step, left), partial=True)
        left -= len(body)
        if not connection._write_finished:  # noqa: SLF001 - as Tornado's own loop asks
            await delegate.data_received(body)
        if left > 0 and len(body) == step and not stream._read_buffer_size:  # noqa: SLF001
            left -= await _lend(stream, left, lend)


async def _lend(stream: Any, left: int, lend: Lend) -> int:
    try:
        source = stream.socket.dup()
    except (OSError, AttributeError):  # no descriptor is left, or the stream was closed meanwhile
        return 0
    with _left_alone(stream):
        return await lend(source, left)


@contextlib.contextmanager
def _left_alone(stream: Any) -> Iterator[None]:
    """Keep the loop from reading, as it does whenever it sees that something has come."""
    stream.io_loop.remove_handler(stream.fileno())
    stream._state = None  # noqa: SLF001
    try:
        yield
    finally:
        if not stream.closed():
            stream._add_io_state(stream.io_loop.READ)  # noqa: SLF001
