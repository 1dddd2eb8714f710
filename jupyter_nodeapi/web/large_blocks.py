"""Large bodies read in blocks of 1 MiB, straight from the socket into one of two buffers.

While one buffer is being written to the disk the other fills. Tornado's own way gives 64 KiB at a time, each
in an object of its own, and costs about twice the CPU. There is no public hook, so this replaces one private
method of the one connection object that serves the request; where that method does not look as
expected, nothing is replaced and Tornado's way goes on working. ``tests/web`` notices when Tornado changes.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPServerRequest

__all__ = ["is_supported", "read_large_blocks"]

BLOCK_BYTES = 1 << 20

_WORTH_BYTES = 256 << 10
# The last block takes with it what is left of a body that is a little longer than whole blocks, as a form is.
_MOST_BYTES = BLOCK_BYTES + (64 << 10)
_METHOD = "_read_fixed_body"
_PARAMETERS = ["self", "content_length", "delegate"]
_POOL_PAIRS = 8

_Async: TypeAlias = Callable[[], Awaitable[None]]

_pool: list[tuple[bytearray, bytearray]] = []


def is_supported() -> bool:
    """Say whether this Tornado reads bodies as expected."""
    method = getattr(HTTP1Connection, _METHOD, None)
    return inspect.iscoroutinefunction(method) and list(inspect.signature(method).parameters) == _PARAMETERS


def read_large_blocks(request: HTTPServerRequest, drain: _Async, *, push: _Async | None = None) -> bool:
    """Read the body of this request in large blocks; call it before the body is read.

    The handler's ``data_received`` is then given memoryviews of whole buffers from their start. A view stays
    as it is until the call after the next. With ``push`` it is given whatever has arrived, so that
    nothing is lost when the sender goes away; the views of one buffer then stay until the next one is full.

    Parameters
    ----------
    request : HTTPServerRequest
        The request; one with a short body, or one of unknown length, stays as it is.
    drain : callable
        Awaited after the last block: returns when no view is used any more.
    push : callable, optional
        Awaited after each full buffer: returns when no view of the buffer before is used any more.

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

    async def read(content_length: int, delegate: Any) -> None:
        await _read(connection, content_length, delegate, (drain, push))

    setattr(connection, _METHOD, read)
    return True


async def _read(connection: Any, left: int, delegate: Any, calls: tuple[_Async, _Async | None]) -> None:
    drain, push = calls
    buffers = _pool.pop() if _pool else (bytearray(_MOST_BYTES), bytearray(_MOST_BYTES))
    turn = 0
    while left > 0:
        view = memoryview(buffers[turn])[: left if left <= _MOST_BYTES else BLOCK_BYTES]
        left -= len(view)
        await _fill(connection, view, delegate, by_piece=push is not None)
        if push is not None:
            await push()
        turn = 1 - turn
        await asyncio.sleep(0)  # a fast sender must not keep the loop to itself, as in Tornado's own way
    # A request that fails midway never comes here, and its buffers are nobody's again.
    await drain()
    if len(_pool) < _POOL_PAIRS:
        _pool.append(buffers)


async def _fill(connection: Any, view: memoryview, delegate: Any, *, by_piece: bool) -> None:
    while view:
        size = await connection.stream.read_into(view, partial=by_piece)
        if not connection._write_finished:  # noqa: SLF001 - as Tornado's own loop asks
            await delegate.data_received(view[:size])
        view = view[size:]
