"""Who may run now: a lane for each kind of work, so that three long downloads never keep a trim waiting."""

from __future__ import annotations

import asyncio
from collections import Counter

from jupyter_nodeapi.errors import Busy

__all__ = ["Lanes"]


class Lanes:
    """The places in which work runs, first come, first served.

    Parameters
    ----------
    width : int
        How many of one kind run at once, where nothing else was said.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._widths: dict[str, int] = {}
        self._places: dict[str, asyncio.Semaphore] = {}
        self._waiting: Counter[str] = Counter()

    def widen(self, kind: str, width: int | None) -> None:
        """Let another number of that kind run at once, from the first of them on; None changes nothing."""
        if width is not None:
            self._widths[kind] = width

    async def enter(self, kind: str, *, queue_limit: int | None = None) -> None:
        """Take one place of that kind, as soon as there is one; :meth:`leave` it afterwards.

        Parameters
        ----------
        kind : str
            Which lane.
        queue_limit : int, optional
            How many may wait already before this one does.

        Raises
        ------
        Busy
            When more than that wait.
        """
        places = self._places.setdefault(kind, asyncio.Semaphore(self._widths.get(kind, self._width)))
        if queue_limit is not None and places.locked() and self._waiting[kind] >= queue_limit:
            raise Busy(retry_after=5)
        self._waiting[kind] += 1
        try:
            await places.acquire()
        finally:
            self._waiting[kind] -= 1

    def leave(self, kind: str) -> None:
        """Give a place back."""
        self._places[kind].release()
