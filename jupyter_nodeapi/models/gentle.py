"""Work that gives way: a transfer at full speed must not keep the server from answering.

A thread of its own has a priority of its own (Linux: setpriority(2) of its id; sched(7)). It has to be a new
one: an ordinary user may lower a thread's priority and never raise it again. What it starts inherits it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from jupyter_nodeapi.disk.beside import Beside

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
    if not niceness or sys.platform != "linux":
        return work()

    def lowered() -> T:
        here = (os.PRIO_PROCESS, threading.get_native_id())
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.setpriority(*here, max(niceness, os.getpriority(*here)))
        return work()

    return Beside(lowered, "nodeapi-gentle").outcome()
