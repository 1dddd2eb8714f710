"""One file over several connections: spans of it come ahead of the digest, in flat memory.

Each fetcher takes the next span, asks for it by ``Range`` (RFC 9110, 14) and writes it to its place. The
thread of the transfer follows: it reads back in order what is here, from the page cache, and hands it over.
It alone says how far the file is, so resuming, syncing and judging stay as with one connection; a crash costs
besides what lay ahead of the front.

A fetcher that fails gives back what its span lacks and ends, so a server that allows only one connection
still delivers. The transfer fails when the last one has.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from types import TracebackType

import msgspec
import urllib3

from jupyter_nodeapi.disk.beside import Beside
from jupyter_nodeapi.models.blocks import Hooks, blocks
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable, cut_short
from jupyter_nodeapi.models.hashes import BLOCK
from jupyter_nodeapi.models.partial import write_at
from jupyter_nodeapi.models.spans import Row, Span

__all__ = ["Body", "gather"]


class Body(msgspec.Struct):
    """An answer that is being read: its next byte is the file's byte ``at``, its last one ``end - 1``."""

    response: urllib3.BaseHTTPResponse
    at: int
    end: int


def gather(
    body: Body,
    ask: Callable[[int, int], Body],
    fd: int,
    take: Callable[[memoryview], None],
    *,
    hooks: Hooks,
    connections: int,
    abort: Callable[[], None],
) -> None:
    """Bring the rest of a file, and hand it over in order.

    Parameters
    ----------
    body : Body
        The answer that has begun.
    ask : callable
        Gives the answer for the bytes from a start to before an end.
    fd : int
        The file, open for reading and writing.
    take : callable
        Gets each block when it has been written.
    hooks : Hooks
        For the reading.
    connections : int
        How many, at least 2.
    abort : callable
        Ends all reading at once.

    Raises
    ------
    SourceUnavailable, SourceRefused
        The last connection failed so.
    """
    row = Row(body.at, body.end, connections)
    begun = (body, *[None] * (connections - 1))
    with _Crew(row, [_Fetcher(row, one, ask, fd, hooks).run for one in begun], abort) as crew:
        while row.front < body.end:
            hooks.check()
            if not _follow(row, fd, take):
                crew.check()


def _follow(row: Row, fd: int, take: Callable[[memoryview], None]) -> int:
    """Hand over a block of what is here; give its size, 0 when there is nothing yet."""
    if count := min(row.ready(), BLOCK):
        buffer = bytearray(count)
        count = os.preadv(fd, [buffer], row.front)
        take(memoryview(buffer)[:count])
        row.consume(count)
    return count


class _Crew:
    """The fetchers of one row; who leaves it by an error ends them at once."""

    def __init__(self, row: Row, works: Sequence[Callable[[], None]], abort: Callable[[], None]) -> None:
        self._row = row
        self._abort = abort
        self._fetchers = [Beside(work, "nodeapi-fetch") for work in works]

    def check(self) -> None:
        """Raise what has ended the last fetcher, or any of them for a reason that is not its server's."""
        if self._row.failure is not None:
            raise self._row.failure
        for fetcher in self._fetchers:
            if fetcher.failed:
                fetcher.outcome()

    def __enter__(self) -> _Crew:  # noqa: PYI034 - no Self in Python 3.10
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._row.close()
        if kind is not None:
            self._abort()
        for fetcher in self._fetchers:
            fetcher.join()


class _Fetcher:
    """Brings spans, each with the answer that is open if that goes on there."""

    def __init__(
        self, row: Row, body: Body | None, ask: Callable[[int, int], Body], fd: int, hooks: Hooks
    ) -> None:
        self._row = row
        self._body = body
        self._ask = ask
        self._fd = fd
        self._hooks = hooks

    def run(self) -> None:
        """Bring them until there are no more, or one cannot be had."""
        with contextlib.ExitStack() as last:
            last.callback(self._close)
            while (span := self._row.take(self._goes_on_at())) is not None:
                try:
                    self._bring(span)
                except (SourceUnavailable, SourceRefused) as failure:  # noqa: PERF203 - spans are large
                    self._row.give_back(span, failure)
                    break

    def _goes_on_at(self) -> int | None:
        body = self._body
        return body.at if body is not None and body.at < body.end else None

    def _bring(self, span: Span) -> None:
        body = self._body
        asked = body is None or not span.near(body.at) or body.end < span.end
        if body is None or asked:
            self._close()
            body = self._body = self._ask(span.here, span.end)
        for _ in blocks(body.response, self._hooks, span.here - body.at):
            pass  # another fetcher brought these before it failed
        for block in blocks(body.response, self._hooks, span.end - span.here):
            write_at(self._fd, block, span.here)
            self._row.grow(span, len(block))
        body.at = span.here
        if span.here < span.end:
            raise cut_short()
        if asked:
            self._row.vouch()

    def _close(self) -> None:
        if self._body is not None:
            self._body.response.close()
            self._body = None
