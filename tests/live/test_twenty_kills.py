"""Twenty times ``kill -9`` while nine senders work on three files; each life sends only what the last one lacks.

::

    start ── GET /api/upload: what is missing ── send it, 3 senders a file ── n-th "200": kill -9 ─┐
      └──────────────────────────────────────── 20 times ──────────────────────────────────────────┘
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from http.client import HTTPException

import pytest

from .plain_http import Client, Reply
from .real_server import RealServer

pytestmark = [pytest.mark.live, pytest.mark.slow]

KILLS = 20
SENDERS = 3
CHUNK = 64 * 1024
SIZES = {"even.bin": 120 * CHUNK, "short-end.bin": 119 * CHUNK + 5, "odd.bin": 130 * CHUNK - 4099}


class File:
    """One file as its client knows it: what was acknowledged, and what is still to be sent."""

    def __init__(self, name: str, size: int, order: random.Random) -> None:
        self.name = name
        self.data = order.randbytes(size)
        self.total = -(-size // CHUNK)
        self.acknowledged: set[int] = set()
        self.missing: list[int] = []
        self._order = order

    def ask(self, client: Client) -> Reply:
        """Learn from the server what is missing; what it acknowledged must not be."""
        who = {"sessionId": "s1", "nodeId": "7", "nodeName": "Loader", "filename": self.name}
        reply = client.get("/api/upload", query=who)
        if reply.status == 404:
            gaps = [[0, self.total - 1]]
        else:
            assert reply.status == 200, reply
            gaps = reply.json["missing"]
        self.missing = [index for first, last in gaps for index in range(first, last + 1)]
        lost = self.acknowledged & set(self.missing)
        assert not lost, f"acknowledged chunks of {self.name} were lost: {sorted(lost)}"
        self._order.shuffle(self.missing)
        return reply

    def send(self, client: Client, index: int) -> Reply:
        """Send one chunk."""
        chunk = self.data[index * CHUNK : (index + 1) * CHUNK]
        return client.chunk(index, self.total, chunk, filename=self.name)


class Life:
    """One life of the server: parallel senders, and death at the reply number ``ends_after``."""

    def __init__(self, server: RealServer, ends_after: int | None) -> None:
        self.refused: list[Reply] = []
        self._client, self._pid = server.client, server.pid
        self._replies = 0
        self._ends_after = ends_after
        self._lock = threading.Lock()

    def live(self, files: list[File]) -> None:
        """Send until nothing is missing, or the server is dead."""
        threads = [threading.Thread(target=self._send, args=(file,)) for file in files * SENDERS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a sender hangs"

    def _send(self, file: File) -> None:
        while True:
            with self._lock:
                if not file.missing:
                    return
                index = file.missing.pop()
            try:
                reply = file.send(self._client, index)
            except (OSError, HTTPException):
                return  # the kill
            self._count(file, index, reply)

    def _count(self, file: File, index: int, reply: Reply) -> None:
        with self._lock:
            if reply.status != 200:
                self.refused.append(reply)
                return
            file.acknowledged.add(index)
            self._replies += 1
            if self._replies == self._ends_after:
                os.kill(self._pid, signal.SIGKILL)


def test_twenty_kills_during_parallel_uploads_lose_no_acknowledged_chunk(
    new_server: Callable[..., RealServer],
) -> None:
    order = random.Random(20)
    files = [File(name, size, order) for name, size in SIZES.items()]
    server = new_server()
    for _ in range(KILLS):
        for file in files:
            file.ask(server.client)
        assert sum(len(file.missing) for file in files) > 0, "the kills came too late to prove anything"
        life = Life(server, ends_after=order.randint(1, 8))
        life.live(files)
        assert life.refused == []
        server.kill()
        server.start()

    for file in files:
        file.ask(server.client)
    last = Life(server, ends_after=None)
    last.live(files)
    assert last.refused == []
    for file in files:
        status = file.ask(server.client).json
        assert (status["completed"], status["missing"]) == (True, [])
        assert server.client.get(status["filePath"]).body == file.data
