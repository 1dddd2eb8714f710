"""Work that gives way: a transfer at full speed must not keep the server from answering.

A thread of its own has a priority of its own (Linux: setpriority(2) of its id; sched(7)). It has to be a new
one: an ordinary user may lower a thread's priority and never raise it again.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["gently"]

T = TypeVar("T")


def gently(work: Callable[[], T], niceness: int) -> T:
    """Give what the work returns, done in a thread of a lower priority.

    Parameters
    ----------
    work : callable
        What it raises is raised here.
    niceness : int
        How far it gives way: 0 not at all, 19 to everything else.
    """
    return _Thread(work, niceness).outcome() if niceness and sys.platform == "linux" else work()


class _Thread(threading.Thread, Generic[T]):
    def __init__(self, work: Callable[[], T], niceness: int) -> None:
        super().__init__(name="nodeapi-gentle", daemon=True)
        self._work = work
        self._niceness = niceness
        self._value: T
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do the work."""
        here = (os.PRIO_PROCESS, threading.get_native_id())
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.setpriority(*here, max(self._niceness, os.getpriority(*here)))
        with self:
            self._value = self._work()

    def __enter__(self) -> None:
        """Begin to watch: whatever the work raises belongs to who waits for it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._error = error
        return True

    def outcome(self) -> T:
        """Start, wait, and give what came of it."""
        self.start()
        self.join()
        if self._error is not None:
            raise self._error
        return self._value
