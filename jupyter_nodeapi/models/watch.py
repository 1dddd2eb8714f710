"""Ends a read that nobody waits for any more, or that brings nothing.

A socket's own timeout only hears silence; a stopped job should end within milliseconds, and a slow drip
never. So one thread beside each job looks ten times a second and aborts the connection under the reader.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.failures import SourceUnavailable
from jupyter_nodeapi.models.transport import Client

__all__ = ["Watch"]


class Watch:
    """Watches over the reads of one job.

    Parameters
    ----------
    client : Client
        Its connections are aborted.
    stopped : callable
        Whether the job was told to stop.
    stall_seconds : float
        How long fewer than `stall_bytes` may come.
    stall_bytes : int
        The least that counts as going on.
    tick : float
        Seconds between two looks.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self,
        client: Client,
        stopped: Callable[[], bool],
        *,
        stall_seconds: float = 60,
        stall_bytes: int = 4096,
        tick: float = 0.05,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._stopped = stopped
        self._stall_seconds = stall_seconds
        self._stall_bytes = stall_bytes
        self._tick = tick
        self._clock = clock
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nodeapi-watch", daemon=True)
        self._reading = False
        self._came = 0
        self._since = clock()
        self.stalled = False

    def __enter__(self) -> Watch:  # noqa: PYI034 - no Self in Python 3.10
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._done.set()
        self._thread.join()

    def begin(self) -> None:
        """Say that a transfer starts: from now on it must go on."""
        self._came, self._since, self.stalled, self._reading = 0, self._clock(), False, True

    def end(self) -> None:
        """No transfer is under way."""
        self._reading = self.stalled = False

    def beat(self, count: int) -> None:
        """Tell that bytes have come, over any connection."""
        self._came += count
        if self._came >= self._stall_bytes:
            self._came, self._since = 0, self._clock()

    def check(self) -> None:
        """Raise ``Stopped`` when the job was told to stop."""
        if self._stopped():
            raise Stopped

    def verdict(self, error: SourceUnavailable) -> Exception:
        """Give what a broken read really was: a stop, a stall that we ended, or what it says."""
        if self._stopped():
            return Stopped()
        if self.stalled:
            return SourceUnavailable("The model's server went silent or was too slow.", code="stalled")
        return error

    def _run(self) -> None:
        while not self._done.wait(self._tick):
            if self._stopped():
                self._client.abort()  # again at each tick: a new connection may have been made
            elif self._reading and self._clock() - self._since > self._stall_seconds:
                self.stalled, self._reading = True, False
                self._client.abort()
