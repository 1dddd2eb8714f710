"""Who runs the work of a job: an engine; and the few words that work, engine and runner share.

Work is a plain function, importable by name::

    def work(spec: dict, report: Report, stopped: Callable[[], bool]) -> dict

It asks ``stopped()`` between blocks and then raises :class:`Stopped`, keeping its bytes on disk. A failure
that may pass is raised as ``Retry(error)``. Any other :class:`~jupyter_nodeapi.errors.NodeApiError` is final,
except that one which calls itself retryable is tried again and a full disk pauses the job.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, cast

from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.errors import NodeApiError, Unavailable

__all__ = ["Engine", "Report", "Result", "Retry", "Spec", "Stopped", "Work", "find_work", "unheard"]

Spec: TypeAlias = dict[str, Any]
Result: TypeAlias = dict[str, Any]


class Stopped(Exception):
    """Raised by work that was told to stop and did."""


class Retry(Exception):
    """Raised by work that failed in a way that may pass: a broken connection, a busy server.

    Parameters
    ----------
    error : NodeApiError, optional
        What people are told meanwhile, and at last if no try succeeds.
    after : float, optional
        Seconds that the other side asked us to wait.
    """

    def __init__(self, error: NodeApiError | None = None, *, after: float | None = None) -> None:
        super().__init__(error)
        self.error = error or Unavailable("The connection was lost.")
        self.after = after


class Report(Protocol):
    """How work says how far it is; cheap enough for every block, from any thread."""

    def __call__(
        self,
        bytes: int,  # noqa: A002
        total: int | None = None,
        message: str = "",
        *,
        stage: str | None = None,
        files: list[dict[str, Any]] | None = None,
    ) -> None:
        """Say how far the work is.

        Parameters
        ----------
        bytes : int
            Done so far, those of earlier attempts included.
        total : int, optional
            Expected in all, when known.
        message : str
            One sentence for people, without a path. Default: the stage and the per cent.
        stage : str, optional
            ``resolving``, ``downloading``, ``verifying``, ``installing`` or a word of the room.
        files : list of dict, optional
            The same for each file.
        """


Work: TypeAlias = Callable[[Spec, Report, Callable[[], bool]], Result]


class Engine(LoggingConfigurable):
    """Runs work somewhere. A further one is a subclass with these two methods."""

    async def run(self, key: str, work: str, spec: Spec, report: Report) -> Result:
        """Give what the work returns.

        Cancelling this coroutine tells the work to stop and ends when it has; a second cancel ends at once.
        Bytes on disk are kept either way.

        Parameters
        ----------
        key : str
            The job's id. An engine whose work outlives the server finds it again by this.
        work : str
            ``package.module:function``.
        spec : dict
            What the work is told.
        report : Report
            Where it says how far it is; may be called from any thread.
        """
        raise TypeError(f"{type(self).__name__} does not say how to run {work}")

    async def detach(self) -> None:
        """Stop local work without waiting, leave remote work to be found again by key: the server stops."""


def find_work(name: str) -> Work:
    """Give the function that ``package.module:function`` names."""
    module, _, function = name.partition(":")
    return cast("Work", getattr(importlib.import_module(module), function))


def unheard(
    bytes: int,  # noqa: A002
    total: int | None = None,
    message: str = "",
    *,
    stage: str | None = None,
    files: list[dict[str, Any]] | None = None,
) -> None:
    """Take a report of work that somebody waits for, and do nothing with it."""
