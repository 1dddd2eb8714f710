"""What the failure of work means for its job: the job boundary.

Nothing that work raises gets past this: what is not known becomes ``internal_error``, is logged once with its
traceback, and tells people nothing of the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from jupyter_nodeapi.disk.faults import from_os_error
from jupyter_nodeapi.errors import InsufficientStorage, NodeApiError, Unavailable
from jupyter_nodeapi.jobs.engines import Result, Retry, Stopped
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.states import Action, after

__all__ = ["Failure", "change", "judge", "sound"]


@dataclass(frozen=True, slots=True)
class Failure:
    """What to do with the job.

    Parameters
    ----------
    action : str
        ``fail``, ``back_off`` or ``hold``.
    error : NodeApiError
        What people are told.
    after : float, optional
        Seconds that the other side asked us to wait.
    unknown : bool
        Whether this is a fault of ours, for the log.
    """

    action: Action
    error: NodeApiError
    after: float | None = None
    unknown: bool = False


def judge(error: BaseException) -> Failure:
    """Say what the failure `error` of a piece of work means for its job."""
    if isinstance(error, Retry):
        return Failure("back_off", error.error, error.after)
    if isinstance(error, Stopped):
        return Failure("hold", Unavailable("The work was stopped.", hint="Resume it when you like."))
    if isinstance(error, (ConnectionError, TimeoutError)):
        return Failure("back_off", Unavailable("The connection was lost."))
    known = from_os_error(error) if isinstance(error, OSError) else error
    if not isinstance(known, NodeApiError) or known.code == NodeApiError.code:
        hint = "Look for this job_id in the server's log."
        return Failure("fail", NodeApiError("The work failed unexpectedly.", hint=hint), unknown=True)
    return _of_ours(known)


def sound(result: Any) -> Result:
    """Give what work returned, if it can be recorded and told; raises what is wrong with it otherwise."""
    if not isinstance(result, dict):
        raise TypeError(f"Work returns a dict, not {type(result).__name__}")
    msgspec.json.encode(result)
    return result


def _of_ours(error: NodeApiError) -> Failure:
    if isinstance(error, InsufficientStorage):  # a full disk is waited for; what a quota refuses is too much
        return Failure("hold" if error.code == InsufficientStorage.code else "fail", error)
    if error.retryable:
        return Failure("back_off", error, error.retry_after)
    return Failure("fail", error)


def change(
    job: Job, action: Action, message: str, error: NodeApiError | None, retry_at: float | None, *, now: float
) -> None:
    """Write into a job what an action makes of it; `retry_at` and `now` in seconds since the epoch."""
    job.state = after(job.state, action)
    job.stage = None
    job.message = message
    job.code = error.code if error else None
    job.hint = error.hint if error else None
    job.retry_at = retry_at
    job.finished_at = now if job.ended else None
