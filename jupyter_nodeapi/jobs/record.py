"""What is remembered of a job, and where.

::

    <data_dir>/jobs/<job_id>.json         may still change: queued, running, waiting_retry, paused
                    ended/<job_id>.json   over: completed, error, cancelled; its mtime is when that was

One JSON file a job, always exactly one, replaced atomically. The folder is only an index that makes a start
cheap: ten thousand jobs that are over cost it nothing. A job ends as ``replace the file, then rename it into
ended/``; a crash between the two leaves an ended job among the live ones, and the next start moves it.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.jobs.states import ENDED, State

__all__ = ["Job", "Records", "new_job", "seen_by"]

_JOB_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Job(msgspec.Struct, kw_only=True):
    """One piece of background work and how far it is.

    Parameters
    ----------
    job_id : str
        A UUID; the same over restarts, pauses and retries.
    kind : str
        Which registered work this is, such as ``download``.
    key : str
        What it works on; at most one live job has the same kind and key.
    spec : dict
        What the work is told. It holds no secret: it is written to disk.
    subject : str
        What people call the thing it is about; the model's id for downloads.
    owner : str
        Whose it is, on a server that several users share; the empty name is everybody's.
    state : str
        See :mod:`jupyter_nodeapi.jobs.states`.
    stage : str, optional
        The room's own word while running, such as ``verifying``.
    message : str
        One sentence for people, without a path of the server.
    code, hint : str, optional
        Of the error that ended, paused or delayed it.
    progress : int
        0 to 100, never going back.
    bytes, total_bytes : int
        Done and expected; None while nobody knows.
    files : list of dict
        What the work says about each file.
    attempt : int
        1, and one more for each try since the last one that got any further.
    retry_at : float, optional
        When the next try begins, in seconds since the epoch; only while waiting for it.
    result : dict, optional
        What the work returned.
    created_at, started_at, finished_at : float
        Seconds since the epoch.
    """

    job_id: str
    kind: str
    key: str
    spec: dict[str, Any] = {}
    subject: str = ""
    owner: str = ""
    state: State = "queued"
    stage: str | None = None
    message: str = ""
    code: str | None = None
    hint: str | None = None
    progress: int = 0
    bytes: int = 0
    total_bytes: int | None = None
    files: list[dict[str, Any]] = []
    attempt: int = 1
    retry_at: float | None = None
    result: dict[str, Any] | None = None
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None

    def seen_by(self, viewer: str) -> bool:
        """Say whether it exists for a user; see :func:`seen_by`."""
        return seen_by(self.owner, viewer)

    @property
    def ended(self) -> bool:
        """Whether nothing but a retry can change it any more."""
        return self.state in ENDED


def seen_by(owner: str, viewer: str) -> bool:
    """Say whether a user may know of what is `owner`'s.

    The empty viewer is the only user of a server of their own; what the empty owner has is everybody's.
    """
    return not viewer or owner in {"", viewer}


def new_job(
    kind: str, key: str, spec: dict[str, Any], subject: str, *, message: str, now: float, owner: str = ""
) -> Job:
    """Give a job that begins its life."""
    return Job(
        job_id=str(uuid.uuid4()),
        kind=kind,
        key=key,
        spec=spec,
        subject=subject,
        owner=owner,
        message=message,
        created_at=now,
    )


class Records:
    """The files of all jobs; plain and synchronous, for a thread.

    Parameters
    ----------
    folder : Path
        ``<data_dir>/jobs``; made when the first record is written.
    """

    def __init__(self, folder: Path) -> None:
        self._live = folder
        self._ended = folder / "ended"

    def save(self, job_id: str, data: bytes, ended_at: float | None, *, sync: atomic.Sync = "all") -> None:
        """Put the encoded job in its place, whole.

        Parameters
        ----------
        job_id : str
            Names the file.
        data : bytes
            The JSON of a :class:`Job`.
        ended_at : float, optional
            When it ended, in seconds since the epoch; None while it is live.
        sync : str
            What must be on the disk before this returns; see :func:`jupyter_nodeapi.disk.atomic.write`.
        """
        self._ended.mkdir(parents=True, exist_ok=True)
        live, ended = self._paths(job_id)
        with contextlib.suppress(FileNotFoundError):
            os.replace(ended, live)  # noqa: PTH105 - a retry: it is live again
        atomic.write(live, data, sync=sync)
        if ended_at is not None:
            os.utime(live, (ended_at, ended_at))
            os.replace(live, ended)  # noqa: PTH105

    def load(self, job_id: str) -> Job | None:
        """Give one job, or None when there is no record of it that can be read."""
        if not _JOB_ID.fullmatch(job_id):
            return None
        for path in self._paths(job_id):
            with contextlib.suppress(FileNotFoundError):
                return _decoded(path.read_bytes())
        return None

    def load_live(self) -> list[Job]:
        """Give the jobs that had not ended, oldest first; those that a crash left here are moved away."""
        jobs = []
        for job in self._jobs_in(self._live):
            if job.ended:
                live, ended = self._paths(job.job_id)
                with contextlib.suppress(OSError):  # a disk that cannot be written can still be read
                    os.replace(live, ended)  # noqa: PTH105
            else:
                jobs.append(job)
        return sorted(jobs, key=lambda job: job.created_at)

    def load_ended(self) -> list[Job]:
        """Give every job that is over; reads one file a job."""
        return list(self._jobs_in(self._ended))

    def sweep(self, before: float, *, dry_run: bool = False) -> list[str]:
        """Give the ids of what ended before that moment, in epoch seconds, and delete it unless dry."""
        swept = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._ended) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.name.endswith(".json") and entry.stat().st_mtime < before:
                        if not dry_run:
                            os.unlink(entry.path)  # noqa: PTH108
                        swept.append(entry.name.removesuffix(".json"))
        return swept

    def _paths(self, job_id: str) -> tuple[Path, Path]:
        name = f"{job_id}.json"
        return self._live / name, self._ended / name

    def _jobs_in(self, folder: Path) -> Iterator[Job]:
        for path in folder.glob("*.json"):
            with contextlib.suppress(OSError):  # gone meanwhile, or not ours to read: it hides no other
                job = _decoded(path.read_bytes()) if _JOB_ID.fullmatch(path.stem) else None
                if job is not None and job.job_id == path.stem:
                    yield job


def _decoded(data: bytes) -> Job | None:
    """Read a record; None when it is not one of ours, whatever wrote it."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):  # ValidationError is a DecodeError
        return msgspec.json.decode(data, type=Job)
    return None
