"""A member's own server behind the Hub: each documented route, with a cookie and with tokens; nobody else's."""

from __future__ import annotations

import io
import json
import re
import time

import numpy as np
import pytest
import requests
import soundfile

from .real_hub import MODEL, Member, RealHub

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
CREDENTIALS = ["cookie", "token", "scoped token"]


@pytest.fixture(scope="module")
def ann(hub: RealHub) -> dict[str, Member]:
    """Ann at her own server, by what she shows."""
    own = f"{hub.url}/user/ann"
    return {
        "cookie": hub.enter(hub.browser("ann"), "/user/ann"),
        "token": hub.token("ann").at(own),
        "scoped token": hub.token("ann", "access:servers!user=ann").at(own),
    }


@pytest.fixture(params=CREDENTIALS)
def member(request: pytest.FixtureRequest, ann: dict[str, Member]) -> Member:
    return ann[request.param]


def a_second_of_sound() -> bytes:
    file = io.BytesIO()
    tone = np.sin(np.arange(2 * 8000) / 10).astype("float32") * 0.5
    soundfile.write(file, tone, 8000, format="WAV", subtype="FLOAT")
    return file.getvalue()


def upload(member: Member, name: str, data: bytes, session: str = "hub") -> requests.Response:
    half = len(data) // 2
    for index, chunk in enumerate((data[:half], data[half:])):
        fields = {"filename": name, "chunkIndex": str(index), "totalChunks": "2"}
        fields |= {"sessionId": session, "nodeId": "1", "nodeName": "Node"}
        reply = member.post("/api/upload", files={"file": ("blob", chunk)}, data=fields)
        assert reply.status_code == 200, reply.text
    return reply


def completed(member: Member, job_id: str) -> dict[str, object]:
    deadline = time.monotonic() + 60
    while True:
        reply = member.get(f"/api/downloads/status/{job_id}")
        assert reply.status_code == 200, reply.text
        status = reply.json()
        if status["status"] != "running":
            return status
        assert time.monotonic() < deadline, status


def test_models_are_listed_installed_and_found_by_category(member: Member) -> None:
    reply = member.get("/api/models")
    assert reply.status_code == 200, reply.text
    assert "shared/model" in [model["id"] for model in reply.json()]
    started = member.post("/api/models/download/shared/model")
    assert started.status_code in {200, 202}, started.text
    status = completed(member, started.json()["job_id"])
    assert (status["status"], status["progress"]) == ("completed", 100), status
    listed = member.get("/api/models/Team%20Models").json()
    assert listed == [{"name": "shared", "path": "Team Models/shared.bin"}]


def test_files_are_saved_read_and_listed(member: Member) -> None:
    saved = member.post("/api/files/save", json={"path": "my_node/config.json", "content": {"key": "value"}})
    assert saved.status_code == 200, saved.text
    assert saved.json()["success"] is True
    read = member.get("/api/files/read?path=my_node/config.json")
    assert read.json()["content"] == {"key": "value"}
    assert [entry["name"] for entry in member.get("/api/files/list?path=my_node").json()] == ["config.json"]


def test_a_recording_is_uploaded_trimmed_and_played(member: Member) -> None:
    path = upload(member, "audio.wav", a_second_of_sound()).json()["filePath"]
    assert path == "/temp/uploads/hub/Node_1/audio.wav"
    trimmed = member.post(
        "/api/audio/trim", json={"filePath": path, "start": 0.5, "end": 1.5, "sessionId": "hub"}
    )
    assert trimmed.status_code == 200, trimmed.text
    assert re.fullmatch(r"/temp/AudioTrim/audio_trimmed_\d+\.wav", trimmed.json()["filePath"])
    played = member.get(trimmed.json()["filePath"], headers={"Range": "bytes=0-3"})
    assert (played.status_code, played.content) == (206, b"RIFF")


def test_a_chunk_of_eight_mebibytes_passes_the_proxy(member: Member) -> None:
    data = MODEL * 32
    path = upload(member, "big.bin", data).json()["filePath"]
    assert member.get(path).content == data


def test_events_reach_a_member_through_the_proxy_as_they_happen(member: Member) -> None:
    with member.get("/api/downloads/events", stream=True) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines(decode_unicode=True)
        job_id = member.post("/api/models/download/shared/model").json()["job_id"]
        for line in lines:
            if line.startswith("data:") and json.loads(line[5:]).get("job_id") == job_id:
                break


def test_the_page_and_the_description_are_there(member: Member) -> None:
    assert member.get("/nodeapi").status_code == 200
    described = member.get("/api/nodeapi/openapi.json").json()
    assert described["servers"][0]["url"].startswith("/user/ann")
    assert member.get("/api/nodeapi").status_code == 200


READS = [
    "/api/models",
    "/api/files/list",
    "/api/downloads",
    "/api/nodeapi",
    "/temp/uploads/hub/Node_1/audio.wav",
]
WRITES = ["/api/files/save", "/api/upload", "/api/audio/trim", "/api/models/download/shared/model"]


def refused(reply: requests.Response) -> None:
    assert reply.status_code in {401, 403}, (reply.status_code, reply.text[:300])
    assert {"code", "message", "hint"} <= set(reply.json())


@pytest.mark.parametrize("credential", ["cookie", "token"])
def test_another_member_is_refused_everywhere(hub: RealHub, credential: str) -> None:
    bob = hub.enter(hub.browser("bob"), "/user/bob") if credential == "cookie" else hub.token("bob")
    stranger = bob.at(f"{hub.url}/user/ann")
    for path in READS:
        refused(stranger.get(path))
    for path in WRITES:
        refused(stranger.post(path, json={}))


def test_a_visitor_without_an_account_is_refused_everywhere(hub: RealHub) -> None:
    visitor = Member(f"{hub.url}/user/ann")
    for path in READS:
        refused(visitor.get(path))
    for path in WRITES:
        refused(visitor.post(path, json={}))


def test_a_cookie_without_its_xsrf_header_changes_nothing(ann: dict[str, Member]) -> None:
    browser = ann["cookie"].at(ann["cookie"].base)
    del browser.headers["X-XSRFToken"]
    for path in WRITES:
        refused(browser.post(path, json={}))


def test_a_foreign_xsrf_token_is_refused(ann: dict[str, Member], hub: RealHub) -> None:
    bob = hub.enter(hub.browser("bob"), "/user/bob")
    browser = ann["cookie"].at(ann["cookie"].base)
    browser.headers["X-XSRFToken"] = bob.headers["X-XSRFToken"]
    refused(browser.post("/api/files/save", json={"path": "x.json", "content": 1}))


def test_two_members_do_not_see_each_others_files(ann: dict[str, Member], hub: RealHub) -> None:
    bob = hub.token("bob").at(f"{hub.url}/user/bob")
    body = {"path": "private/note.json", "content": "ann's"}
    assert ann["token"].post("/api/files/save", json=body).status_code == 200
    assert bob.get("/api/files/read?path=private/note.json").status_code == 404
