"""The client's calls that need more than a server's word: models from a hub, events, large files, TLS."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_nodeapi_widgets import ApiError, NodeApi, NoServer
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from tests.hf_hub.certificate import self_signed
from tests.hf_hub.server import Hub

pytestmark = pytest.mark.slow

WEIGHTS = random.Random(3).randbytes(300_000)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub of this machine with one model."""
    with Hub() as made:
        made.add("team/voice", {"voice.safetensors": WEIGHTS})
        monkeypatch.setenv("HF_ENDPOINT", made.hub_url)
        yield made


@pytest.fixture
def nodeapi_config(hub: Hub) -> dict[str, Any]:
    """A server whose models come from that hub."""
    files = [{"path": "voice.safetensors", "size": len(WEIGHTS)}]
    source = {"type": "huggingface", "url": "team/voice"}
    entry = {"id": "team/voice", "name": "Voice", "category": "Audio", "source": source, "files": files}
    return {
        "Models": {"allowed_origins": [hub.cdn_url], "entries": [{"version": 1, "models": [entry]}]},
    }


def test_a_model_is_planned_installed_verified_and_removed(told: Any) -> None:
    seen: list[tuple[int, int | None]] = []

    def story(api: NodeApi) -> None:
        plan = api.models.plan("team/voice")
        assert (plan.installed, plan.download_bytes, plan.enough_space) == (False, len(WEIGHTS), True)
        job = api.models.install("team/voice", progress=lambda done, total: seen.append((done, total)))
        assert (job.status, job.model_id, job.progress) == ("completed", "team/voice", 100)
        (model,) = api.models.list("voice", installed=True)
        assert model.files == ("Audio/voice.safetensors",)
        assert [file.path for file in api.models.files("Audio")] == ["Audio/voice.safetensors"]
        assert api.models.orphans() == []
        assert api.models.verify("team/voice")["verified"] is True
        assert api.models.resolve(["team/voice", "team/none"])["unknown"] == ["team/none"]
        assert api.models.resolve("team/none")["unknown"] == ["team/none"]
        assert api.models.uninstall("team/voice")["removed"] == ["Audio/voice.safetensors"]
        assert api.models.list(installed=True) == []
        with pytest.raises(ApiError) as raised:
            api.models.plan("team/none")
        assert raised.value.status == 404

    told(story)
    assert seen[-1] == (100, 100)


def test_events_tell_a_job_to_its_end_and_again_what_was_missed(told: Any, hub: Hub) -> None:
    hub.faults.add(
        "slow", times=100, value=len(WEIGHTS) // 20
    )  # twenty times a second: there is time to listen

    def story(api: NodeApi) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        job_id = api.models.start("team/voice")
        lives = []
        for event in api.jobs.events():
            assert event["job_id"] == job_id
            lives.append(event)
            if event["state"] == "completed":
                break
        again = []
        for event in api.jobs.events(after=lives[0]["id"]):
            again.append(event)
            if event["state"] == "completed":
                break
        return lives, again

    lives, again = told(story)
    assert lives[0]["state"] != "completed"
    assert lives[1:] == again


def test_a_file_is_written_as_it_is_read(told: Any, tmp_path: Path) -> None:
    content = random.Random(5).randbytes(9_000_001)
    (tmp_path / "large.bin").write_bytes(content)

    class Reader(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            Reader.most = max(Reader.most, len(piece))
            return piece

    def story(api: NodeApi) -> None:
        assert api.files.write_bytes("a.bin", tmp_path / "large.bin").size == len(content)
        assert api.files.read_bytes("a.bin") == content
        file = Reader(b"head" + content)
        file.seek(4)
        assert api.files.write_bytes("b.bin", file).size == len(content)
        assert api.files.read_bytes("b.bin") == content
        with pytest.raises(ApiError) as raised:
            api.files.write_bytes("a.bin", tmp_path / "large.bin", overwrite=False)
        assert raised.value.status == 409
        with pytest.raises(TypeError):
            api.files.write_bytes("c.bin", "a text")  # type: ignore[arg-type]

    told(story)
    assert Reader.most <= 1 << 20


def test_a_certificate_of_ones_own_is_named_and_then_trusted(
    api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = self_signed(tmp_path)
    (sock,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(api.app.serverapp.web_app, ssl_options=context)
    server.add_socket(sock)
    url = api.base.replace("http:", "https:").replace(
        api.base.split("/")[2], f"127.0.0.1:{sock.getsockname()[1]}"
    )

    def story() -> tuple[str, bytes]:
        client = NodeApi(url, api.token)
        with pytest.raises(NoServer) as raised:
            client.about()
        assert (raised.value.code, "SSL_CERT_FILE" in raised.value.hint) == ("certificate", True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        sent = client.uploads.send(WEIGHTS, "weights.bin", progress=False)
        return sent.name, client.files.download(sent, tmp_path, progress=False).read_bytes()

    assert api.run(asyncio.to_thread(story)) == ("weights.bin", WEIGHTS)
    server.stop()
    api.run(server.close_all_connections())
