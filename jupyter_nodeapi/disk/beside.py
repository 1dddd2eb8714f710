"""Work beside us: a daemon thread of its own, whose outcome somebody asks for.

For work that lasts as long as its owner; short calls go through :mod:`jupyter_nodeapi.disk.blocking`.

A transfer at full speed must not keep the server from answering, so such a thread may have a lower priority
(Linux: setpriority(2) of its id; sched(7)). It has to be a new thread: an ordinary user may lower a priority
and never raise it again. What it starts inherits it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from jupyter_nodeapi.disk.outcome import Outcome

__all__ = ["Beside", "gently"]

T = TypeVar("T")


class Beside(threading.Thread, Generic[T]):
    """Work that has begun in another thread.

    Parameters
    ----------
    work : callable
        What it raises is raised by :meth:`outcome`.
    name : str
        How the thread is called in a debugger.
    niceness : int
        How far it gives way: 0 not at all, 19 to everything else. Elsewhere than on Linux it does not.
    """

    def __init__(self, work: Callable[[], T], name: str, niceness: int = 0) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._niceness = niceness
        self._outcome: Outcome[T] | None = None
        self.start()

    def run(self) -> None:
        """Do the work."""
        _give_way(self._niceness)
        self._outcome = Outcome(self._work)

    @property
    def failed(self) -> bool:
        """Whether the work has raised something."""
        return self._outcome is not None and self._outcome.error is not None

    def outcome(self) -> T:
        """Wait for the end, and give what came of it."""
        self.join()
        assert self._outcome is not None
        return self._outcome.take()


def gently(work: Callable[[], T], niceness: int) -> T:
    """Give what the work returns, done by a thread of a lower priority unless ``niceness`` is 0.

    Parameters
    ----------
    work : callable
        What it raises is raised here.
    niceness : int
        As for :class:`Beside`.
    """
    return Beside(work, "nodeapi-gentle", niceness).outcome() if niceness else work()


def _give_way(niceness: int) -> None:
    """Let everything else go before this thread."""
    if niceness and sys.platform == "linux":
        here = (os.PRIO_PROCESS, threading.get_native_id())
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.setpriority(*here, max(niceness, os.getpriority(*here)))
