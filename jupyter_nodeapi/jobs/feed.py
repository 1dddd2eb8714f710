"""What one listener hears: server-sent events, or the same as values."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from jupyter_nodeapi.jobs.events import Events
from jupyter_nodeapi.jobs.schemas import JobEvent

__all__ = ["Feed"]

HEARTBEAT_SECONDS: Final = 15.0


class Feed:
    """One listener: its place in the ring.

    Parameters
    ----------
    events : Events
        What it listens to.
    last_event_id : str, optional
        Where it was before it lost the connection.
    viewer : str
        Who listens: jobs of others are not told.
    """

    def __init__(self, events: Events, last_event_id: str | None, viewer: str = "") -> None:
        self._events = events
        self._viewer = viewer
        self._place = events.place_of(last_event_id)
        self._left = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._left.is_set() or self._events.closed

    def close(self) -> None:
        """Leave: nobody listens any more."""
        self._left.set()
        self._events.wake()

    def take(self) -> list[tuple[str, JobEvent]]:
        """Give what this listener has not seen yet."""
        events = self._events
        lost = self._place is None or self._place < events.oldest - 1
        fresh = self._place is None or lost
        found = events.snapshot(self._viewer) if fresh else events.after(self._place or 0, self._viewer)
        self._place = events.newest
        return found

    async def wait(self, seconds: float | None) -> bool:
        """Wait until there is something to take, at most that long; give whether there is."""
        news = self._events.news
        if self._place != self._events.newest or self.closed:
            return True
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(news.wait(), seconds)
            return True
        return False

    async def pairs(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Give ``(id, event)`` until either side leaves: what was missed or a snapshot, then what happens."""
        while not self.closed:
            for number, event in self.take():
                yield number, msgspec.to_builtins(event)
            await self.wait(None)

    async def frames(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> AsyncIterator[str]:
        """Give the text of a ``text/event-stream`` (WHATWG HTML 9.2) until either side leaves."""
        yield "retry: 2000\n\n"
        while not self.closed:
            for number, event in self.take():
                yield f"id: {number}\ndata: {msgspec.json.encode(event).decode()}\n\n"
            while not await self.wait(heartbeat_seconds):
                yield ": still here\n\n"
