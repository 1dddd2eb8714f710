"""A machine that runs out: of disk space, of descriptors. Told as what it is, and over when it is over."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException

import pytest

from .models import from_url
from .origin import Origin
from .plain_http import Client, Reply
from .real_server import RealServer
from .refusal import MACHINE_MAY_SAY, assert_refused
from .waiting import ended, until

pytestmark = pytest.mark.live
MakeServer = Callable[..., RealServer]
MODEL = bytes(range(256)) * 4096
NEVER_ENOUGH = 2**60


@pytest.fixture
def full(new_server: MakeServer) -> RealServer:
    """A server that must keep more space free than any disk has."""
    return new_server({"NodeApiApp": {"disk_reserve_bytes": NEVER_ENOUGH}})


def test_a_save_without_space_is_507(full: RealServer) -> None:
    reply = full.client.post("/api/files/save", json={"path": "a.json", "content": "x" * 100_000})
    assert_refused(reply, {507}, full, "insufficient_storage")
    assert full.client.get("/api/files/read?path=a.json").status == 404


def test_a_raw_put_without_space_is_507_that_the_sender_sees(full: RealServer) -> None:
    reply = full.client.put("/api/files/raw?path=a.bin", data=bytes(8 * 2**20))
    assert_refused(reply, {507}, full, "insufficient_storage")


def test_a_chunk_without_space_is_507_in_the_uploaders_words(full: RealServer) -> None:
    reply = full.client.chunk(0, 2, bytes(4 * 2**20))
    assert_refused(reply, {507}, full, "insufficient_storage")
    assert reply.json["success"] is False
    assert reply.json["error"] == reply.json["message"]


def test_a_download_without_space_moves_nothing_and_installs_nothing(new_server: MakeServer) -> None:
    with Origin({"/big.bin": MODEL}) as origin:
        server = new_server(
            {"NodeApiApp": {"disk_reserve_bytes": NEVER_ENOUGH}, "Models": {"allowed_origins": [origin.url]}},
            from_url("big", f"{origin.url}/big.bin", MODEL),
        )
        reply = server.client.post("/api/models/download/big")
        if reply.status != 507:
            job = f"/api/downloads/status/{reply.json['job_id']}"
            until(lambda: server.client.get(job).json["state"] in {"paused", "error"}, of="the pause")
            assert server.client.get(job).json["code"] == "insufficient_storage"
        assert origin.transfers["/big.bin"] == 0
        assert server.client.get("/api/models/Test").json == []


DISKS = ["40m"] if os.geteuid() == 0 else []  # who may not mount has no small disk


@pytest.mark.parametrize("disk", DISKS)
def test_a_disk_that_fills_up_midway_pauses_the_download_which_then_goes_on(
    new_server: MakeServer, disk: str
) -> None:
    model = random.Random(28).randbytes(24 * 2**20)
    with Origin({"/big.bin": model}) as origin:
        origin.hold()
        config = {"NodeApiApp": {"disk_reserve_bytes": 0}, "Models": {"allowed_origins": [origin.url]}}
        entry = from_url("big", f"{origin.url}/big.bin", model)
        server = new_server(config, entry, env={"MODELS_DISK": disk})
        job_id = server.client.post("/api/models/download/big").json["job_id"]
        path = f"/api/downloads/status/{job_id}"
        until(lambda: server.client.get(path).json["bytes"] >= 11 * 2**20, of="half of it")
        filler = server.inside(server.data_dir / "models" / "filler")
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(2**16)):
                pass
        origin.release()
        until(lambda: server.client.get(path).json["state"] != "running", of="the pause")
        paused = server.client.get(path).json
        assert (paused["state"], paused["code"]) == ("paused", "insufficient_storage")
        assert server.client.get("/api/models/Test").json == []

        filler.unlink()
        assert server.client.post(f"/api/downloads/{job_id}/resume").status == 200
        assert ended(server.client, job_id)[-1]["status"] == "completed"
        assert server.inside(server.data_dir / "models/Test/big.bin").read_bytes() == model
        assert origin.transfers["/big.bin"] == 2


@contextmanager
def idle_connections(client: Client, count: int) -> Iterator[None]:
    """Hold connections that say nothing."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection((client.host, client.port), timeout=20))
        yield


def test_a_server_out_of_descriptors_says_so_and_recovers(new_server: MakeServer) -> None:
    server = new_server(descriptors=64)
    client = Client(server.url, server.client.headers, seconds=1.5)
    seen: list[Reply] = []
    for idle in range(10, 64, 2):
        with idle_connections(client, idle):
            try:
                body = {"path": f"few/{idle}.json", "content": idle}
                seen += [
                    client.chunk(0, 1, b"x", filename=f"{idle}.bin"),
                    client.post("/api/files/save", json=body),
                ]
                seen += [client.get("/api/models"), client.get("/api/files/list?path=few")]
            except (OSError, HTTPException):
                break  # no descriptor is left to accept this connection with
    assert len(seen) >= 4
    for reply in seen:
        assert reply.status in {200, 404} | MACHINE_MAY_SAY, reply
        assert reply.headers.get_content_type() == "application/json"
        assert "Errno" not in reply.body.decode()
    until(lambda: client.post("/api/files/save", json={"path": "after.json", "content": 1}).status == 200)
    for entry in client.get("/api/files/list?path=few").json:
        assert client.get(f"/api/files/read?path={entry['path']}").status == 200
