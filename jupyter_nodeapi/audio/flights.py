"""One run for any number of callers who want the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["Flights"]


class Flights:
    """What is under way, by key. The last caller who goes away ends it."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._waiting: dict[str, int] = {}

    async def join(self, key: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Wait for the work of that key, which begins with the first caller.

        Parameters
        ----------
        key : str
            What makes two callers want the same.
        work : callable
            Begins the work.
        """
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(work(), name=f"nodeapi-audio-{key}")
            self._waiting[key] = 0
        self._waiting[key] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._leave(key, task)

    def _leave(self, key: str, task: asyncio.Task[Any]) -> None:
        if self._tasks.get(key) is not task:
            return
        self._waiting[key] -= 1
        if not self._waiting[key]:
            task.cancel()
            del self._tasks[key], self._waiting[key]
