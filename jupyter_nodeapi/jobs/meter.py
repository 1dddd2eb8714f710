"""How fast bytes move, over the last five seconds: a number on a screen neither nervous nor old."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

__all__ = ["Meter"]

WINDOW_SECONDS: Final = 5.0
_STEP_SECONDS: Final = 0.1


class Meter:
    """The speed of one job.

    The first number of an attempt is where it began (bytes that were there already are no speed), and a
    number that goes back begins anew.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        """Forget everything: a new attempt begins."""
        self._samples = deque()

    def add(self, now: float, count: int) -> None:
        """Take down that `count` bytes are done at `now` (seconds)."""
        samples = self._samples
        if samples and count < samples[-1][1]:
            samples.clear()
        if len(samples) > 1 and now - samples[-2][0] < _STEP_SECONDS:
            samples.pop()
        samples.append((now, count))
        while len(samples) > 2 and samples[1][0] <= now - WINDOW_SECONDS:
            samples.popleft()

    def speed(self, now: float) -> int:
        """Give the bytes per second over the window that ends `now`."""
        samples = list(self._samples)
        recent = [sample for sample in samples if sample[0] > now - WINDOW_SECONDS]
        first = samples[-len(recent) - 1 :][0] if samples else (now, 0)
        if not recent or now <= first[0]:
            return 0
        return round((recent[-1][1] - first[1]) / max(now - first[0], _STEP_SECONDS))

    def eta(self, now: float, total: int | None) -> int | None:
        """Give the seconds that the rest takes at this speed, rounded up; None when nobody can know."""
        speed = self.speed(now)
        if total is None or not self._samples or speed <= 0:
            return None
        return math.ceil(max(total - self._samples[-1][1], 0) / speed)
