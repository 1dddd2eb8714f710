"""How long a sender may be silent.

A network that is gone does not say so: a sender of whom nothing comes for long is hung up on, or its socket
and its upload would be held for as long as the server lives. Only the time counts in which we wait for it:
while a piece is being handled, however slow the disk, the sender can do nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["SILENCE_SECONDS", "Patience"]

SILENCE_SECONDS = 300.0
"""How long a sender may be silent, unless the app says otherwise."""


class Patience:
    """Waits for one body; as a context manager it does not while a piece is handled.

    Parameters
    ----------
    seconds : float
        How long nothing may come.
    hang_up : callable
        Called once, after that.
    """

    def __init__(self, seconds: float, hang_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._hang_up = hang_up
        self._loop = asyncio.get_running_loop()
        self._since: float | None = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._look)

    def __enter__(self) -> None:
        self._since = None

    def __exit__(self, *raised: object) -> None:
        self._since = self._loop.time()

    def end(self) -> None:
        """Wait no longer; harmless twice."""
        self._timer.cancel()

    def _look(self) -> None:
        waited = 0.0 if self._since is None else self._loop.time() - self._since
        if waited >= self._seconds:
            self._hang_up()
        else:
            self._timer = self._loop.call_later(self._seconds - waited, self._look)
