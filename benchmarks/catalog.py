"""A large catalog stays light: 10,000 entries, 20,000 model files and 10,000 kept jobs.

Claims: GET /api/models at most 5 ms once it is known, 2 ms where nothing changed (304), 150 ms as the first
request after a start; the extension comes up within 300 ms.

Every second entry has its file in place, put there by hand; 15,000 more files belong to no entry. Each start
is a new process; requests go over one kept connection, the reply's 2 MB read to the end.
Run: ``python benchmarks/catalog.py [--entries N] [--starts N]``; exits with 1 when a claim does not hold.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec
from _server import Claim, describe, judge, running_server, table
from live.plain_http import Client
from live.real_server import RealServer

from jupyter_nodeapi.jobs.record import Job

FOLDERS = 40
ASKS = 100


def entry(number: int) -> dict[str, Any]:
    """Give one model of the registry, as wheels describe them."""
    return {
        "id": f"org{number % 500}/model-{number:05}",
        "name": f"Model {number}",
        "category": f"Category {number % FOLDERS:02}",
        "license": "Apache-2.0",
        "tags": ["benchmark", f"family-{number % 100}"],
        "description": "A model that nobody needs, described in one sentence of a usual length.",
        "source": {"type": "huggingface", "url": f"org{number % 500}/model-{number:05}"},
        "files": [{"path": f"model-{number:05}.safetensors", "size": 16}],
    }


def fill(server: RealServer, entries: int) -> None:
    """Put files and jobs where they would be after long use."""
    for number in range(2 * entries):
        folder = server.data_dir / "models" / f"Category {number % FOLDERS:02}"
        folder.mkdir(parents=True, exist_ok=True)
        # the first half of the even ones belong to entries
        name = f"model-{number:05}.safetensors" if number % 2 == 0 else f"found-{number:05}.safetensors"
        (folder / name).write_bytes(b"0123456789abcdef")
    ended = server.data_dir / "jobs" / "ended"
    ended.mkdir(parents=True, exist_ok=True)
    now = time.time()
    for number in range(entries):
        job = Job(
            job_id=str(uuid.uuid4()),
            kind="download",
            key=str(number),
            spec={"entry": entry(number)},
            subject=str(number),
            state="completed",
            progress=100,
            message="Installed.",
            created_at=now - 60,
            finished_at=now,
        )
        (ended / f"{job.job_id}.json").write_bytes(msgspec.json.encode(job))


class Asker:
    """One kept connection."""

    def __init__(self, client: Client) -> None:
        self._headers = client.headers
        self._connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
        self._connection.connect()
        self.etag = ""

    def milliseconds(self, status: int = 200, **headers: str) -> float:
        """Ask for all models."""
        begun = time.perf_counter()
        self._connection.request("GET", "/api/models", headers={**self._headers, **headers})
        reply = self._connection.getresponse()
        reply.read()
        taken = (time.perf_counter() - begun) * 1000
        if reply.status != status:
            raise SystemExit(f"GET /api/models answered {reply.status}, not {status}")
        self.etag = reply.headers.get("ETag", self.etag)
        return taken


def came_up(server: RealServer) -> float:
    """Give the milliseconds that the extension took; the server may answer before it has started."""
    clock = server.home / "runtime" / "clock.json"
    deadline = time.monotonic() + 60
    while not clock.exists():
        if time.monotonic() > deadline:
            raise SystemExit("the extension did not start")
        time.sleep(0.02)
    taken = json.loads(clock.read_text())
    clock.unlink()
    return sum(taken.values())


def measure(entries: int, starts: int, *, full: bool) -> dict[str, list[float]]:
    """Start several times and ask, in milliseconds."""
    taken: dict[str, list[float]] = {"extension up": [], "first": [], "warm": [], "304": []}
    models = [entry(number) for number in range(entries)] if full else []
    clock = {"ServerApp": {"jpserver_extensions": {"_clock": True}}}
    env = {"PYTHONPATH": str(Path(__file__).parent)}

    def prepare(server: RealServer) -> None:
        if full:
            fill(server, entries)

    with running_server(*models, config=clock, env=env, prepare=prepare) as server:
        for start in range(starts):
            if start:
                server.stop()
                server.start()
            taken["extension up"].append(came_up(server))
            asker = Asker(server.client)
            taken["first"].append(asker.milliseconds())
            if start == 0:  # the folders were filled a moment ago: let their mtimes stop being doubtful
                time.sleep(3)
            asker.milliseconds()
            taken["warm"] += [asker.milliseconds() for _ in range(ASKS)]
            unchanged = {"If-None-Match": asker.etag}
            taken["304"] += [asker.milliseconds(304, **unchanged) for _ in range(ASKS)]
    return taken


def main() -> int:
    """Measure an empty and a full one, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=5)
    asked = parser.parse_args()
    empty = measure(asked.entries, asked.starts, full=False)
    full = measure(asked.entries, asked.starts, full=True)
    n = asked.entries
    print(f"Milliseconds; full: {n} entries, {2 * n} model files, {n} kept jobs; {asked.starts} starts\n")
    table(
        ["what", "times", "median", "p99", "max"],
        [
            [f"{what}, {size}", *describe(taken[what])]
            for what in full
            for size, taken in (("empty", empty), ("full", full))
        ],
    )
    middle = {what: statistics.median(times) for what, times in full.items()}
    return judge(
        [
            Claim("GET /api/models warm, ms", middle["warm"], most=5),
            Claim("GET /api/models unchanged (304), ms", middle["304"], most=2),
            Claim("GET /api/models first after a start, ms", middle["first"], most=150),
            Claim("extension comes up, ms", middle["extension up"], most=300),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
