"""The document's examples, in its order, field by field, by plain HTTP against a real server."""

from __future__ import annotations

import hashlib
import io
import re
from urllib.parse import quote

import numpy as np
import pytest
import soundfile

from .models import DOCUMENT_MODEL, WEIGHTS
from .origin import Origin
from .plain_http import Client
from .real_server import RealServer
from .waiting import ended

pytestmark = pytest.mark.live


def the_model(client: Client) -> dict[str, object]:
    """Return the document's model as ``GET /api/models`` shows it."""
    reply = client.get("/api/models")
    assert reply.status == 200
    assert isinstance(reply.json, list)
    (model,) = [model for model in reply.json if model["id"] == "yolox_s"]
    return model


@pytest.fixture(scope="module")
def installed(client: Client, origin: Origin) -> list[dict[str, object]]:
    """Install the document's model and return every status that was polled."""
    before = the_model(client)
    assert before["installed"] is False
    assert client.get("/api/models/Object%20Detection").json == []
    reply = client.post("/api/models/download/yolox_s")
    assert reply.status == 202, reply
    assert isinstance(reply.json["job_id"], str)
    statuses = ended(client, reply.json["job_id"])
    assert statuses[-1]["status"] == "completed", statuses[-1]
    assert origin.transfers[DOCUMENT_MODEL] == 1
    return statuses


@pytest.fixture(scope="module")
def recording() -> bytes:
    """Thirty seconds of a real mp3: a tone whose loudness tells the second it belongs to."""
    rate = 44100
    seconds = np.arange(30 * rate) / rate
    wave = np.sin(2 * np.pi * 440 * seconds) * (0.1 + 0.02 * np.floor(seconds))
    file = io.BytesIO()
    soundfile.write(file, wave.astype("float32"), rate, format="MP3")
    return file.getvalue()


def upload(client: Client, data: bytes, **fields: str) -> list[dict[str, object]]:
    """Send a file in chunks of a third, as a widget does, and return every reply."""
    size = max(1, -(-len(data) // 3))
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    replies = [client.chunk(index, len(chunks), chunk, **fields) for index, chunk in enumerate(chunks)]
    assert [reply.status for reply in replies] == [200] * len(chunks), replies
    return [reply.json for reply in replies]


def test_the_registry_lists_the_documents_entry(client: Client, installed: list[dict[str, object]]) -> None:
    model = the_model(client)
    assert model["name"] == "YOLOX S"
    assert model["category"] == "Object Detection"
    source = model["source"]
    assert isinstance(source, dict)
    assert (source["type"], source["url"]) == ("huggingface", "Megvii-BaseDetection/YOLOX")
    assert model["installed"] is True


@pytest.mark.parametrize("category", ["Object%20Detection", "Object+Detection", "%4Fbject%20Detection"])
def test_a_category_lists_name_and_path(
    client: Client, installed: list[dict[str, object]], category: str
) -> None:
    reply = client.get(f"/api/models/{category}")
    expected = [] if "+" in category else [{"name": "yolox_s", "path": "Object Detection/yolox_s.pth"}]
    assert reply.status == 200
    assert reply.json == expected


def test_the_documents_unencoded_space_never_breaks_the_server(client: Client) -> None:
    # A request line with a raw space is not HTTP; a browser encodes it. Whatever the answer, it is no 5xx.
    assert client.get("/api/models/Object Detection").status < 500


def test_the_file_that_was_installed_is_the_file_that_was_sent(
    server: RealServer, installed: list[dict[str, object]]
) -> None:
    (path,) = server.data_dir.glob("models/Object Detection/yolox_s.pth")
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(WEIGHTS).digest()


def test_a_status_has_the_documents_three_fields(installed: list[dict[str, object]]) -> None:
    for status in installed:
        assert status["status"] in {"running", "completed", "error"}
        assert type(status["progress"]) is int
        assert 0 <= status["progress"] <= 100
        assert isinstance(status["message"], str)
        assert status["message"]


def test_progress_never_goes_back_and_ends_at_100(installed: list[dict[str, object]]) -> None:
    progress = [status["progress"] for status in installed]
    assert progress == sorted(progress, key=int)
    assert progress[-1] == 100


def test_downloading_what_is_installed_gives_a_completed_job(
    client: Client, installed, origin: Origin
) -> None:
    reply = client.post("/api/models/download/yolox_s")
    assert reply.status in {200, 202}
    status = client.get(f"/api/downloads/status/{reply.json['job_id']}").json
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert origin.transfers[DOCUMENT_MODEL] == 1


def test_a_saved_file_is_read_and_listed(client: Client) -> None:
    saved = client.post("/api/files/save", json={"path": "my_node/config.json", "content": {"key": "value"}})
    assert saved.status == 200, saved
    assert saved.json["success"] is True
    assert saved.json["path"] == "my_node/config.json"
    assert type(saved.json["size"]) is int
    assert isinstance(saved.json["etag"], str)

    read = client.get("/api/files/read?path=my_node/config.json")
    assert read.status == 200
    assert read.json["success"] is True
    assert read.json["path"] == "my_node/config.json"
    assert read.json["content"] == {"key": "value"}
    assert read.json["size"] == saved.json["size"]
    assert read.json["etag"] == saved.json["etag"]

    listed = client.get("/api/files/list?path=my_node")
    assert listed.status == 200
    (entry,) = listed.json
    assert entry["name"] == "config.json"
    assert entry["path"] == "my_node/config.json"
    assert entry["type"] == "file"
    assert entry["size"] == saved.json["size"]
    assert "modified" in entry


def test_an_upload_in_chunks_completes_with_the_documents_reply(client: Client) -> None:
    data = bytes(range(256)) * 1000
    fields = {"filename": "file.mp4", "sessionId": "session_id", "nodeId": "nodeId", "nodeName": "NodeName"}
    *earlier, last = upload(client, data, **fields)
    for reply in earlier:
        assert reply["success"] is True
        assert reply["completed"] is False
    assert last["success"] is True
    assert last["completed"] is True
    assert last["filePath"] == "/temp/uploads/session_id/NodeName_nodeId/file.mp4"
    assert client.get(last["filePath"]).body == data


def test_an_uploaded_recording_is_trimmed_to_the_documents_range(client: Client, recording: bytes) -> None:
    last = upload(client, recording, filename="audio.mp3", sessionId="abc123", nodeId="5", nodeName="Audio")[
        -1
    ]
    reply = client.post(
        "/api/audio/trim",
        json={"filePath": last["filePath"], "start": 10.5, "end": 25.0, "sessionId": "abc123"},
    )
    assert reply.status == 200, reply
    assert reply.json["success"] is True
    assert re.fullmatch(r"/temp/AudioTrim/audio_trimmed_\d+\.mp3", reply.json["filePath"]), reply.json
    clip = client.get(quote(reply.json["filePath"]))
    assert clip.status == 200
    samples, rate = soundfile.read(io.BytesIO(clip.body))
    assert rate == 44100
    assert len(samples) / rate == pytest.approx(14.5, abs=0.1)
    loudness = [
        np.abs(samples[int(second * rate) : int((second + 0.3) * rate)]).max() for second in (0.1, 13.9)
    ]
    assert loudness == pytest.approx([0.1 + 0.02 * 10, 0.1 + 0.02 * 24], abs=0.03)


def test_what_was_uploaded_is_served_in_ranges(client: Client) -> None:
    data = bytes(range(256)) * 40
    path = str(upload(client, data, filename="ranged.bin")[-1]["filePath"])
    part = client.get(path, headers={"Range": "bytes=100-299"})
    assert part.status == 206
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(data)}"
    assert part.body == data[100:300]
    whole = client.head(path)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status == 304
