"""FFmpeg's ``-progress`` lines become what a job reports: bytes written, and how many it will be."""

from __future__ import annotations

from jupyter_nodeapi.jobs.engines import Report

__all__ = ["Progress"]


class Progress:
    """Reads blocks of ``key=value`` lines as they come.

    Parameters
    ----------
    frames : int or None
        Samples that the result will have, None when that is not known.
    rate : int
        Samples a second.
    report : Report
        Told after each block.
    """

    def __init__(self, frames: int | None, rate: int, report: Report) -> None:
        self._seconds = frames / rate if frames else None
        self._report = report
        self._rest = b""
        self._written = 0
        self._total: int | None = None

    def feed(self, data: bytes) -> None:
        """Take a piece of FFmpeg's standard output.

        Parameters
        ----------
        data : bytes
            Cut anywhere.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            if key == b"total_size" and value.isdigit():
                self._written = int(value)
            elif key == b"out_time_us" and value.isdigit() and self._seconds and self._written:
                share = min(1.0, int(value) / 1e6 / self._seconds)
                if share > 0:
                    self._total = max(self._written, int(self._written / share))
            elif key == b"progress":
                self._report(self._written, self._total, stage="encoding")
