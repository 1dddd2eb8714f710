"""What a server costs: CPU seconds and resident memory of a process and of all its children, from /proc."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Cost", "watched"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY_SECONDS = 0.02


class Cost:
    """CPU seconds spent, and MiB of memory grown at the peak."""

    cpu = 0.0
    growth = 0.0


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Cost]:
    """Measure what happens meanwhile; the result is meaningful afterwards."""
    cost, done = Cost(), threading.Event()
    before, cpu = _resident(pid), _cpu(pid)

    def watch() -> None:
        while not done.wait(_EVERY_SECONDS):
            cost.growth = max(cost.growth, _resident(pid) - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield cost
    finally:
        done.set()
        watcher.join()
        cost.cpu = _cpu(pid) - cpu


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _cpu(pid: int) -> float:
    ticks = 0
    for each in _family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()
            ticks += sum(map(int, fields[11:15]))  # user, system, and both of children that have ended
    return ticks / _TICKS


def _resident(pid: int) -> float:
    pages = 0
    for each in _family(pid):
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{each}/statm").read_text().split()[1])
    return pages * _PAGE / 2**20
