"""Many callers at the same moment, against a real server."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest

from .origin import Origin
from .plain_http import Client, Reply
from .real_server import RealServer
from .waiting import ended

pytestmark = pytest.mark.live
T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run every call in a thread of its own, all released together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("way", ["overwrite false", "If-None-Match"])
def test_of_twenty_saves_that_must_not_overwrite_one_wins(client: Client, way: str) -> None:
    name = f"race/{way.replace(' ', '_')}.json"

    def save(writer: int) -> Reply:
        body = {"path": name, "content": {"writer": writer}}
        if way == "overwrite false":
            return client.post("/api/files/save", json={**body, "overwrite": False})
        return client.post("/api/files/save", json=body, headers={"If-None-Match": "*"})

    replies = at_once([lambda writer=writer: save(writer) for writer in range(20)])
    loser = 409 if way == "overwrite false" else 412
    assert Counter(reply.status for reply in replies) == {200: 1, loser: 19}
    (winner,) = [writer for writer, reply in enumerate(replies) if reply.status == 200]
    assert client.get(f"/api/files/read?path={name}").json["content"] == {"writer": winner}


def test_of_twenty_saves_with_the_same_if_match_one_wins(client: Client) -> None:
    first = client.post("/api/files/save", json={"path": "race/match.json", "content": "start"}).json
    replies = at_once(
        [
            lambda writer=writer: client.post(
                "/api/files/save",
                json={"path": "race/match.json", "content": writer},
                headers={"If-Match": first["etag"]},
            )
            for writer in range(20)
        ]
    )
    assert Counter(reply.status for reply in replies) == {200: 1, 412: 19}


def test_twenty_downloads_of_one_model_are_one_job_and_one_transfer(client: Client, origin: Origin) -> None:
    origin.hold()
    try:
        replies = at_once([lambda: client.post("/api/models/download/race")] * 20)
        assert {reply.status for reply in replies} == {202}
        jobs = {reply.json["job_id"] for reply in replies}
        assert len(jobs) == 1
    finally:
        origin.release()
    assert ended(client, jobs.pop())[-1]["status"] == "completed"
    assert origin.transfers["/race.bin"] == 1


def test_thirty_six_duplicate_parallel_chunks_make_one_intact_file(
    client: Client, server: RealServer
) -> None:
    data = random.Random(36).randbytes(12 * 256 * 1024 - 1000)
    chunks = [data[start : start + 256 * 1024] for start in range(0, len(data), 256 * 1024)]
    order = list(range(12)) * 3
    random.Random(1).shuffle(order)
    replies = at_once(
        [lambda index=index: client.chunk(index, 12, chunks[index], filename="36.bin") for index in order]
    )
    assert Counter(reply.status for reply in replies) == {200: 36}
    done = [reply.json for reply in replies if reply.json["completed"]]
    assert {reply["filePath"] for reply in done} == {"/temp/uploads/s1/Loader_7/36.bin"}
    assert hashlib.sha256(client.get(done[0]["filePath"]).body).digest() == hashlib.sha256(data).digest()
    assert [path.name for path in server.data_dir.rglob("*36.bin*")] == ["36.bin"]


def test_two_uploads_of_the_same_name_in_two_sessions_do_not_meet(client: Client) -> None:
    sizes = [100_000 + 1000 * number for number in range(8)]

    def send(number: int) -> bytes:
        data = bytes([number]) * sizes[number]
        half = len(data) // 2
        first = client.chunk(0, 2, data[:half], sessionId=f"s{number}", filename="same.bin")
        last = client.chunk(1, 2, data[half:], sessionId=f"s{number}", filename="same.bin")
        assert (first.status, last.status) == (200, 200)
        return client.get(last.json["filePath"]).body

    bodies = at_once([lambda number=number: send(number) for number in range(8)])
    assert bodies == [bytes([number]) * size for number, size in enumerate(sizes)]
