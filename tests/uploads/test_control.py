"""How far an upload is, cancelling it, what lies there, and what clients should know."""

import os
import re
import time

import pytest

from .bench import PATH
from .forms import HEADERS, form

WHO = {"sessionId": "s", "filename": "f.bin", "nodeId": "7", "nodeName": "Loader"}


def post(api, *args, **kwargs):
    return api.post("/api/upload", data=form(*args, **kwargs), headers=HEADERS)


def status(api, **query):
    return api.get("/api/upload", params={**WHO, **query})


def test_the_status_tells_ranges_until_it_tells_the_path(api):
    post(api, 0, 5, b"aaaa")
    post(api, 2, 5, b"cccc")
    post(api, 3, 5, b"dddd")
    found = status(api).json
    del found["expiresAt"]
    assert found == {
        "success": True,
        "completed": False,
        "totalChunks": 5,
        "received": [[0, 0], [2, 3]],
        "missing": [[1, 1], [4, 4]],
        "size": 12,
        "chunkSize": 4,
    }
    post(api, 1, 5, b"bbbb")
    post(api, 4, 5, b"e")
    found = status(api).json
    assert (found["completed"], found["filePath"], found["missing"]) == (True, PATH, [])


def test_an_unfinished_upload_tells_when_it_expires_and_a_finished_one_does_not(api):
    post(api, 0, 2, b"a")
    (folder,) = api.app.uploads.store.shelf.folder.iterdir()
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (1_000_000.5, 1_000_000.5))
    ttl = api.app.uploads.partial_ttl_seconds
    assert status(api).json["expiresAt"] == status(api, chunkIndex=0).json["expiresAt"] == 1_000_000 + ttl
    begun = int(time.time())
    post(api, 1, 3, b"b", filename="g.bin")
    found = status(api, filename="g.bin").json["expiresAt"]
    assert begun + ttl <= found <= time.time() + ttl
    post(api, 1, 2, b"b")
    assert "expiresAt" not in status(api).json


def test_a_chunk_that_is_missing_is_204_and_never_404(api):
    assert status(api, chunkIndex=0).status == 204
    post(api, 1, 2, b"b")
    assert status(api, chunkIndex=0).status == 204
    assert status(api, chunkIndex=1, resumableChunkNumber=2).status == 200
    post(api, 0, 2, b"a")
    assert status(api, chunkIndex=0).json["filePath"] == PATH


def test_an_unknown_upload_is_404(api):
    assert status(api).status == 404
    assert api.delete("/api/upload", params=WHO).status == 404
    assert list(api.app.temp.path.rglob("*")) == []


@pytest.mark.parametrize(
    "query", [{}, {"sessionId": "s"}, {**WHO, "filename": ".."}, {**WHO, "chunkIndex": "x"}]
)
def test_a_wrong_question_is_400(api, query):
    reply = api.get("/api/upload", params=query)
    assert (reply.status, reply.json["success"]) == (400, False)


def test_a_cancelled_upload_refuses_late_chunks_until_it_is_begun_again(api):
    post(api, 0, 2, b"a")
    assert api.delete("/api/upload", params=WHO).json == {"success": True, "cancelled": True}
    assert post(api, 1, 2, b"b").status == 410
    assert post(api, 0, 2, b"a", file="first").status == 410
    assert status(api).status == 410
    assert status(api, chunkIndex=0).status == 204
    assert api.delete("/api/upload", params=WHO).status == 200
    assert post(api, 0, 2, b"a", restart="true").status == 200
    assert post(api, 1, 2, b"b").json["completed"]


def test_cancelling_a_finished_upload_removes_its_file(api):
    post(api, 0, 1, b"a")
    assert api.delete("/api/upload", params=WHO).status == 200
    assert api.get(PATH).status == 404


def test_what_lies_there_is_listed(api):
    post(api, 0, 1, b"aaa")
    post(api, 0, 2, b"bb", filename="g.bin")
    post(api, 0, 1, b"c", sessionId="t")
    items = {item["filePath"]: (item["completed"], item["size"]) for item in api.get("/api/uploads").json}
    assert items == {
        PATH: (True, 3),
        "/temp/uploads/t/Loader_7/f.bin": (True, 1),
        "/temp/uploads/s/Loader_7/g.bin": (False, 2),
    }
    assert len(api.get("/api/uploads", params={"sessionId": "t"}).json) == 1
    assert len(api.get("/api/uploads", params={"limit": 2}).json) == 2


def test_the_config_tells_limits_and_where_tus_is(api):
    config = api.get("/api/upload/config").json
    assert config["maxChunkSize"] == 64 * 2**20
    assert config["maxFileSize"] is None
    assert config["tusUrl"].endswith("/api/upload/tus")
    assert 507 in config["permanentErrors"]
    assert config["defaultSession"] == "notebook"
    assert re.fullmatch("[0-9a-f]{32}", config["serverId"])
    assert api.get("/api/upload/config").json["serverId"] == config["serverId"]


def test_on_a_shared_server_each_user_begins_in_a_session_of_their_own(bench):
    sessions = [bench.uploads.advice("", owner).default_session for owner in ("", "ann", "bob")]
    assert sessions == ["notebook", "notebook-ann", "notebook-bob"]


def test_every_process_has_a_server_id_of_its_own(bench):
    before = bench.uploads.advice("").server_id
    bench.restart()
    assert bench.uploads.advice("").server_id != before
