"""Uploads side by side: ours, what else people run, and a bare loop as the limit.

One run, one disk, one sender. Every file is read back and its SHA-256 compared. A row holds the best of the
rounds with one and with three connections. "tail" is the time from the last byte sent to the last answer; a
light GET is timed in a round of its own, while three connections upload. Servers that take a file in one
stream only get three files at once. Ours has fsynced the file when it says "completed", so the peers that we
wrote do the same, and for the others the sender fsyncs their files within the time that is measured. A file
that is durable is what is compared; ``--no-fsync`` leaves it out for all but ours.

Claims: with one and with three connections at least 1.3 times aiohttp's MB/s with the same form, and MB a
CPU second (the row beside it has aiohttp without a form, for what the form costs); twice
FastAPI's, Gradio's and @tus/server's; twelve times the contents API's; 0.45 of the bare loop's; it grows
by at most 16 MiB, with four connections too; a light GET's p99 is at most 1.5 times aiohttp's; the tail is
at most 30 ms.
Run: ``python benchmarks/uploads.py [MiB]``, peers as ``requirements.txt`` says; exits with 1 when a claim
about peers that are there does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

from _process import watched
from _server import MIB, Sampler, percentile, table
from _traffic import send
from live.plain_http import Client
from peers import PEERS, Peer, Run, Stored, Tools
from peers.base import default_tools, started

OURS = "jupyter_nodeapi, form"
TIMES = {"aiohttp, form": 1.3, "FastAPI": 2, "Gradio": 2, "@tus/server": 2, "Jupyter contents API": 12}
TIMES["bare recv + pwrite"] = 0.45


@dataclass(frozen=True)
class Row:
    """What was measured of one server with one number of connections."""

    speed: float  # MB/s
    cpu: float  # seconds a GiB
    growth: float  # MiB
    tail: float  # ms
    light: float = 0.0  # ms, p99


class Source:
    """The bytes that are sent: random, in memory, and as a descriptor for sendfile."""

    def __init__(self, path: Path, size: int) -> None:
        with path.open("wb") as file:
            for _ in range(0, size, MIB):
                file.write(os.urandom(MIB))
            file.truncate(size)
        self.fd = os.open(path, os.O_RDONLY)
        self._known: dict[tuple[int, int], bytes] = {}

    def check(self, stored: Stored) -> None:
        """Make sure that a file holds what was sent, then remove it."""
        place = (stored.offset, stored.length)
        if place not in self._known:
            self._known[place] = _sha256(self.fd, *place)
        fd = os.open(stored.path, os.O_RDONLY)
        found = _sha256(fd, 0, os.fstat(fd).st_size)
        os.close(fd)
        if found != self._known[place]:
            raise SystemExit(f"{stored.path} does not hold what was sent")
        stored.path.unlink()


def _sha256(fd: int, offset: int, length: int) -> bytes:
    digest = hashlib.sha256()
    while length and (block := os.pread(fd, min(MIB, length), offset)):
        digest.update(block)
        offset, length = offset + len(block), length - len(block)
    return digest.digest()


def upload(peer: Peer, source: Source, run: Run) -> Row:
    """Upload once, check what lies on disk, and say what it took."""
    os.sync()  # what others have left to write is not this one's burden
    settle = (
        None if peer.durable or peer.flushes or not peer.tools.fsync else lambda: _fsync(peer.stored(run))
    )
    with watched(peer.pid) as cost:
        lanes = [peer.lane(run, lane) for lane in range(run.lanes)]
        sent = send(peer.port, source.fd, lanes, peer.finish(run), settle)
    for stored in peer.stored(run):
        source.check(stored)
    gibibytes = run.size / 2**30
    return Row(run.size / 1e6 / sent.seconds, cost.cpu / gibibytes, cost.growth, sent.tail * 1000)


def _fsync(files: Sequence[Stored]) -> None:
    for stored in files:
        fd = os.open(stored.path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)


def light_get(peer: Peer, source: Source, run: Run) -> float:
    """Give the p99 of a light GET while everything uploads, in milliseconds."""
    client = Client(f"http://127.0.0.1:{peer.port}", peer.headers)
    with Sampler(SimpleNamespace(client=client), peer.light) as sampler:
        upload(peer, source, run)
    return percentile(sampler.milliseconds, 0.99)


def measure(peer: Peer, source: Source, asked: argparse.Namespace) -> dict[int, Row]:
    """Give the best round of each number of connections, and the light GET's p99."""
    rows: dict[int, Row] = {}
    size, chunk = asked.size * MIB, asked.chunk * MIB
    with started(peer):
        upload(peer, source, Run("warm.bin", min(size, 4 * chunk), chunk, 1))
        for number in range(asked.rounds):
            for lanes in asked.parallel:
                row = upload(peer, source, Run(f"r{number}x{lanes}.bin", size, chunk, lanes))
                rows[lanes] = _better(rows.get(lanes, row), row)
        most = max(asked.parallel)
        light = light_get(peer, source, Run("light.bin", size, chunk, most))
        four = upload(peer, source, Run("four.bin", size, chunk, 4)).growth
    return {lanes: replace(row, light=light, growth=max(row.growth, four)) for lanes, row in rows.items()}


def _better(one: Row, two: Row) -> Row:
    return Row(
        max(one.speed, two.speed),
        min(one.cpu, two.cpu),
        max(one.growth, two.growth),
        min(one.tail, two.tail),
    )


def told(measured: dict[str, dict[int, Row] | str], asked: argparse.Namespace) -> Iterator[list[str]]:
    """Give the table's rows; each ratio is ours by theirs."""
    ours = measured.get(OURS)
    for name, rows in measured.items():
        if isinstance(rows, str):
            yield [name, rows, *[""] * 7]
            continue
        each = [rows[lanes] for lanes in asked.parallel]
        ratios = "-"
        if isinstance(ours, dict):
            ratios = " / ".join(f"{ours[lanes].speed / rows[lanes].speed:.2f}" for lanes in asked.parallel)
        kind = next(peer for peer in PEERS if peer.name == name)
        by_sender = "by the sender" if asked.fsync else "no"
        durable = "yes" if kind.durable or (asked.fsync and kind.flushes) else by_sender
        yield [
            name,
            " / ".join(f"{row.speed:.0f}" for row in each),
            ratios,
            " / ".join(f"{row.cpu:.2f}" for row in each),
            " / ".join(f"{1024 * 1.048576 / row.cpu:.0f}" if row.cpu else "-" for row in each),
            f"{max(row.growth for row in each):.0f}",
            f"{each[0].light:.1f}",
            " / ".join(f"{row.tail:.0f}" for row in each),
            durable,
        ]


def failures(measured: dict[str, dict[int, Row] | str]) -> Iterator[str]:
    """Give the claims that do not hold, among those that could be tried."""
    ours = measured.get(OURS)
    if not isinstance(ours, dict):
        return
    for lanes, row in ours.items():
        if row.growth > 16:
            yield f"x{lanes}: it grew by {row.growth:.0f} MiB"
        if row.tail > 30:
            yield f"x{lanes}: the tail is {row.tail:.0f} ms"
        for name, times in TIMES.items():
            rows = measured.get(name)
            if isinstance(rows, dict):
                yield from _slower(f"x{lanes}: {name}", row, rows[lanes], times)


def _slower(what: str, ours: Row, theirs: Row, times: float) -> Iterator[str]:
    if ours.speed < times * theirs.speed:
        yield f"{what}: {ours.speed / theirs.speed:.2f} of its MB/s, not {times}"
    if "aiohttp" in what and theirs.cpu < times * ours.cpu:
        yield f"{what}: {theirs.cpu / ours.cpu:.2f} of its MB a CPU second, not {times}"
    if "aiohttp" in what and ours.light > 1.5 * theirs.light:
        yield f"{what}: a light GET's p99 is {ours.light / theirs.light:.2f} of its, not 1.5"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Uploads side by side.")
    parser.add_argument("mebibytes", nargs="?", type=int, help="as --size")
    parser.add_argument("--size", type=int, default=1024, help="MiB of the file")
    parser.add_argument("--chunk", type=int, default=8, help="MiB of a chunk")
    parser.add_argument("--parallel", type=int, nargs="+", default=[1, 3], help="numbers of connections")
    parser.add_argument("--rounds", type=int, default=2, help="of each, the best counts")
    parser.add_argument("--only", nargs="+", default=[], help="parts of the names of those to measure")
    parser.add_argument("--no-fsync", dest="fsync", action="store_false", help="fsync the files of ours only")
    parser.add_argument("--folder", help="where everything is stored; default: the temporary folder")
    parser.add_argument("--python", help="that has the peers; default: the cache's, else this one")
    parser.add_argument("--modules", type=Path, help="a folder node_modules; default: the cache's")
    parser.add_argument("--nginx", help="its program; default: what is on the path")
    asked = parser.parse_args(given)
    asked.size = asked.mebibytes or asked.size
    return asked


def tools(asked: argparse.Namespace) -> Tools:
    """Find the peers' tools."""
    found = default_tools(fsync=asked.fsync)
    said = {name: getattr(asked, name) for name in ("python", "modules", "nginx") if getattr(asked, name)}
    return replace(found, **said)


def main(asked: argparse.Namespace) -> int:
    """Measure, print and judge."""
    measured: dict[str, dict[int, Row] | str] = {}
    found = tools(asked)
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(_folder(asked.folder))
        memory = stack.enter_context(_folder("/dev/shm" if Path("/dev/shm").is_dir() else None))
        source = Source(memory / "source", asked.size * MIB)
        (home / "source").symlink_to(memory / "source")
        for number, kind in enumerate(PEERS):
            if asked.only and not any(part in kind.name for part in asked.only):
                continue
            peer = kind(found, home / str(number))
            absent = peer.absent()
            measured[kind.name] = absent or measure(peer, source, asked)
            print(f"measured: {kind.name}: {measured[kind.name]}", file=sys.stderr)
    report(measured, asked)
    missed = list(failures(measured))
    print("\n" + "\n".join(f"- {line}" for line in missed or ["every claim that could be tried holds"]))
    return int(bool(missed))


@contextlib.contextmanager
def _folder(parent: str | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nodeapi-bench-", dir=parent) as folder:
        yield Path(folder)


def report(measured: dict[str, dict[int, Row] | str], asked: argparse.Namespace) -> None:
    """Print the table."""
    each = " / ".join(f"x{lanes}" for lanes in asked.parallel)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{asked.size} MiB in chunks of {asked.chunk} MiB, {each} connections, best of {asked.rounds} rounds;"
    )
    print(f"{os.cpu_count()} cores; load average at the end {load}\n")
    header = ["server", "MB/s", "ours by it", "CPU s/GiB", "MB/CPU s", "memory + MiB"]
    table([*header, "light GET p99 ms", "tail ms", "fsync"], list(told(measured, asked)))


if __name__ == "__main__":
    raise SystemExit(main(arguments()))
