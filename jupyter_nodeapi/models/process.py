"""Who a process is, so that others can tell whether the one that wrote a note is certainly gone.

Certainty needs the same kernel and process namespace; elsewhere only silence tells.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

__all__ = ["certainly_gone", "identity"]


def identity() -> str:
    """Give ``<boot>:<pid namespace>:<pid>:<start time>`` of this process; empty where unknown."""
    started = _started(os.getpid())
    return f"{_place()}:{os.getpid()}:{started}" if _place() and started else ""


def certainly_gone(identity_: str) -> bool:
    """Say whether the process with this identity does not exist any more, as far as this one can know."""
    place, _, rest = identity_.rpartition(":")
    place, _, pid = place.rpartition(":")
    if not place or place != _place() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


@lru_cache(maxsize=1)
def _place() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116 - the namespace, not its name
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Give a process's start time in clock ticks, field 22 of proc(5) stat; empty when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] not in {"Z", "X"} else ""
