"""The upload route and /temp over HTTP."""

import hashlib
import os

import pytest

from .bench import PATH
from .forms import HEADERS, form


def post(api, *args, headers=None, **kwargs):
    return api.post("/api/upload", data=form(*args, **kwargs), headers={**HEADERS, **(headers or {})})


def test_the_last_missing_chunk_is_answered_as_documented(api):
    first = post(api, 1, 2, b"b", file="first")
    assert (first.status, first.json["success"], first.json["completed"]) == (200, True, False)
    assert "filePath" not in first.json
    last = post(api, 0, 2, b"aaaa", file="last")
    assert last.json == {
        "success": True,
        "completed": True,
        "filePath": PATH,
        "chunkIndex": 0,
        "receivedChunks": 2,
        "totalChunks": 2,
        "receivedBytes": 5,
        "size": 5,
    }
    assert api.get(PATH).body == b"aaaab"


def test_a_large_chunk_arrives_whole(api):
    data = os.urandom(5_000_000)
    reply = post(api, 0, 1, data)
    assert hashlib.sha256(api.get(reply.json["filePath"]).body).digest() == hashlib.sha256(data).digest()


def test_thirty_six_duplicates_in_parallel_are_all_welcome(api):
    parts = [os.urandom(20_000) for _ in range(12)]
    replies = api.gather(
        api.fetch("POST", "/api/upload", data=form(i, 12, parts[i], file=file), headers=HEADERS)
        for file in ("first", "last", "nodeId")
        for i in range(12)
    )
    assert {reply.status for reply in replies} == {200}
    assert any(reply.json["completed"] for reply in replies)
    assert api.get(PATH).body == b"".join(parts)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (form(5, 2, b"x"), HEADERS, 400),
        (form(0, 2, b"x", sessionId=None), HEADERS, 400),
        (form(0, 2, b"x")[:-10], HEADERS, 400),
        (b"", HEADERS, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (form(0, 2, b"x"), {"Content-Type": "multipart/form-data"}, 400),
        (form(0, 2, b"x", chunkHash="crc32:00000000"), HEADERS, 422),
    ],
)
def test_a_refusal_speaks_to_third_party_uploaders_too(api, body, headers, status):
    reply = api.post("/api/upload", data=body, headers=headers)
    assert reply.status == status
    assert reply.json["success"] is False
    assert reply.json["error"] == reply.json["message"]
    assert {"code", "hint", "retryable", "requestId"} <= reply.json.keys()


class TestLimits:
    @pytest.fixture
    def nodeapi_config(self):
        return {"Uploads": {"max_chunk_bytes": 1000, "max_file_bytes": 1500}}

    @pytest.mark.parametrize("file", ["first", "last"])
    def test_a_chunk_over_the_limit_is_413_and_the_connection_lives(self, api, file):
        reply = post(api, 0, 1, b"x" * 1001, file=file)
        assert (reply.status, reply.json["maxChunkSize"]) == (413, 1000)
        assert post(api, 0, 1, b"x" * 1000, file=file).json["completed"]

    def test_a_body_over_the_limit_is_413(self, api):
        reply = post(api, 0, 1, b"x" * 3_000_000)
        assert (reply.status, reply.json["success"]) == (413, False)

    def test_a_file_over_the_limit_is_413(self, api):
        assert post(api, 0, 2, b"x" * 1000).status == 200
        reply = post(api, 1, 2, b"x" * 501)
        assert (reply.status, reply.json["maxFileSize"]) == (413, 1500)


@pytest.mark.parametrize("headers", [{}, {"X-Something": "else"}])
def test_strangers_are_refused(api, headers):
    reply = api.post("/api/upload", data=form(0, 1, b"x"), headers={**HEADERS, **headers}, token=False)
    assert reply.status == 403
    assert not list(api.app.temp.path.rglob("f.bin"))


def test_temp_is_served_in_ranges_with_an_etag(api):
    post(api, 0, 1, b"0123456789", filename="a.html")
    path = PATH.replace("f.bin", "a.html")
    whole = api.get(path)
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert "html" not in whole.headers["Content-Type"]
    part = api.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert api.get(path, headers={"If-None-Match": whole.headers["Etag"]}).status == 304
    head = api.request("HEAD", path)
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "10", b"")


@pytest.mark.parametrize(
    "path",
    [
        "temp/uploads/s/Loader_7/other.bin",
        "temp/uploads/s",
        "temp/uploads/.nodeapi-partial",
        "temp/uploads/s/Loader_7/.nodeapi-node",
        "temp/..%2f..%2fetc/passwd",
        "temp/%2e%2e/%2e%2e/etc/passwd",
        "temp/uploads/s/Loader_7/f.bin/x",
        "temp/uploads/%00",
        "temp//etc/passwd",
    ],
)
def test_temp_gives_nothing_but_finished_files(api, path):
    post(api, 0, 1, b"data")
    post(api, 0, 2, b"data", filename="g.bin")
    reply = api.get(path, raw=True)
    assert reply.status in {400, 404}
    assert str(api.app.temp.path) not in reply.body.decode()


def test_an_owner_is_only_whom_a_hub_vouches_for(api):
    post(api, 0, 1, b"data")
    assert not list(api.app.temp.path.rglob(".nodeapi-owner"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/upload", 400),
        ("GET", "/api/files/raw", 400),
        ("HEAD", "/api/files/raw", 400),
        ("HEAD", "/api/upload/tus/none", 404),
    ],
)
def test_a_body_that_no_verb_asked_for_is_ignored(api, method, path, status):
    reply = api.request(method, path, data=b"hello" * 50_000, headers={"Tus-Resumable": "1.0.0"})
    assert reply.status == status
