"""A verified download against what else people use, from one test Hub on this machine.

Claims: verified MB/s at least twice hf_hub_download's (which verifies nothing) for at most 0.6 of its CPU,
and at least twice curl followed by sha256sum; twenty files at once no slower in sum than one; p99 of a light
GET beside it at most half of what it is beside hf_hub_download in the same process.

Ours is the whole job: from POST to the installed model, its digest checked and its bytes on the disk
(fsync), which none of the others does. ``hf_hub_download`` and ``requests`` run in a thread of the same
server, so that only their transfer counts; aria2c and curl start in no time.

Run: ``python benchmarks/downloads.py [--size MiB] [--rounds N]``; exits with 1 when a claim does not hold.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from _hub import COUNT, ONE, OWNER, WARM, Place, entries, many, running_hub
from _server import (
    MIB,
    Claim,
    Sampler,
    cpu_seconds,
    describe,
    judge,
    percentile,
    running_server,
    table,
)
from live.real_server import RealServer

OURS, HF, CURL = "jupyter_nodeapi, verified", "hf_hub_download, unverified", "curl, then sha256sum"
WITHIN = 0.05  # what two rounds of the same differ by on a quiet machine


class Cost(NamedTuple):
    """What one transfer took."""

    seconds: float
    cpu: float


class Bench:
    """The ways to bring a file here, each giving its cost."""

    def __init__(self, server: RealServer, place: Place, folder: Path) -> None:
        self._server = server
        self._client = server.client
        self._client.seconds = 1800
        self._place = place
        self._folder = folder

    def contenders(self) -> dict[str, Callable[[], Cost]]:
        """Give everybody who can be had, by name."""
        place, sha256 = self._place, self._place.sha256
        found: dict[str, Callable[[], Cost]] = {
            OURS: partial(self.install, ONE),
            HF: partial(self.in_server, "hf", f"{OWNER}/{ONE}"),
            "requests + hashlib": partial(self.in_server, "requests", place.url, sha256),
        }
        if shutil.which("curl"):
            check = f'curl -sSL -o "$0/x" {place.url} && echo "{sha256}  $0/x" | sha256sum -c --quiet'
            found[CURL] = partial(self.command, ["sh", "-c", check])
        if shutil.which("aria2c"):
            options = ["-q", "-x4", "--file-allocation=none", f"--checksum=sha-256={sha256}"]
            found["aria2c -x4 with checksum"] = partial(self.command, ["aria2c", *options, place.url, "-d"])
        return found

    def install(self, *names: str) -> Cost:
        """Install models by jobs, all asked for at once, then uninstall them."""
        before = cpu_seconds(self._server.pid)
        ids = [self._client.post(f"/api/models/download/{name}").json["job_id"] for name in names]
        jobs = [self._ended(job_id) for job_id in ids]
        cost = Cost(
            max(job["finished_at"] for job in jobs) - min(job["created_at"] for job in jobs),
            cpu_seconds(self._server.pid) - before,
        )
        for name in names:
            self._client.delete(f"/api/models/download/{name}")
        return cost

    def _ended(self, job_id: str) -> dict:
        while True:
            job = self._client.get(f"/api/downloads/status/{job_id}").json
            if job["status"] == "completed":
                return job
            if job["status"] == "error":
                raise SystemExit(f"the model did not install: {job}")
            time.sleep(0.1)

    def in_server(self, peer: str, target: str, sha256: str = "") -> Cost:
        """Let a library download within the server."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            before = cpu_seconds(self._server.pid)
            order = {"target": target, "folder": folder, "sha256": sha256}
            reply = self._client.post(f"/bench/{peer}", json=order)
            if reply.status != 200:
                raise SystemExit(f"{peer}: {reply}")
            return Cost(reply.json["seconds"], cpu_seconds(self._server.pid) - before)

    def command(self, command: list[str]) -> Cost:
        """Let a program download into the folder that is its last argument."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            before, begun = _children(), time.perf_counter()
            subprocess.run([*command, folder], check=True, stdout=subprocess.DEVNULL)
            return Cost(time.perf_counter() - begun, _children() - before)

    def warm(self) -> None:
        """Let imports, connections and caches happen before anything is measured."""
        self.install(WARM)
        self.in_server("hf", f"{OWNER}/{WARM}")
        self.in_server("requests", self._place.url.replace(ONE, WARM))

    def sampled(self, work: Callable[[], object]) -> list[float]:
        """Give the milliseconds of light GETs beside some work."""
        with Sampler(self._server) as sampler:
            work()
        return sampler.milliseconds


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def speeds(bench: Bench, size: int, rounds: int) -> dict[str, Cost]:
    """Print each contender's best round, the order turning; give them with the twenty at once."""
    contenders = bench.contenders()
    each = size // MIB // 16
    crowd = f"{OURS}: {COUNT} models of {each} MiB at once"
    contenders[crowd] = partial(bench.install, *map(many, range(COUNT)))
    best: dict[str, Cost] = {}
    names = list(contenders)
    for turn in range(rounds):
        for name in names[turn:] + names[:turn]:
            best[name] = min(best.get(name, Cost(1e9, 1e9)), contenders[name]())
    volume = dict.fromkeys(names, size) | {crowd: COUNT * each * MIB}
    print(f"One file of {size // MIB} MiB, best of {rounds} rounds\n")
    table(
        ["client", "MB/s", "CPU s/GiB"],
        [
            [name, f"{volume[name] / 1e6 / best[name].seconds:.0f}", _per_gib(best[name], volume[name])]
            for name in names
        ],
    )
    absent = [tool for tool in ("curl", "aria2c") if not shutil.which(tool)]
    print("".join(f"\n{tool} is not installed: not measured." for tool in absent))
    best["crowd"] = Cost(best[crowd].seconds * size / volume[crowd], best[crowd].cpu)
    return best


def _per_gib(cost: Cost, volume: int) -> str:
    return f"{cost.cpu * 2**30 / volume:.2f}"


def loop(bench: Bench, rounds: int) -> tuple[float, float]:
    """Print how long a light GET takes beside ours and beside huggingface_hub; give both p99."""
    ours, theirs = partial(bench.install, ONE), partial(bench.in_server, "hf", f"{OWNER}/{ONE}")
    cases: dict[str, Callable[[], object]] = {"idle": partial(time.sleep, 4.0), OURS: ours, HF: theirs}
    samples: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, work in cases.items():
            samples[name] += bench.sampled(work)
    print(f"\nLight GET beside it, milliseconds, {rounds} rounds together\n")
    rows: Iterator[list[str]] = ([name, *describe(taken)] for name, taken in samples.items())
    table(["server is", "requests", "median", "p99", "max"], list(rows))
    return percentile(samples[OURS], 0.99), percentile(samples[HF], 0.99)


def main() -> int:
    """Measure all, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="MiB of the one file")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    size = max(16, asked.size // 16 * 16) * MIB
    with (
        running_hub(size, size // 16) as place,
        tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as other,
    ):
        peers = {"ServerApp": {"jpserver_extensions": {"_peers": True}}}
        config = {**peers, "Models": {"allowed_origins": [place.cdn]}}
        env = {"HF_ENDPOINT": place.hub, "HF_HUB_DISABLE_XET": "1", "PYTHONPATH": str(Path(__file__).parent)}
        with running_server(*entries(), config=config, env=env) as server:
            bench = Bench(server, place, Path(other))
            bench.warm()
            best = speeds(bench, size, asked.rounds)
            beside = loop(bench, asked.rounds)
    ours, theirs, curl = best[OURS], best[HF], best.get(CURL)
    return judge(
        [
            Claim("speed over hf_hub_download's", theirs.seconds / ours.seconds, least=2),
            Claim("CPU over hf_hub_download's", ours.cpu / theirs.cpu, most=0.6),
            Claim("speed over curl + sha256sum's", curl and curl.seconds / ours.seconds, least=2),
            Claim(f"{COUNT} at once over one, MB/s", ours.seconds / best["crowd"].seconds, least=1 - WITHIN),
            Claim("p99 beside it over p99 beside hf_hub_download", beside[0] / beside[1], most=0.5),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
