"""A bandwidth that all transfers into one folder share, first come, first served.

Each block books the time that it takes at the limit behind what is booked already; who booked waits until its
time is over. Blocks are small where the limit is low, so that nobody waits for long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

__all__ = ["Throttle", "largest_block", "shared"]

_TICK_SECONDS = 0.05
_BLOCKS_PER_SECOND = 8
_LEAST_BYTES = 4 << 10


class Throttle:
    """Books the time that bytes take.

    Parameters
    ----------
    clock, sleep : callable
        Seconds that only go forward; waits that many.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = 0.0

    def pace(self, count: int, rate: int, check: Callable[[], None]) -> None:
        """Wait as long as `count` bytes take at `rate` bytes per second, after all that was booked before.

        Parameters
        ----------
        count : int
            Bytes that have come.
        rate : int
            Bytes per second; 0 is no limit.
        check : callable
            Asked while waiting; raises when the work was stopped.
        """
        if not rate:
            return
        with self._lock:
            self._free_at = due = max(self._free_at, self._clock()) + count / rate
        while (wait := due - self._clock()) > 0:
            check()
            self._sleep(min(wait, _TICK_SECONDS))


_LIVE: WeakValueDictionary[str, Throttle] = WeakValueDictionary()
_LOCK = threading.Lock()


def shared(place: str) -> Throttle:
    """Give the throttle of this process for transfers into `place`; it lives as long as one of its users.

    Parameters
    ----------
    place : str
        A folder of models.
    """
    with _LOCK:
        return _LIVE.setdefault(place, Throttle())


def largest_block(rate: int, usual: int) -> int:
    """Give how many bytes to read at once: a slow line must still show progress, and share."""
    return min(usual, max(_LEAST_BYTES, rate // _BLOCKS_PER_SECOND)) if rate else usual
