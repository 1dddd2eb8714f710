"""What an idle culler sees: a job that moves is activity, somebody who only looks is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from .models import from_url
from .origin import Origin
from .plain_http import Client
from .real_server import RealServer
from .waiting import ended, until

pytestmark = pytest.mark.live
MODEL = bytes(range(256)) * 4096 * 8


def last_activity(client: Client) -> datetime:
    """Return what jupyterhub-singleuser reports to the Hub; asking for it is no activity."""
    return datetime.fromisoformat(client.get("/api/status").json["last_activity"].replace("Z", "+00:00"))


def test_a_running_download_keeps_the_server_alive_and_watching_it_does_not(
    new_server: Callable[..., RealServer],
) -> None:
    with Origin({"/big.bin": MODEL}) as origin:
        origin.hold()
        model = from_url("big", f"{origin.url}/big.bin", MODEL)
        server = new_server({"Models": {"allowed_origins": [origin.url]}}, model)
        client = server.client
        job_id = client.post("/api/models/download/big").json["job_id"]
        assert origin.half_sent.wait(30)
        job = f"/api/downloads/status/{job_id}"
        until(lambda: client.get(job).json["bytes"] >= len(MODEL) // 4, of="the first half")

        stalled = last_activity(client)
        for _ in range(5):
            client.get(job)
            client.get("/api/downloads")
        quiet = until(lambda: settled(client), of="silence")
        origin.release()
        assert until(lambda: last_activity(client) > quiet or client.get(job).json["status"] != "running")
        assert last_activity(client) > quiet, client.get(job).json
        assert stalled <= quiet
        assert ended(client, job_id)[-1]["status"] == "completed"


def settled(client: Client) -> datetime | None:
    """Return the last activity once looking at the job has not changed it."""
    before = last_activity(client)
    for _ in range(20):
        client.get("/api/downloads")
    return before if last_activity(client) == before else None
