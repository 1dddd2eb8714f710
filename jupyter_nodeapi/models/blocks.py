"""The body of an answer, block by block: large ones cost least, but a slow line must still show progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec
import urllib3

from jupyter_nodeapi.models.hashes import BLOCK
from jupyter_nodeapi.models.transport import read_into

__all__ = ["Hooks", "blocks"]

_SMALL = 64 << 10


class Hooks(msgspec.Struct, frozen=True):
    """What a transfer tells and asks while it runs.

    Attributes
    ----------
    begin : callable
        Told that the network is asked from now on.
    moved : callable
        Told how many bytes of the file are here now.
    check : callable
        Asked between blocks; raises when the work was stopped.
    room : callable
        Asked now and then with the bytes still to come (None when unknown); raises when the disk is too full.
    came : callable
        Told how many bytes have come, by each thread that reads; waits where they came too fast.
    most : int
        Bytes to read at once, at most.
    connections : int
        How many connections a large file may come over.
    clock : callable
        Seconds that only go forward.
    """

    moved: Callable[[int], None]
    check: Callable[[], None]
    room: Callable[[int | None], None]
    begin: Callable[[], None] = lambda: None
    came: Callable[[int], None] = lambda _: None
    most: int = BLOCK
    connections: int = 1
    clock: Callable[[], float] = time.monotonic


def blocks(
    response: urllib3.BaseHTTPResponse, hooks: Hooks, limit: int | None = None
) -> Iterator[memoryview]:
    """Give the next bytes of a body, each block at most 1 MiB and good until the next is asked for.

    Parameters
    ----------
    response : urllib3.BaseHTTPResponse
        What to read.
    hooks : Hooks
        Asked before each block, told its size after it was used.
    limit : int, optional
        Stop after that many bytes; without it, at the end of the body.

    Raises
    ------
    SourceUnavailable
        The connection broke.
    """
    buffer = memoryview(bytearray(BLOCK))
    size, left = _SMALL, limit
    while left is None or left > 0:
        hooks.check()
        began = hooks.clock()
        wanted = min(size, hooks.most) if left is None else min(size, hooks.most, left)
        count = read_into(response, buffer[:wanted])
        if not count:
            return
        size = _next_size(size, hooks.clock() - began)
        yield buffer[:count]
        hooks.came(count)
        left = None if left is None else left - count


def _next_size(size: int, seconds: float) -> int:
    if seconds > 1:
        return max(_SMALL, size // 2)
    return min(BLOCK, size * 2) if seconds < 0.25 else size
