"""``kill -9`` at 60 % of a large model: the same job goes on, and at most 64 MiB are fetched again."""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .real_server import RealServer
from .waiting import ended, until

pytestmark = [pytest.mark.live, pytest.mark.slow]
MIB = 2**20
BLOCK = random.Random(60).randbytes(MIB)


class River:
    """Serves a file that is one block again and again, and at 60 % waits behind a dam."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.dam = size // MIB * 6 // 10 * MIB
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.starts: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"river": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread.start()

    def close(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def entry(self) -> dict[str, object]:
        digest = hashlib.sha256()
        for _ in range(self.size // MIB):
            digest.update(BLOCK)
        file = {"path": "big.bin", "size": self.size, "sha256": digest.hexdigest()}
        source = {"type": "url", "url": f"{self.url}/big.bin"}
        return {"id": "big", "name": "Big", "category": "Test", "source": source, "files": [file]}

    def pieces(self, start: int) -> Iterator[memoryview]:
        while start < self.size:
            if start == self.dam and not self.opened.is_set():
                self.reached.set()
                self.opened.wait(120)
            piece = memoryview(BLOCK)[start % MIB :]
            yield piece
            start += len(piece)


class _Handler(BaseHTTPRequestHandler):
    river: River
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start, size = int(asked[1]) if asked else 0, self.river.size
        self.river.starts.append(start)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.send_header("ETag", '"river"')
        self.end_headers()
        try:
            for piece in self.river.pieces(start):
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True


@pytest.mark.parametrize("size", [160 * MIB, pytest.param(2048 * MIB, marks=pytest.mark.matrix)])
def test_a_large_model_killed_at_60_per_cent_fetches_at_most_64_mib_again(
    new_server: Callable[..., RealServer], size: int
) -> None:
    river = River(size)
    try:
        server = new_server({"Models": {"allowed_origins": [river.url]}}, river.entry())
        job_id = server.client.post("/api/models/download/big").json["job_id"]
        assert river.reached.wait(60)

        def arrived() -> bool:
            status = server.client.get(f"/api/downloads/status/{job_id}").json
            return status["bytes"] >= river.dam - MIB  # the last block is not full

        until(arrived, of="60 %")
        server.kill()
        server.start()
        assert server.client.post("/api/models/download/big").json["job_id"] == job_id
        river.opened.set()
        assert ended(server.client, job_id, seconds=110)[-1]["status"] == "completed"
    finally:
        river.close()
    first, second = river.starts
    assert first == 0
    assert 0 <= river.dam - second <= 64 * MIB
    digest = hashlib.sha256((server.data_dir / "models/Test/big.bin").read_bytes()).hexdigest()
    assert digest == river.entry()["files"][0]["sha256"]  # type: ignore[index]
