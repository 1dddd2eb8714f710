"""What the routes of jobs take and give.

``status``, ``progress`` and ``message`` are the documented reply; everything else is additive. Times are
seconds since the epoch.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from jupyter_nodeapi.jobs.meter import Meter
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.states import State, Status, status_of

__all__ = ["JobEvent", "JobStatus", "ListQuery", "event_of", "status_reply"]


class JobEvent(msgspec.Struct, kw_only=True):
    """One moment of a job, as events tell it: ids and numbers, no path."""

    status: Status
    progress: int
    message: str
    job_id: str
    kind: str
    model_id: str | None
    subject: str
    state: State
    stage: str | None
    code: str | None
    hint: str | None
    bytes: int
    total_bytes: int | None
    speed_bps: int
    eta_s: int | None
    attempt: int
    retry_at: float | None
    time: float


class JobStatus(JobEvent, kw_only=True):
    """Everything about a job, as the status route tells it."""

    files: list[dict[str, Any]]
    result: dict[str, Any] | None
    created_at: float
    started_at: float | None
    finished_at: float | None


class ListQuery(msgspec.Struct, kw_only=True):
    """Which jobs to list, newest first."""

    kind: str | None = None
    state: State | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1_000


def event_of(job: Job, meter: Meter, now: float) -> JobEvent:
    """Tell a job as an event."""
    return JobEvent(**_moment(job, meter, now))


def status_reply(job: Job, meter: Meter, now: float) -> JobStatus:
    """Tell a job as the documented status reply with all its additions."""
    return JobStatus(
        **_moment(job, meter, now),
        files=job.files,
        result=job.result,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _moment(job: Job, meter: Meter, now: float) -> dict[str, Any]:
    running = job.state == "running"
    return {
        "status": status_of(job.state),
        "progress": job.progress,
        "message": job.message,
        "job_id": job.job_id,
        "kind": job.kind,
        "model_id": job.subject if job.kind == "download" else None,
        "subject": job.subject,
        "state": job.state,
        "stage": job.stage,
        "code": job.code,
        "hint": job.hint,
        "bytes": job.bytes,
        "total_bytes": job.total_bytes,
        "speed_bps": meter.speed(now) if running else 0,
        "eta_s": meter.eta(now, job.total_bytes) if running else None,
        "attempt": job.attempt,
        "retry_at": job.retry_at,
        "time": now,
    }
