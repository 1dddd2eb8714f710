"""The event loop stays free: p99 of a light GET, idle, while 1 GiB uploads, and while a 1 GiB model installs.

Claim: each p99 is at most three times the idle one, or at most 10 ms above it.
Run: ``python benchmarks/event_loop.py [MiB]``; exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import http.server
import sys
import time
from typing import Any

from _server import MIB, SPAWN, Sampler, describe, percentile, running_server, send_chunks, table

CHUNK = 8 * MIB
SECONDS_IDLE = 8.0


class _Source(http.server.BaseHTTPRequestHandler):
    """Sends as many bytes as the path says, without having them anywhere."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        left = self._head()
        block = memoryview(bytes(MIB))
        while left > 0:
            self.wfile.write(block[: min(left, MIB)])
            left -= MIB

    def _head(self) -> int:
        size = int(self.path.rsplit("/", 1)[-1])
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("ETag", f'"{size}"')
        self.end_headers()
        return size


def serve(ports: Any) -> None:
    """Be the web server that the model comes from."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Source)
    ports.put(server.server_address[1])
    server.serve_forever()


def install(client: Any) -> None:
    """Install the model and return once it is installed."""
    job_id = client.post("/api/models/download/big").json["job_id"]
    while True:
        status = client.get(f"/api/downloads/status/{job_id}").json
        if status["status"] != "running":
            break
        time.sleep(0.2)
    if status["status"] != "completed":
        raise SystemExit(f"the model did not install: {status}")


def main(size: int) -> int:
    """Measure, print and judge."""
    ports: Any = SPAWN.SimpleQueue()
    source = SPAWN.Process(target=serve, args=(ports,), daemon=True)
    source.start()
    origin = f"http://127.0.0.1:{ports.get()}"
    model = {
        "id": "big",
        "name": "Big",
        "category": "Bench",
        "source": {"type": "url", "url": f"{origin}/{size}"},
        "files": [{"path": "big.bin", "size": size}],
    }
    samples: dict[str, list[float]] = {}
    seconds: dict[str, float] = {}
    with running_server(model, config={"Models": {"allowed_origins": [origin]}}) as server:

        def measure(name: str, work: Any) -> None:
            begun = time.perf_counter()
            with Sampler(server) as sampler:
                work()
            samples[name], seconds[name] = sampler.milliseconds, time.perf_counter() - begun

        measure("idle", lambda: time.sleep(SECONDS_IDLE))
        measure("uploading", lambda: send_chunks(server.client, size, CHUNK))
        measure("installing", lambda: install(server.client))
        measure("idle again", lambda: time.sleep(SECONDS_IDLE))
    source.terminate()
    source.join()
    idle = percentile(samples["idle"] + samples["idle again"], 0.99)
    limit = max(3 * idle, idle + 10)
    print(f"Light GET, milliseconds; {size // MIB} MiB; limit for p99: {limit:.1f}\n")
    rows = [[name, *describe(taken), f"{seconds[name]:.1f}"] for name, taken in samples.items()]
    table(["server is", "requests", "median", "p99", "max", "seconds"], rows)
    return int(any(percentile(samples[name], 0.99) > limit for name in ("uploading", "installing")))


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) * MIB if len(sys.argv) > 1 else 1024 * MIB))
