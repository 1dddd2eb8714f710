"""A bar for a person who waits: tqdm's where it is installed, else one line of text, else nothing.

A `progress` argument is True (a bar), False (none) or a function that is told ``(done, total)``, in bytes or
percent; ``total`` is None while it is not known.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

__all__ = ["Progress", "Tell", "shown"]

Tell = Callable[[int, int | None], None]
Progress = bool | Tell

_EVERY_SECONDS = 0.2


@contextmanager
def shown(progress: Progress, label: str, unit: str = "B") -> Iterator[Tell]:
    """Give a function to tell how far it is, and finish the bar at the end.

    Parameters
    ----------
    progress : bool or callable
        See above.
    label : str
        What it is about.
    unit : str
        ``B`` for bytes; anything else is written as it stands.
    """
    if callable(progress):
        yield progress
        return
    if not progress:
        yield _nothing
        return
    bar = _tqdm(label, unit)
    if bar is None:
        line = _Line(label, unit, sys.stderr)
        yield line.tell
        line.finish()
        return
    try:
        yield lambda done, total: _move(bar, done, total)
    finally:
        bar.close()


def _nothing(done: int, total: int | None) -> None:
    """Nobody looks."""


def _tqdm(label: str, unit: str) -> Any:
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415  (an extra, and slow to load)
    except ImportError:
        return None
    scale = unit == "B"
    return tqdm(desc=label, unit=unit, unit_scale=scale, unit_divisor=1024 if scale else 1000)


def _move(bar: Any, done: int, total: int | None) -> None:
    if total is not None and bar.total != total:
        bar.total = total
        bar.refresh()
    bar.update(done - bar.n)


class _Line:
    """One line that is written over and over."""

    def __init__(
        self, label: str, unit: str, out: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._label = label
        self._unit = unit
        self._out = out
        self._clock = clock
        self._begun = clock()
        self._told = -_EVERY_SECONDS

    def tell(self, done: int, total: int | None) -> None:
        now = self._clock() - self._begun
        if now - self._told < _EVERY_SECONDS and done != total:
            return
        self._told = now
        share = f"{done * 100 // total:3d} %  " if total else ""
        speed = f"  {_amount(int(done / now), self._unit)}/s" if self._unit == "B" and now > 0.5 else ""
        self._out.write(f"\r{self._label}  {share}{_amount(done, self._unit)}{speed}   ")
        self._out.flush()

    def finish(self) -> None:
        self._out.write("\n")


def _amount(number: int, unit: str) -> str:
    if unit != "B":
        return f"{number} {unit}"
    size, prefixes = float(number), ["", "k", "M", "G", "T"]
    while size >= 1000 and len(prefixes) > 1:
        size /= 1000
        prefixes.pop(0)
    return f"{size:.1f} {prefixes[0]}B" if prefixes[0] else f"{number} B"
