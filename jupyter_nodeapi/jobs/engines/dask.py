"""The same work on a Dask cluster.

``c.NodeApiApp.engine_class = "jupyter_nodeapi.jobs.engines.dask.DaskEngine"``, ``c.DaskEngine.address = "tcp://..."``

::

    this server                        scheduler                     worker
    submit(key = job id)  ───────────> task of that key ───────────> work(spec, report, stopped)
    subscribe_topic       <─────────── topic of that key <────────── report: log_event
    cancel: Event.set()   ───────────> event of that key ──────────> stopped: Event.is_set()

A server that stops leaves its tasks running; one that starts submits the same keys and so finds them again,
with their progress. Cancelling a Dask future does not stop what already runs (distributed issue 4694), hence
the event. Workers need this package and the same folders.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

from traitlets import Any as AnyTrait
from traitlets import Unicode

from jupyter_nodeapi.errors import Unavailable
from jupyter_nodeapi.jobs.engines import Engine, Report, Result, Retry, Spec, find_work

__all__ = ["DaskEngine"]

REPORT_SECONDS: Final = 0.2
ASK_SECONDS: Final = 0.1


class DaskEngine(Engine):
    """Runs each piece of work as a task of a Dask cluster."""

    address = Unicode(help="Address of the scheduler, such as tcp://scheduler:8786.").tag(config=True)
    client_factory = AnyTrait(
        help="Callable that gives an asynchronous distributed.Client, for dask-gateway and the like."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._client: asyncio.Future[Any] | None = None
        self._detached = False

    async def run(self, key: str, work: str, spec: Spec, report: Report) -> Result:
        """Run the work on a worker, or find the task of that key again; see :meth:`Engine.run`."""
        dask = _library()
        client = await self._connected()
        topic = _name(key)
        stop = dask.Event(topic, client=client)
        await stop.clear()  # an earlier server may have left it set
        client.subscribe_topic(topic, lambda event: _heard(event, report))
        future = client.submit(_remote, key, work, spec, key=topic, pure=False)
        dask.fire_and_forget(future)  # it outlives this server
        try:
            return dict(await future)
        except dask.client.FutureCancelledError as error:
            raise Retry(Unavailable("The cluster lost the job.")) from error
        except asyncio.CancelledError:
            if not self._detached:
                await stop.set()
                with contextlib.suppress(dask.client.FutureCancelledError):
                    await dask.wait([future])
            raise
        finally:
            client.unsubscribe_topic(topic)
            future.release()

    async def detach(self) -> None:
        """Leave the tasks running and the cluster alone."""
        self._detached = True
        if self._client is not None:
            await (await self._client).close()

    async def _connected(self) -> Any:
        """Give the one client; whoever comes first connects."""
        if self._client is None:
            self._client = asyncio.ensure_future(self._connect())
        try:
            return await asyncio.shield(self._client)
        except OSError as error:
            self._client = None
            raise Retry(Unavailable("The cluster does not answer.")) from error

    async def _connect(self) -> Any:
        if self.client_factory:
            return await self.client_factory()
        return await _library().Client(self.address, asynchronous=True)


def _library() -> Any:
    """Import distributed: only who uses it pays for it, and only they need to have it."""
    import distributed  # noqa: PLC0415

    return distributed


def _name(key: str) -> str:
    return f"nodeapi-{key}"


def _heard(event: tuple[float, dict[str, Any]], report: Report) -> None:
    """Pass on what a worker said."""
    said = dict(event[1])
    report(said.pop("bytes"), **said)


def _remote(key: str, work: str, spec: Spec) -> Result:
    """Do the work on a worker."""
    dask = _library()
    worker = dask.get_worker()
    ask = worker.scheduler.event_is_set  # what distributed.Event asks, without a client of its own
    stopped = _Asked(lambda: bool(dask.utils.sync(worker.loop, ask, name=_name(key))))
    telling = _Telling(lambda said: worker.log_event(_name(key), said))
    return find_work(work)(spec, telling, stopped)


class _Asked:
    """``stopped``, asking the scheduler only so often."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        self._ask = ask
        self._next = 0.0
        self._answer = False

    def __call__(self) -> bool:
        if not self._answer and time.monotonic() >= self._next:
            self._answer = self._ask()
            self._next = time.monotonic() + ASK_SECONDS
        return self._answer


class _Telling:
    """``report``, telling the scheduler only so often, a new stage at once."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._next = 0.0

    def __call__(
        self,
        bytes: int,  # noqa: A002
        total: int | None = None,
        message: str = "",
        *,
        stage: str | None = None,
        files: list[dict[str, Any]] | None = None,
    ) -> None:
        if stage is None and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + REPORT_SECONDS
        self._tell({"bytes": bytes, "total": total, "message": message, "stage": stage, "files": files})
