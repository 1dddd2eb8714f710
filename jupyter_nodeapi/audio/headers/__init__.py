"""Readers of containers' own headers: how many samples are presented, at what rate, in how many channels.

One module a format, each pure reading through ``os.pread``. A container's own word for its
duration is not what it presents (encoder delay, edit lists, pre-skip, lost tails): these count.
"""

from __future__ import annotations

import math

__all__ = ["whole_rate"]

_HIGHEST_RATE = 1 << 24


def whole_rate(told: float) -> int:
    """Give a sample rate as a whole number, 0 for what can be none.

    Parameters
    ----------
    told : float
        What a file says, which may be any number or none.
    """
    return int(told) if math.isfinite(told) and 0 < told <= _HIGHEST_RATE else 0
