"""Where async meets blocking: a bounded set of daemon threads.

An executor would be shorter, and its threads are joined when the interpreter exits: one long read
then holds up the stop of the whole server. These threads are daemons, so a stop never waits for
them; whatever must survive a kill is written atomically anyway.

::

    run() ── queue ── thread: fn(*args) ── call_soon_threadsafe ── future ── run() returns or raises
      └ cancelled: the wait is abandoned, the work goes on, a failure of it is logged
    begin() ── the same with nobody who waits
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, ParamSpec, TypeVar

from jupyter_nodeapi.disk.outcome import Outcome
from jupyter_nodeapi.errors import Unavailable

__all__ = ["Threads"]

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class _Call(Generic[T]):
    """One call on its way through a thread and back."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None, work: Callable[[], T]) -> None:
        self.loop = loop
        self.work = work
        self.context = contextvars.copy_context()
        self.future: asyncio.Future[None] | None = loop.create_future() if loop is not None else None
        self.abandoned = False
        self.outcome: Outcome[T] | None = None

    def execute(self) -> None:
        """Do the work in the current thread and wake up who waits."""
        self.outcome = Outcome(lambda: self.context.run(self.work))
        if self.loop is None:
            self.abandon()
            return
        try:
            self.loop.call_soon_threadsafe(self.deliver)
        except RuntimeError:  # the loop was closed meanwhile: nobody is left to tell
            self.abandon()

    def deliver(self) -> None:
        """Wake up who waits; runs on the loop."""
        if self.abandoned:
            self.abandon()
        elif self.future is not None and not self.future.done():
            self.future.set_result(None)

    def abandon(self) -> None:
        """Nobody waits any longer: a failure, now or later, is logged instead of lost."""
        self.abandoned = True
        outcome, self.outcome = self.outcome, None
        if outcome is not None and outcome.error is not None:
            log.warning("Work that nobody waited for any longer has failed", exc_info=outcome.error)

    def take(self) -> T:
        """Give what the work returned, or raise what it raised."""
        # An error's traceback holds this frame: let both go at once.
        outcome, self.outcome = self.outcome, None
        assert outcome is not None
        if isinstance(outcome.error, StopIteration):  # could not leave a coroutine as itself
            raise RuntimeError("The work raised StopIteration") from outcome.error  # noqa: TRY004
        return outcome.take()


class Threads:
    """A bounded set of daemon threads for work that blocks.

    Parameters
    ----------
    size : int
        The most threads there are at once. They start when they are first needed.
    name : str
        How the threads are called in a debugger.
    """

    def __init__(self, size: int = 4, name: str = "nodeapi") -> None:
        self._size = size
        self._name = name
        self._queue: SimpleQueue[_Call[object] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = threading.Semaphore(0)
        self._count = itertools.count(1)
        self._started = 0
        self._closed = False

    async def run(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Give what ``fn(*args, **kwargs)`` returns, called in one of the threads.

        Cancelling this coroutine abandons the wait only: the work goes on, and a failure of it is logged.

        Parameters
        ----------
        fn : callable
            Plain, synchronous work. It runs in a copy of the caller's context.
        *args, **kwargs
            Its arguments.

        Raises
        ------
        Unavailable
            After :meth:`close`.
        """
        call = _Call(asyncio.get_running_loop(), lambda: fn(*args, **kwargs))
        self._submit(call)
        assert call.future is not None
        try:
            await call.future
        except asyncio.CancelledError:
            call.abandon()
            raise
        return call.take()

    def begin(self, fn: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call ``fn(*args, **kwargs)`` in one of the threads; nobody waits, and a failure of it is logged.

        Needs no loop, so that work can begin before there is one.

        Raises
        ------
        Unavailable
            After :meth:`close`.
        """
        self._submit(_Call(None, lambda: fn(*args, **kwargs)))

    def close(self) -> None:
        """Take no more work and let the threads end after what is queued; waits for nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for _ in range(self._started):
                self._queue.put(None)

    def _submit(self, call: _Call[T]) -> None:
        with self._lock:
            if self._closed:
                raise Unavailable("The server is stopping.", retry_after=5)
            if not self._idle.acquire(blocking=False) and self._started < self._size:
                self._started += 1
                name = f"{self._name}-{next(self._count)}"
                threading.Thread(
                    target=_serve, args=(self._queue, self._idle), name=name, daemon=True
                ).start()
            self._queue.put(call)  # type: ignore[arg-type] # a call of any result


def _serve(queue: SimpleQueue[_Call[object] | None], idle: threading.Semaphore) -> None:
    """Serve calls until told to end; holds no reference to the owner."""
    while (call := queue.get()) is not None:
        call.execute()
        del call  # an idle thread must not keep the last result alive
        idle.release()
