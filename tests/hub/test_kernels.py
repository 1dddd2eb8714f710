"""A kernel of a spawned server finds the Hub's servers by itself: its user's own, and the team's by its path."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import websocket

from .real_hub import Member, RealHub

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(180)]

OWN = """
from jupyter_nodeapi_widgets import NodeApi
api = NodeApi()
sent = api.uploads.send(bytes(range(256)) * 9000, "Ünd.bin", chunk_size=1_000_000, progress=False)
job = api.models.install("shared/model", progress=False)
told = [api._http.address.source, api.base_url, job.status, api.request("GET", sent.file_path).body == bytes(range(256)) * 9000]
"""
TEAM = """
import os
os.environ["JUPYTER_NODEAPI_URL"] = "/services/models/"
from jupyter_nodeapi_widgets import ApiError, NodeApi
api = NodeApi()
sent = api.uploads.send(b"1234", "team.bin", progress=False)
try:
    told = [api.models.install("shared/model", progress=False).status]
except ApiError as error:
    told = [error.status]
told += [api._http.address.source, api.base_url, [model.id for model in api.models.list("shared")], sent.size]
"""


class Kernel:
    """A kernel of a member's own server, driven as a page does it.

    Parameters
    ----------
    member : Member
        With a token, at the member's server.
    """

    def __init__(self, member: Member) -> None:
        reply = member.post("/api/kernels", json={"name": "python3"})
        assert reply.status_code == 201, reply.text
        self._member, self._path = member, f"/api/kernels/{reply.json()['id']}"
        self._socket = websocket.create_connection(
            f"{member.base.replace('http:', 'ws:')}{self._path}/channels",
            header={"Authorization": str(member.headers["Authorization"])},
            http_no_proxy=["127.0.0.1"],
            timeout=60,
        )

    def value(self, code: str) -> Any:
        """Run code and give its ``told``, by way of JSON."""
        number = uuid.uuid4().hex
        content = {"code": f"{code}\nimport json; print(json.dumps(told))", "silent": False}
        header = {
            "msg_id": number,
            "msg_type": "execute_request",
            "session": "s",
            "username": "",
            "version": "5.3",
        }
        request = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        self._socket.send(json.dumps(request))
        said = ""
        while True:
            message = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") != number:
                continue
            assert message["msg_type"] != "error", "\n".join(message["content"]["traceback"])
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                said += message["content"]["text"]
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return json.loads(said)

    def stop(self) -> None:
        """Shut it down."""
        self._socket.close()
        self._member.delete(self._path)


@pytest.fixture(params=["ann", "bob"])
def kernel(request: pytest.FixtureRequest, hub: RealHub) -> Iterator[tuple[str, Kernel]]:
    made = Kernel(hub.token(request.param).at(f"{hub.url}/user/{request.param}"))
    yield request.param, made
    made.stop()


def test_a_kernel_finds_its_users_server_and_the_teams(kernel: tuple[str, Kernel]) -> None:
    name, running = kernel
    assert running.value(OWN) == ["parent", f"/user/{name}/", "completed", True]
    installed = "completed" if name == "ann" else 403  # ann is a curator, also in her kernel
    assert running.value(TEAM) == [installed, "environment", "/services/models/", ["shared/model"], 4]
