"""Many chunks in a file, many sessions on disk: each further one costs what the first one did.

Claims: of 10,000 chunks the last thousand takes at most 1.5 times the second thousand's time; with 5,000
sessions on disk the server starts, and a new upload ends, within 1.5 times what it took without, or
within 100 ms and 10 ms more.
Run: ``python benchmarks/uploads_scale.py [chunks [sessions]]``; exits with 1 when a claim does not hold.
"""

from __future__ import annotations

import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from _server import RealServer, running_server, table
from _traffic import Lane, send
from live.plain_http import Client
from peers.form import form

CHUNK = 4096
TRIES = 20


def send_all(client: Client, source: int, lane: Lane) -> float:
    """Send what a lane says on one connection, and give the seconds it took."""
    return send(client.port, source, [lane]).seconds


def chunk(client: Client, fields: dict[str, str], index: int, total: int) -> Lane:
    """Send one chunk."""
    known = {"filename": "f.bin", "nodeId": "1", "nodeName": "Loader", **fields}
    known |= {"chunkIndex": str(index), "totalChunks": str(total)}
    yield form("/api/upload", known, "file", (0, CHUNK), client.headers)


def many_chunks(client: Client, source: int, total: int) -> list[float]:
    """Give the milliseconds that a chunk takes, in each tenth of a file."""
    taken = []
    for tenth in range(10):
        indices = range(tenth * total // 10, (tenth + 1) * total // 10)

        def lane(indices: range = indices) -> Lane:
            for index in indices:
                yield from chunk(client, {"sessionId": "many", "filename": "many.bin"}, index, total)

        taken.append(send_all(client, source, lane()) / len(indices) * 1000)
    return taken


def many_sessions(client: Client, source: int, count: int) -> None:
    """Leave sessions behind: half of them with a file, half with an upload that nobody finished."""

    def lane() -> Lane:
        for number in range(count):
            yield from chunk(client, {"sessionId": f"session-{number}"}, 0, 1 + number % 2)

    send_all(client, source, lane())


def new_upload(client: Client, source: int, prefix: str) -> float:
    """Give the milliseconds of a small upload in a session of its own: the median of some."""
    each = [
        send_all(client, source, chunk(client, {"sessionId": f"{prefix}-{number}"}, 0, 1))
        for number in range(TRIES)
    ]
    return statistics.median(each) * 1000


def start_up(server: RealServer) -> float:
    """Give the milliseconds from the start of the process to its first answer: the best of three."""
    taken = []
    for _ in range(3):
        server.stop()
        begun = time.perf_counter()
        server.start()
        with socket.create_connection(("127.0.0.1", server.client.port)):
            taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)


def main(chunks: int, sessions: int) -> int:
    """Measure, print and judge."""
    with tempfile.TemporaryFile() as file, running_server() as server:
        file.write(os.urandom(CHUNK))
        file.flush()
        source = file.fileno()
        before = (start_up(server), new_upload(server.client, source, "before"))
        tenths = many_chunks(server.client, source, chunks)
        begun = time.perf_counter()
        many_sessions(server.client, source, sessions)
        seconds = time.perf_counter() - begun
        on_disk = sum(1 for _ in Path(server.data_dir).rglob("*/session-*"))
        after = (start_up(server), new_upload(server.client, source, "after"))
    print(f"Milliseconds a chunk of {CHUNK} bytes, in each tenth of {chunks} chunks:\n")
    table([f"{tenth + 1}" for tenth in range(10)], [[f"{value:.2f}" for value in tenths]])
    print(f"\n{sessions} sessions made in {seconds:.1f} s, {on_disk} folders; milliseconds:\n")
    rows = [
        ["without", *(f"{value:.1f}" for value in before)],
        ["with", *(f"{value:.1f}" for value in after)],
    ]
    table(["sessions", "start-up", "new upload"], rows)
    flat = tenths[-1] <= 1.5 * tenths[1]
    started = after[0] <= max(1.5 * before[0], before[0] + 100)
    uploaded = after[1] <= max(1.5 * before[1], before[1] + 10)
    return int(not (flat and started and uploaded))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    raise SystemExit(main(*given, *[10_000, 5_000][len(given) :]))
