"""The default engine: daemon threads of this server.

Never an executor: the interpreter joins those threads at exit, and one download then keeps a server from
stopping for as long as it lasts.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from traitlets import Int

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.jobs.engines import Engine, Report, Result, Spec, Stopped, find_work

__all__ = ["LocalEngine"]


class LocalEngine(Engine):
    """Runs each piece of work in a daemon thread here."""

    threads = Int(
        32, min=1, help="Threads at most, over all kinds of jobs; Jobs.concurrency bounds each kind."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._threads = Threads(size=self.threads, name="nodeapi-job")
        self._stops: set[threading.Event] = set()

    async def run(self, key: str, work: str, spec: Spec, report: Report) -> Result:
        """Run the work in a thread; see :meth:`Engine.run`."""
        stop = threading.Event()
        self._stops.add(stop)
        running = asyncio.ensure_future(self._threads.run(_run, work, spec, report, stop))
        running.add_done_callback(lambda _: self._stops.discard(stop))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.set()
            try:
                await asyncio.wait({running})
            finally:
                _forget(running)
            raise

    async def detach(self) -> None:
        """Tell all work to stop; daemon threads hold up nobody."""
        for stop in self._stops:
            stop.set()
        self._threads.close()


def _run(work: str, spec: Spec, report: Report, stop: threading.Event) -> Result:
    if stop.is_set():  # told so while it waited for a thread
        raise Stopped
    try:
        return find_work(work)(spec, report, stop.is_set)
    except SystemExit as error:  # as it is, it would end the server's loop
        raise RuntimeError("The work tried to end the process") from error


def _forget(running: asyncio.Future[Result]) -> None:
    """Nobody asks for this outcome any more."""
    if not running.done():
        running.cancel()
    elif not running.cancelled():
        running.exception()
