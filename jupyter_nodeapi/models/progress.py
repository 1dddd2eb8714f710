"""The progress of one installation: bytes of all files together, and of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_nodeapi.jobs.engines import Report
from jupyter_nodeapi.models.schemas import PlannedFile

__all__ = ["Progress"]


class Progress:
    """Adds up what the files say and reports it.

    Parameters
    ----------
    report : Report
        The job's.
    files : sequence of PlannedFile
        In the order in which they come.
    """

    def __init__(self, report: Report, files: Sequence[PlannedFile]) -> None:
        self._report = report
        self._rows: list[dict[str, Any]] = [
            {"path": file.path, "bytes": 0, "total_bytes": file.size, "state": "queued"} for file in files
        ]
        known = [file.size for file in files if file.size is not None]
        self.total = sum(known) if len(known) == len(files) else None
        self._done = 0
        self._row: dict[str, Any] = {}
        self._next = 0

    @property
    def done(self) -> int:
        """The bytes of all files that are here."""
        return self._done + (self._row.get("bytes", 0) if self._row.get("state") == "downloading" else 0)

    def begin(self, file: PlannedFile) -> None:
        """Take up the next file."""
        self._row = self._rows[self._next]
        self._next += 1
        self._row["state"] = "downloading"
        self.stage("downloading")

    def moved(self, position: int) -> None:
        """Say that the current file is here up to `position`."""
        self._row["bytes"] = position
        self._tell(position)

    def end(self, size: int) -> None:
        """Say that the current file is whole and verified."""
        self._row.update(bytes=size, total_bytes=size, state="completed")
        self._done += size
        self._tell(0)

    def stage(self, stage: str) -> None:
        """Say that the whole enters another stage."""
        self._report(self._done, self.total, stage=stage, files=self._rows)

    def _tell(self, position: int) -> None:
        self._report(self._done + position, self.total, files=self._rows)
