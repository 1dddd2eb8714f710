"""What the benchmarks share: a real server, a sampler in a process of its own, and tables.

Figures of one machine mean little; a table therefore holds everything measured in one run, and a claim is a
ratio between its rows.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live.models import write_registry
from live.plain_http import Client
from live.real_server import RealServer
from typing_extensions import Self

__all__ = [
    "MIB",
    "Claim",
    "Sampler",
    "cpu_seconds",
    "judge",
    "peak_memory",
    "percentile",
    "running_server",
    "send_chunks",
    "table",
]

MIB = 2**20
SPAWN = multiprocessing.get_context("spawn")


@contextlib.contextmanager
def running_server(
    *models: dict[str, Any],
    config: dict[str, Any] | None = None,
    env: dict[str, str] | None = None,
    prepare: Callable[[RealServer], object] = lambda _: None,
) -> Iterator[RealServer]:
    """Give a server with a home of its own, removed afterwards; `prepare` fills it before the start."""
    with tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as home:
        server = RealServer(Path(home), config, env, caged=False)
        write_registry(server.home, *models)
        prepare(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class _Signals(NamedTuple):
    """What the sampler's process and this one say to each other."""

    ready: ProcessEvent
    stop: ProcessEvent
    results: Connection


class Sampler:
    """Times a light GET on one kept connection, every few milliseconds, outside this process's own lock.

    Parameters
    ----------
    server : RealServer
        Whom to ask.
    path : str
        What to ask for.
    every : float
        Seconds between the starts of two requests.
    """

    def __init__(self, server: RealServer, path: str = "/api/downloads", every: float = 0.005) -> None:
        self._results, given = SPAWN.Pipe(duplex=False)
        self._signals = _Signals(SPAWN.Event(), SPAWN.Event(), given)
        arguments = (server.client, path, every, self._signals)
        self._process = SPAWN.Process(target=_sample, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._signals.results.close()  # theirs alone, so that their death ends our waiting
        self._signals.ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._signals.stop.set()
        self.milliseconds: list[float] = self._results.recv()
        self._process.join(30)


def _sample(client: Client, path: str, every: float, signals: _Signals) -> None:
    connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
    taken: list[float] = []
    for _ in range(20):  # the first requests open the connection and warm every cache
        _ask(connection, path, client.headers)
    signals.ready.set()
    due = time.perf_counter()
    while not signals.stop.is_set():
        taken.append(_ask(connection, path, client.headers) * 1000)
        due = max(due + every, time.perf_counter())
        time.sleep(max(0.0, due - time.perf_counter()))
    signals.results.send(taken)


def _ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    reply = connection.getresponse()
    reply.read()
    if reply.status != 200:
        raise SystemExit(f"GET {path} answered {reply.status}")
    return time.perf_counter() - begun


@contextlib.contextmanager
def peak_memory(pid: int) -> Iterator[dict[str, float]]:
    """Watch a process; afterwards ``growth`` is its largest resident size above the first, in MiB."""
    figures = {"before": _resident(pid), "peak": 0.0, "growth": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            figures["peak"] = max(figures["peak"], _resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield figures
    finally:
        done.set()
        watcher.join()
        figures["growth"] = max(0.0, figures["peak"] - figures["before"])


def cpu_seconds(pid: int) -> float:
    """Give the CPU seconds that a process and the children it has waited for have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / MIB


def send_chunks(client: Client, size: int, chunk: int, name: str = "big.bin", lanes: int = 3) -> float:
    """Upload `size` bytes as a widget does, several chunks at once, and return the seconds it took."""
    total = -(-size // chunk)
    block = bytes(range(256)) * (chunk // 256)
    failures: list[str] = []

    def lane(first: int) -> None:
        for index in range(first, total, lanes):
            last = size - index * chunk if index == total - 1 else chunk
            reply = client.chunk(index, total, block[:last], filename=name)
            if reply.status != 200:
                failures.append(f"chunk {index}: {reply.status} {reply.body[:200]!r}")
                return

    threads = [threading.Thread(target=lane, args=(first,)) for first in range(lanes)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit("\n".join(failures))
    return time.perf_counter() - begun


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of all values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def describe(values: Sequence[float]) -> list[str]:
    """Return the cells of one row: count, median, p99 and maximum."""
    return [
        str(len(values)),
        f"{statistics.median(values):.1f}",
        f"{percentile(values, 0.99):.1f}",
        f"{max(values):.1f}",
    ]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a markdown table."""
    for cells in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(cells) + " |")


class Claim(NamedTuple):
    """A figure that must stay on one side of a limit; no figure where its peer is absent."""

    what: str
    measured: float | None
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it does; what could not be measured is not held against us."""
        if self.measured is None:
            return True
        over = self.least is not None and self.measured < self.least
        return not over and (self.most is None or self.measured <= self.most)


def judge(claims: Sequence[Claim]) -> int:
    """Print what was claimed beside what was measured; 1 when one does not hold."""
    rows = []
    for claim in claims:
        limit = f">= {claim.least:g}" if claim.least is not None else f"<= {claim.most:g}"
        measured = "peer absent" if claim.measured is None else f"{claim.measured:.2f}"
        verdict = "-" if claim.measured is None else "yes" if claim.holds else "NO"
        rows.append([claim.what, limit, measured, verdict])
    print()
    table(["claim", "limit", "measured", "holds"], rows)
    return int(not all(claim.holds for claim in claims))
