"""Numbers for Prometheus, read from the rooms when Jupyter's ``/metrics`` is asked and never before.

Names follow Prometheus' conventions (base units, ``jupyter_nodeapi_`` in front); labels have few values.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jupyter_nodeapi.jobs.record import Job

__all__ = ["Metrics"]


class Metrics(Collector):
    """Counts the jobs and the free disk.

    Parameters
    ----------
    jobs : callable
        Gives every job that is known.
    free : callable
        Gives the free bytes under the data folder.
    """

    def __init__(self, jobs: Callable[[], list[Job]], free: Callable[[], int]) -> None:
        self._jobs = jobs
        self._free = free

    def start(self) -> None:
        """Be asked from now on."""
        REGISTRY.register(self)

    def stop(self) -> None:
        """Be asked no longer; a server may be stopped before it has started."""
        with contextlib.suppress(KeyError):
            REGISTRY.unregister(self)

    def describe(self) -> list[Metric]:
        """Name nothing in advance: registering must not look at the disk."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the numbers as they are now."""
        jobs = GaugeMetricFamily("jupyter_nodeapi_jobs", "Live jobs", labels=["kind", "state"])
        for (kind, state), count in Counter((job.kind, job.state) for job in self._jobs()).items():
            jobs.add_metric([kind, state], count)
        yield jobs
        yield GaugeMetricFamily("jupyter_nodeapi_disk_free_bytes", "Free disk for data", value=self._free())
