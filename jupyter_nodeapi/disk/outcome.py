"""What came of some work that one thread has done and another one asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Outcome"]

T = TypeVar("T")


class Outcome(Generic[T]):
    """Do some work, and keep what it gives or raises for whoever takes it.

    Parameters
    ----------
    work : callable
        Whatever it raises belongs to who asked for it, and never to the thread.

    Attributes
    ----------
    error : BaseException or None
        What it has raised.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self.error: BaseException | None = None
        self._value: T
        try:
            self._value = work()
        except BaseException as error:  # noqa: BLE001 - take() raises it
            self.error = error

    def take(self) -> T:
        """Give what the work gave, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self._value
