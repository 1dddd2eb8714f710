"""``kill -9`` in the middle, then the same home again: what was acknowledged is there, what was not is nowhere."""

from __future__ import annotations

import random
import signal
import socket
import threading
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import pytest

from .models import from_url
from .origin import Origin
from .plain_http import Client, multipart
from .real_server import RealServer
from .waiting import ended, until

pytestmark = pytest.mark.live
MakeServer = Callable[..., RealServer]
MODEL = random.Random(7).randbytes(6 * 1024 * 1024)
CHUNK = 128 * 1024


def files_named(folder: Path, name: str) -> list[Path]:
    """Return what exists under a final name; what is still on its way lies in folders that begin with a dot."""
    found = [path for path in folder.rglob("*") if path.name == name]
    return [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def test_a_download_killed_halfway_goes_on_under_the_same_job_id(new_server: MakeServer) -> None:
    with Origin({"/big.bin": MODEL}) as origin:
        origin.hold()
        server = new_server(
            {"Models": {"allowed_origins": [origin.url]}}, from_url("big", f"{origin.url}/big.bin", MODEL)
        )
        job_id = server.client.post("/api/models/download/big").json["job_id"]
        assert origin.half_sent.wait(30)
        until(lambda: server.client.get(f"/api/downloads/status/{job_id}").json.get("bytes"), of="progress")

        server.kill()
        assert files_named(server.data_dir / "models", "big.bin") == []

        server.start()
        status = server.client.get(f"/api/downloads/status/{job_id}")
        assert status.status == 200
        assert (status.json["status"], status.json["model_id"]) == ("running", "big")
        (entry,) = [model for model in server.client.get("/api/models").json if model["id"] == "big"]
        assert entry["installed"] is False
        assert server.client.get("/api/models/Test").json == []
        same = server.client.post("/api/models/download/big").json["job_id"]
        assert same == job_id

        origin.release()
        assert ended(server.client, job_id)[-1]["status"] == "completed"
        (path,) = files_named(server.data_dir / "models", "big.bin")
        assert path.read_bytes() == MODEL
        assert server.client.get("/api/models/Test").json == [{"name": "big", "path": "Test/big.bin"}]


def test_an_upload_killed_inside_a_chunk_keeps_every_acknowledged_chunk(new_server: MakeServer) -> None:
    server = new_server()
    data = random.Random(8).randbytes(8 * CHUNK - 77)
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    fields = {"filename": "clip.mp4", "sessionId": "k", "nodeId": "1", "nodeName": "Kill"}
    for index in (3, 0, 2):
        assert server.client.chunk(index, 8, chunks[index], **fields).status == 200
    with half_a_chunk(server, {**fields, "chunkIndex": "1", "totalChunks": "8"}, chunks[1]):
        server.kill()
    assert files_named(server.data_dir / "temp", "clip.mp4") == []

    server.start()
    assert server.client.get("/temp/uploads/k/Kill_1/clip.mp4").status == 404
    replies = [server.client.chunk(index, 8, chunks[index], **fields) for index in (1, 4, 5, 6, 7)]
    assert [reply.status for reply in replies] == [200] * 5
    assert [reply.json["completed"] for reply in replies] == [False] * 4 + [True]
    assert server.client.get(replies[-1].json["filePath"]).body == data


def half_a_chunk(server: RealServer, fields: dict[str, str], chunk: bytes) -> socket.socket:
    """Open a request and send its headers and half of its body."""
    body, kind = multipart(fields, chunk)
    client = server.client
    head = (
        f"POST /api/upload HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nContent-Type: {kind}\r\n"
        f"Authorization: token {server.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((client.host, client.port), timeout=30)
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def test_a_kill_at_any_moment_of_a_parallel_upload_loses_no_acknowledged_chunk(
    new_server: MakeServer,
) -> None:
    server = new_server()
    total = 48
    data = random.Random(9).randbytes(total * CHUNK)
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    acknowledged: set[int] = set()
    enough = threading.Event()

    def send(client: Client, indexes: list[int]) -> None:
        for index in indexes:
            try:
                if client.chunk(index, total, chunks[index], filename="many.bin").status == 200:
                    acknowledged.add(index)
            except (OSError, HTTPException):
                return  # the kill
            if len(acknowledged) >= total // 3:
                enough.set()

    client = server.client
    threads = [threading.Thread(target=send, args=(client, list(range(lane, total, 3)))) for lane in range(3)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.kill()
    for thread in threads:
        thread.join(30)
    survived = len(acknowledged)
    assert survived < total, "the kill came too late to prove anything"
    assert files_named(server.data_dir / "temp", "many.bin") == []

    server.start()
    missing = [index for index in range(total) if index not in acknowledged]
    replies = [server.client.chunk(index, total, chunks[index], filename="many.bin") for index in missing]
    assert [reply.status for reply in replies] == [200] * len(missing)
    assert replies[-1].json["completed"] is True, "an acknowledged chunk was lost"
    assert server.client.get(replies[-1].json["filePath"]).body == data


def test_a_kill_during_saves_leaves_one_whole_version_under_the_name(new_server: MakeServer) -> None:
    server = new_server()
    contents = [{"version": version, "padding": str(version) * 200_000} for version in range(10)]
    client = server.client
    saved = threading.Event()

    def save() -> None:
        while True:
            for content in contents:
                try:
                    client.post("/api/files/save", json={"path": "kill/state.json", "content": content})
                except (OSError, HTTPException):
                    return  # the kill
                saved.set()

    thread = threading.Thread(target=save)
    thread.start()
    assert saved.wait(30)
    server.kill()
    thread.join(30)

    server.start()
    read = server.client.get("/api/files/read?path=kill/state.json")
    assert read.status == 200
    assert read.json["content"] in contents
    assert [entry["name"] for entry in server.client.get("/api/files/list?path=kill").json] == ["state.json"]


@pytest.mark.parametrize(
    "by", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT, as a Hub stops servers"]
)
def test_a_server_asked_to_stop_leaves_its_download_behind_at_once(
    new_server: MakeServer, by: signal.Signals
) -> None:
    with Origin({"/big.bin": MODEL}) as origin:
        origin.hold()
        model = from_url("big", f"{origin.url}/big.bin", MODEL)
        server = new_server({"Models": {"allowed_origins": [origin.url]}}, model)
        job_id = server.client.post("/api/models/download/big").json["job_id"]
        assert origin.half_sent.wait(30)
        assert server.stop(by) < 8, "something waited for the download"
        server.start()
        origin.release()
        assert ended(server.client, job_id)[-1]["status"] == "completed"


def test_an_installed_model_is_still_installed_after_a_kill(new_server: MakeServer) -> None:
    with Origin({"/big.bin": MODEL}) as origin:
        server = new_server(
            {"Models": {"allowed_origins": [origin.url]}}, from_url("big", f"{origin.url}/big.bin", MODEL)
        )
        job_id = server.client.post("/api/models/download/big").json["job_id"]
        assert ended(server.client, job_id)[-1]["status"] == "completed"
        server.kill()
        server.start()
        (entry,) = [model for model in server.client.get("/api/models").json if model["id"] == "big"]
        assert entry["installed"] is True
        status = server.client.get(f"/api/downloads/status/{job_id}").json
        assert (status["status"], status["progress"]) == ("completed", 100)
        assert origin.transfers["/big.bin"] == 1
