"""Fifteen seconds near the end of a long sound, HTTP included, against bare FFmpeg and pydub.

Claims: wav at least ten times faster than ``ffmpeg -c copy``; flac at most half of a bare two-stage FFmpeg,
the other formats at most 1.2 of it; p99 of a light GET during trims at most 10 ms above idle.

The peers are programs that start anew each time, as they do behind any server: ``-ss -i -c copy`` (its cuts
are not exact, and its flac is broken), two-stage seek and encode, output seek and encode (exact, and decodes
everything before the cut), pydub (holds the whole sound in memory). Settings of encoders are the same.
Run: ``python benchmarks/audio.py [--hours H] [--rounds N] [--formats wav ...] [--sources FOLDER]
[--python P]``, P an interpreter that has pydub, which needs fewer hours where memory is short; exits with 1
when a claim does not hold.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from _server import Claim, Sampler, judge, percentile, running_server, table
from _sounds import ENCODERS, arguments, ffmpeg, make
from live.plain_http import Client
from live.real_server import RealServer

CLIP = 15.25
FROM_END = 20.123
FLAC = 0.5
OTHERS = 1.2
SLACK_MS = 10
BESIDE_SECONDS = 4

PYDUB = """
import sys
from pydub import AudioSegment
path, out, start, end, form = sys.argv[1:]
AudioSegment.from_file(path)[float(start) * 1000 : float(end) * 1000].export(out, format=form)
"""


class Trimmer:
    """Cuts through the API, on one kept connection."""

    def __init__(self, client: Client) -> None:
        self._headers = {**client.headers, "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(client.host, client.port, timeout=600)
        self.last: dict = {}

    def trim(self, path: Path, start: float) -> None:
        """Make one cut."""
        order = {"filePath": f"/temp/bench/{path.name}", "start": start, "end": start + CLIP}
        body = json.dumps({**order, "sessionId": "bench"})
        self._connection.request("POST", "/api/audio/trim", body=body, headers=self._headers)
        reply = self._connection.getresponse()
        answer = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{path.name} answered {reply.status}: {answer[:300]!r}")
        self.last = json.loads(answer)


def has_pydub(python: str) -> bool:
    """Tell whether an interpreter has pydub."""
    return (
        subprocess.run([python, "-c", "import pydub"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    )


def peers(
    path: Path, start: float, out: Path, python: str | None
) -> dict[str, tuple[Callable[[], object], bool]]:
    """Give the others' ways by name, and whether each is worth more than one round."""
    name = path.suffix[1:]
    clip, target = ("-t", f"{CLIP}"), str(out / f"cut{path.suffix}")
    encode = (*clip, *ENCODERS[name], target)
    source = ("-i", str(path))
    found: dict[str, tuple[Callable[[], object], bool]] = {
        "copy": (partial(ffmpeg, "-ss", f"{start}", *source, *clip, "-c", "copy", target), True),
        "two-stage": (partial(ffmpeg, "-ss", f"{start - 1}", *source, "-ss", "1", *encode), True),
        "output seek": (partial(ffmpeg, *source, "-ss", f"{start}", *encode), False),
    }
    if python:
        form = {"m4a": "ipod"}.get(name, name)
        pydub = [python, "-c", PYDUB, str(path), target, str(start), str(start + CLIP), form]
        found["pydub"] = (partial(subprocess.run, pydub, check=True), False)
    return found


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Give the median of several rounds, after one that warms the caches."""
    return statistics.median([_ms(work) for _ in range(rounds + 1)][1:])


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def claim(name: str, ours: float, theirs: dict[str, float]) -> Claim:
    """Give what must hold for a format."""
    if name == "wav":
        return Claim("wav: ffmpeg -c copy over ours", theirs["copy"] / ours, least=10)
    most = FLAC if name == "flac" else OTHERS
    return Claim(f"{name}: ours over two-stage ffmpeg", ours / theirs["two-stage"], most=most)


def beside(server: RealServer, work: Callable[[], object]) -> float:
    """Give the p99 of a light GET, in ms, while some work is done over and over."""
    with Sampler(server) as sampler:
        until = time.perf_counter() + BESIDE_SECONDS
        while time.perf_counter() < until:
            work()
    return percentile(sampler.milliseconds, 0.99)


def main() -> int:
    """Measure every format, print, judge."""
    parser = arguments(__doc__, ENCODERS)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--python", default=sys.executable, help="that has pydub; default: this one")
    asked = parser.parse_args()
    python = asked.python if has_pydub(asked.python) else None
    start = asked.hours * 3600 - FROM_END
    columns = ["copy", "two-stage", "output seek", "pydub"]
    rows, claims = [], []
    with running_server() as server, tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as scratch:
        folder = server.data_dir / "temp" / "bench"
        folder.mkdir(parents=True)
        trimmer = Trimmer(server.client)
        idle = beside(server, partial(time.sleep, 0.1))
        for name, path in make(folder, asked).items():
            ours = median_ms(partial(trimmer.trim, path, start), asked.rounds)
            theirs = {
                peer: median_ms(work, asked.rounds) if often else _ms(work)
                for peer, (work, often) in peers(path, start, Path(scratch), python).items()
            }
            light = beside(server, partial(trimmer.trim, path, start))
            reply = trimmer.last
            kind = ", ".join([reply["method"], *(word for word in ("exact", "lossless") if reply[word])])
            cells = [f"{theirs[peer]:.0f}" if peer in theirs else "not installed" for peer in columns]
            rows.append([name, f"{ours:.1f}", kind, *cells, f"{light:.1f}"])
            claims.append(claim(name, ours, theirs))
            claims.append(Claim(f"{name}: light GET p99 over idle, ms", light - idle, most=SLACK_MS))
            path.unlink()
    print(
        f"{CLIP} s, {FROM_END} s before the end of {asked.hours:g} h; milliseconds, median of {asked.rounds}"
    )
    print(f"(output seek and pydub: once); light GET on the idle server: p99 {idle:.1f} ms\n")
    peer_columns = [f"{peer} ms" for peer in columns]
    table(["format", "ours, HTTP included", "which is", *peer_columns, "light GET p99 ms"], rows)
    return judge(claims)


if __name__ == "__main__":
    sys.exit(main())
