"""Work beside us: a daemon thread of its own, whose outcome somebody asks for.

For work that lasts as long as its owner; short calls go through :mod:`jupyter_nodeapi.disk.blocking`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["Beside"]

T = TypeVar("T")


class Beside(threading.Thread, Generic[T]):
    """Work that has begun in another thread.

    Parameters
    ----------
    work : callable
        What it raises is raised by :meth:`outcome`.
    name : str
        How the thread is called in a debugger.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._value: T
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Do the work."""
        with self:
            self._value = self._work()

    def __enter__(self) -> None:
        """Begin to watch: whatever the work raises belongs to who asks for its outcome."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._error = error
        return True

    @property
    def failed(self) -> bool:
        """Whether the work has raised something."""
        return self._error is not None

    def outcome(self) -> T:
        """Wait for the end, and give what came of it."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._value
