"""Bodies never sit in memory: how far the server's resident size grows while large bodies pass through it.

Claim: at most 32 MiB for 1 GiB, whatever the size of the chunks.
Run: ``python benchmarks/memory.py [MiB]``; exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable, Iterator

from _server import MIB, peak_memory, running_server, send_chunks, table
from live.plain_http import Client

LIMIT_MIB = 32


def read_back(client: Client, size: int) -> float:
    """Download what was uploaded, a mebibyte at a time, and return the seconds it took."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
    connection.request("GET", "/temp/uploads/s1/Loader_7/c8.bin", headers=client.headers)
    reply = connection.getresponse()
    got = 0
    while block := reply.read(MIB):
        got += len(block)
    connection.close()
    if (reply.status, got) != (200, size):
        raise SystemExit(f"reading back gave {reply.status} and {got} bytes")
    return time.perf_counter() - begun


def cases(client: Client, size: int) -> Iterator[tuple[str, Callable[[], float]]]:
    """Yield what is measured, each in a server that has already done a little of the same."""
    for mebibytes in (1, 8, 32):
        name = f"c{mebibytes}.bin"
        yield (
            f"upload, {mebibytes} MiB chunks, three at once",
            lambda m=mebibytes, n=name: send_chunks(client, size, m * MIB, n),
        )
    yield (
        "upload, 8 MiB chunks, one after another",
        lambda: send_chunks(client, size, 8 * MIB, "one.bin", lanes=1),
    )
    yield "reading it back", lambda: read_back(client, size)


def main(size: int) -> int:
    """Measure, print and judge."""
    rows, worst = [], 0.0
    with running_server() as server:
        client = server.client
        send_chunks(client, 4 * MIB, MIB, "warm.bin")
        for name, work in cases(client, size):
            with peak_memory(server.pid) as memory:
                seconds = work()
            worst = max(worst, memory["growth"])
            speed = f"{size / MIB / seconds:.0f}"
            rows.append([name, f"{memory['before']:.0f}", f"{memory['growth']:.1f}", f"{seconds:.1f}", speed])
    print(f"Resident size of the server, MiB; {size // MIB} MiB each; limit for growth: {LIMIT_MIB}\n")
    table(["what", "before", "growth", "seconds", "MiB/s"], rows)
    return int(worst > LIMIT_MIB)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) * MIB if len(sys.argv) > 1 else 1024 * MIB))
