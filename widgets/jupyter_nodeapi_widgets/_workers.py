"""A few threads for all widgets of this kernel, so that a slow server never holds the kernel's main thread.

They are daemons, started when the first work comes: a kernel that ends does not wait for them. Work runs in
a copy of the caller's context, because some kernels keep there which message an answer belongs to.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable

__all__ = ["Workers"]


class Workers:
    """Runs functions one after another on up to `threads` daemon threads.

    Parameters
    ----------
    threads : int
        How many at most.
    waiting : int
        How much work may wait for a free thread.
    """

    def __init__(self, threads: int = 4, waiting: int = 64) -> None:
        self._limit = threads
        self._work: queue.Queue[Callable[[], None]] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._started = 0

    def run(self, work: Callable[[], None]) -> bool:
        """Let `work` run soon; False when too much waits already.

        Parameters
        ----------
        work : callable
            Handles its own failures.
        """
        context = contextvars.copy_context()
        try:
            self._work.put_nowait(lambda: context.run(work))
        except queue.Full:
            return False
        with self._lock:
            if self._started < self._limit:
                self._started += 1
                name = f"nodeapi-widgets-{self._started}"
                threading.Thread(target=self._loop, name=name, daemon=True).start()
        return True

    def _loop(self) -> None:
        while True:
            self._work.get()()
