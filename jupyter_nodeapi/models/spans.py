"""Who fetches which part of a file, and up to where it is here without a gap.

::

    |=== consumed ===|== here ==..|==== here ====|...............|   nobody has asked yet   |
                     ^ front      ^ one fetcher  ^ another                               total

A fetcher takes the next span, says what has come of it, and gives it back when it fails; who consumes moves
the front. Spans lie ahead of it by two a fetcher at most.
"""

from __future__ import annotations

import threading

import msgspec

from jupyter_nodeapi.errors import NodeApiError

__all__ = ["SPAN", "Row", "Span"]

SPAN = 16 << 20
_AHEAD = 2
_LOOK_SECONDS = 0.1


class Span(msgspec.Struct, eq=False):
    """A piece of the file, up to ``end``; it is here up to ``here``, and a fetcher is at it or not."""

    here: int
    end: int
    taken: bool = False

    def near(self, at: int) -> bool:
        """Tell whether an answer that goes on at `at` reaches this span's next byte soon."""
        return 0 <= self.here - at < SPAN


class Row:
    """The spans between what was consumed and what nobody has asked for; all threads share it.

    Parameters
    ----------
    start, total : int
        The bytes of the file that are wanted.
    connections : int
        How many fetchers there are.
    """

    def __init__(self, start: int, total: int, connections: int) -> None:
        self.front = start
        self.failure: NodeApiError | None = None
        self._total = total
        self._most = _AHEAD * connections
        self._cut = start
        self._spans: list[Span] = []
        self._fetchers = connections
        self._changed = threading.Condition()
        self._closed = False
        self._parts = False

    def take(self, at: int | None = None) -> Span | None:
        """Give the first span that nobody fetches; wait while there is none, and give None at the end.

        Parameters
        ----------
        at : int, optional
            Where an open answer goes on. Until parts are known to come it is not given up: it waits for the
            span that begins there.
        """
        with self._changed:
            while not self._closed:
                span = self._free()
                if span is not None and (at is None or span.near(at) or self._parts or self._fetchers == 1):
                    span.taken = True
                    return span
                self._changed.wait()
        return None

    def vouch(self) -> None:
        """Say that a part which was asked for has come."""
        with self._changed:
            self._parts = True
            self._changed.notify_all()

    def grow(self, span: Span, count: int) -> None:
        """Say that the next `count` bytes of a span are here."""
        with self._changed:
            span.here += count
            self._changed.notify_all()

    def give_back(self, span: Span, failure: NodeApiError) -> None:
        """End a fetcher: another takes its span, or, when it was the last one, the row has failed."""
        with self._changed:
            span.taken = False
            self._fetchers -= 1
            self.failure = None if self._fetchers else failure
            self._changed.notify_all()

    def ready(self) -> int:
        """Give how many bytes from the front on are here; wait a moment for the first."""
        with self._changed:
            return self._ready() or (self._changed.wait(_LOOK_SECONDS) and self._ready()) or 0

    def consume(self, count: int) -> None:
        """Move the front."""
        with self._changed:
            self.front += count
            if self._spans[0].end == self.front:
                del self._spans[0]
                self._closed = self._closed or self.front == self._total
            self._changed.notify_all()

    def close(self) -> None:
        """Give no more spans."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _free(self) -> Span | None:
        for span in self._spans:
            if not span.taken:
                return span
        if self._cut == self._total or len(self._spans) == self._most:
            return None
        span = Span(self._cut, min(self._total, self._cut + SPAN))
        self._cut = span.end
        self._spans.append(span)
        return span

    def _ready(self) -> int:
        return self._spans[0].here - self.front if self._spans else 0
