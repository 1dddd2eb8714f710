"""The waveform of three hours: how soon, for how much CPU and memory, and how quickly any window of it.

Claims: CPU at most 0.5 of audiowaveform's on wav, 1.2 on flac, 0.7 on mp3; a first picture within 1.5 s in
any format; any later window within 10 ms; at most 80 MiB above the idle server; p99 of a light GET meanwhile
at most 10 ms above idle.

CPU counts the first picture and the exact one together, FFmpeg's children included; everybody finds the file
in memory. Where audiowaveform is not installed, the figures that version 1.10.3 had on another machine with
two cores stand in for it (``-z 256 -b 8``, 3 h) and say so; what FFmpeg takes only to decode is measured
beside it.
Debian has no package of it; it builds from its sources with g++, cmake, boost, libsndfile, libmad, libid3tag
and libgd.
Run: ``python benchmarks/waveform.py [--hours H] [--formats wav ...] [--sources FOLDER]``;
exits with 1 when a claim does not hold.
"""

from __future__ import annotations

import http.client
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from _server import Claim, Sampler, cpu_seconds, judge, peak_memory, percentile, running_server, table
from _sounds import arguments, ffmpeg, make, read_through
from live.real_server import RealServer

FORMATS = ("wav", "flac", "mp3", "m4a", "ogg", "opus")
LIMITS = {"wav": 0.5, "flac": 1.2, "mp3": 0.7}
ELSEWHERE = {"wav": 3.8, "flac": 14.0, "mp3": 35.7}  # CPU seconds of audiowaveform 1.10.3 for 3 h
BINS = 2000
WINDOWS = 500
SLACK_MS = 10


class Picture(NamedTuple):
    """What the waveform of one file took."""

    first: float
    exact: float
    cpu: float
    peak: float
    windows: list[float]
    beside: list[float]


class Painter:
    """Asks one server for pictures."""

    def __init__(self, server: RealServer, hours: float) -> None:
        self._server = server
        self._seconds = hours * 3600
        self._headers = server.client.headers
        self._connection = http.client.HTTPConnection(server.client.host, server.client.port, timeout=600)

    def paint(self, path: Path) -> Picture:
        """Ask for a file's picture, wait for the exact one, zoom about in it, and make it once more."""
        name = f"/temp/bench/{path.name}"
        with peak_memory(self._server.pid) as memory:
            used, begun = cpu_seconds(self._server.pid), time.perf_counter()
            self._ask(name)
            first = time.perf_counter() - begun
            self._until_exact()
            exact, cpu = time.perf_counter() - begun, cpu_seconds(self._server.pid) - used
        if self._ask(name)["quality"] != "exact":
            raise SystemExit(f"{path.name}: no exact picture")
        windows = [self._window(name) for _ in range(WINDOWS)]
        for kept in (self._server.data_dir / "temp" / ".nodeapi-audio").glob("*.peaks"):
            kept.unlink()
        with Sampler(self._server) as sampler:
            self._ask(name)
            self._until_exact()
        return Picture(first, exact, cpu, memory["peak"], windows, sampler.milliseconds)

    def _window(self, name: str) -> float:
        length = self._seconds * 10 ** random.uniform(-3, 0)
        start = random.uniform(0, self._seconds - length)
        begun = time.perf_counter()
        self._ask(name, f"&start={start:.3f}&end={start + length:.3f}")
        return (time.perf_counter() - begun) * 1000

    def _ask(self, name: str, window: str = "") -> dict:
        return self._get(f"/api/audio/peaks?filePath={name}&bins={BINS}{window}")

    def _until_exact(self) -> None:
        while any(job["status"] == "running" for job in self._get("/api/downloads?kind=peaks")):
            time.sleep(0.1)

    def _get(self, path: str):
        self._connection.request("GET", path, headers=self._headers)
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise SystemExit(f"GET {path} answered {reply.status}: {body[:300]!r}")
        return json.loads(body)


def cpu_of(work: Callable[[], object]) -> float:
    """Give the CPU seconds of the programs that some work starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def audiowaveform(path: Path, hours: float) -> float | None:
    """Give its CPU seconds, measured or remembered; None for what it cannot read."""
    if path.suffix[1:] not in ELSEWHERE:
        return None
    if program := shutil.which("audiowaveform"):
        with tempfile.TemporaryDirectory() as folder:
            command = [program, "-q", "-i", str(path), "-o", f"{folder}/x.dat", "-z", "256", "-b", "8"]
            return cpu_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    return ELSEWHERE[path.suffix[1:]] * hours / 3


def row(name: str, picture: Picture, idle_mib: float, decode: float, theirs: float | None) -> list[str]:
    """Give a line of the table."""
    windows = picture.windows
    return [
        name,
        f"{picture.first:.2f}",
        f"{picture.exact:.1f}",
        f"{picture.cpu:.2f}",
        "cannot read it" if theirs is None else f"{theirs:.2f}",
        f"{decode:.2f}",
        f"{percentile(windows, 0.5):.1f} / {percentile(windows, 0.99):.1f} / {max(windows):.1f}",
        f"{picture.peak - idle_mib:.0f}",
        f"{percentile(picture.beside, 0.99):.1f}",
    ]


def claims_of(
    name: str, picture: Picture, idle_mib: float, idle_ms: float, theirs: float | None
) -> list[Claim]:
    """Give what must hold for one format."""
    whose = "audiowaveform's" if shutil.which("audiowaveform") else "audiowaveform's elsewhere"
    beside = percentile(picture.beside, 0.99) - idle_ms
    claims = [
        Claim(f"{name}: first picture, s", picture.first, most=1.5),
        Claim(f"{name}: any window, p99 ms", percentile(picture.windows, 0.99), most=10),
        Claim(f"{name}: MiB above idle", picture.peak - idle_mib, most=80),
        Claim(f"{name}: light GET p99 over idle, ms", beside, most=SLACK_MS),
    ]
    if theirs is not None:
        claims.append(Claim(f"{name}: CPU over {whose}", picture.cpu / theirs, most=LIMITS[name]))
    return claims


def main() -> int:
    """Measure every format, print, judge."""
    asked = arguments(__doc__, FORMATS).parse_args()
    hours = asked.hours
    rows, claims = [], []
    with running_server() as server:
        folder = server.data_dir / "temp" / "bench"
        folder.mkdir(parents=True)
        paths = make(folder, asked)
        painter = Painter(server, hours)
        with peak_memory(server.pid) as memory, Sampler(server) as sampler:
            time.sleep(4)
        idle_mib, idle_ms = memory["before"], percentile(sampler.milliseconds, 0.99)
        for name, path in paths.items():
            read_through(path)
            picture = painter.paint(path)
            decode = cpu_of(lambda path=path: ffmpeg("-i", str(path), "-f", "null", "-"))
            theirs = audiowaveform(path, hours)
            rows.append(row(name, picture, idle_mib, decode, theirs))
            claims += claims_of(name, picture, idle_mib, idle_ms, theirs)
    print(f"{hours:g} h, stereo; light GET on the idle server: p99 {idle_ms:.1f} ms\n")
    peer = "audiowaveform CPU s" + ("" if shutil.which("audiowaveform") else ", elsewhere")
    table(
        [
            "format",
            "first picture s",
            "exact one s",
            "CPU s",
            peer,
            "ffmpeg decoding only, CPU s",
            "window ms, median / p99 / largest",
            "MiB above idle",
            "light GET p99 ms",
        ],
        rows,
    )
    return judge(claims)


if __name__ == "__main__":
    sys.exit(main())
