"""When a try that failed is repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how soon a failed try is repeated, with full jitter.

    The rule is that of AWS's "Exponential Backoff And Jitter".

    Parameters
    ----------
    tries : int
        Tries in a row that got no further before the job fails.
    first_seconds, longest_seconds : float
        Upper bound of the first pause, doubled each time, and of any.
    longest_asked_seconds : float
        The most that another server's ``Retry-After`` is obeyed.
    jitter : callable
        ``jitter(low, high)`` gives a number between the two.
    """

    tries: int
    longest_seconds: float
    jitter: Callable[[float, float], float]
    first_seconds: float = 1.0
    longest_asked_seconds: float = 900.0

    def seconds(self, tried: int, asked: float | None) -> float:
        """Give how long to wait after `tried` tries, of which the last was told to wait `asked` seconds."""
        bound = min(self.longest_seconds, self.first_seconds * 2 ** min(tried - 1, 30))
        return max(min(asked or 0.0, self.longest_asked_seconds), self.jitter(0.0, bound))
