"""The documented routes of models, over a real server, field by field."""

from __future__ import annotations

import hashlib
import json
import os
import time

import pytest

pytestmark = pytest.mark.slow

DATA = os.urandom(400_000)
ENTRY = {
    "id": "yolox_s",
    "name": "YOLOX S",
    "category": "Object Detection",
    "source": {"type": "huggingface", "url": "Megvii-BaseDetection/YOLOX"},
    "files": [{"path": "yolox_s.pth"}],
}


def registry(*entries):
    return {"version": 1, "models": list(entries)}


@pytest.fixture
def nodeapi_config(hub):
    hub.add("Megvii-BaseDetection/YOLOX", {"yolox_s.pth": DATA})
    hub.add("org/gated", {"a.pth": b"x"}, gated=True)
    entries = [
        ENTRY,
        {
            **ENTRY,
            "id": "org/name",
            "name": "Several",
            "files": [{"path": "a.bin", "from": "yolox_s.pth"}, {"path": "b/c.bin", "from": "yolox_s.pth"}],
            "tags": ["big"],
        },
        {
            **ENTRY,
            "id": "gated",
            "source": {"type": "huggingface", "url": "org/gated", "gated": True},
            "files": [{"path": "gated.pth"}],
        },
        {
            **ENTRY,
            "id": "hand",
            "category": "By Hand",
            "files": [{"path": "hand.pth", "size": 4, "sha256": hashlib.sha256(b"good").hexdigest()}],
        },
        {
            **ENTRY,
            "id": "vague",
            "category": "By Hand",
            "files": [{"path": "vague.pth", "from": "yolox_s.pth"}],
        },
        {"id": "../evil", "name": "x", "category": "x", "source": {"type": "url", "url": "https://h/x"}},
    ]
    return {
        "NodeApiApp": {"disk_reserve_bytes": 0},
        "Models": {"allowed_origins": [hub.cdn_url], "builtin": False, "entries": [registry(*entries)]},
        "Jobs": {"backoff_seconds": 0.01, "tries": 3},
    }


@pytest.fixture
def models_dir(tmp_path):
    return tmp_path / "nodeapi" / "models"


def wait(api, job_id, *states):
    """Ask for the status until it is in one of these states."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        reply = api.get(f"/api/downloads/status/{job_id}")
        assert reply.status == 200
        if reply.json["state"] in (states or ("completed", "error", "cancelled")):
            return reply.json
    raise AssertionError(reply.json)


def install(api, model_id):
    reply = api.post(f"/api/models/download/{model_id}")
    assert reply.status == 202, reply.body
    assert set(reply.json) == {"job_id"}
    return wait(api, reply.json["job_id"])


def row(api, model_id):
    return next(item for item in api.get("/api/models").json if item["id"] == model_id)


def test_the_list_is_bare_and_each_row_has_the_documented_fields(api):
    reply = api.get("/api/models")
    assert reply.status == 200
    assert row(api, "yolox_s") == {
        "id": "yolox_s",
        "name": "YOLOX S",
        "category": "Object Detection",
        "source": {"type": "huggingface", "url": "Megvii-BaseDetection/YOLOX"},
        "installed": False,
    }
    assert reply.headers["X-Total-Count"] == "5"


def test_a_download_is_documented_from_start_to_end(api, models_dir):
    assert api.get("/api/models/Object Detection").json == []
    status = install(api, "yolox_s")
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert status["model_id"] == "yolox_s"
    assert row(api, "yolox_s")["installed"] is True
    assert row(api, "yolox_s")["verified"] is True
    expected = [{"name": "yolox_s", "path": "Object Detection/yolox_s.pth"}]
    assert api.get("/api/models/Object Detection").json == expected
    assert api.get("/api/models/Object%20Detection", raw=False).json == expected
    assert (models_dir / "Object Detection/yolox_s.pth").read_bytes() == DATA


def test_an_installed_model_gives_a_completed_job_and_no_transfer(api, hub):
    first = install(api, "yolox_s")
    moved = len(hub.seen("cdn"))
    second = install(api, "yolox_s")
    assert second["job_id"] != first["job_id"]
    assert (second["status"], second["progress"], second["message"]) == (
        "completed",
        100,
        "Already installed.",
    )
    assert len(hub.seen("cdn")) == moved


def test_twenty_posts_at_once_are_one_job_and_one_transfer(api, hub):
    replies = api.gather([api.fetch("POST", "/api/models/download/yolox_s") for _ in range(20)])
    assert {reply.status for reply in replies} == {202}
    assert len({reply.json["job_id"] for reply in replies}) == 1
    assert wait(api, replies[0].json["job_id"])["status"] == "completed"
    assert len(hub.seen("cdn")) == 1


@pytest.mark.parametrize("path", ["/api/models/download/org/name", "/api/models/download/org%2Fname"])
def test_an_id_with_a_slash_works_raw_and_encoded(api, path):
    reply = api.post(path)
    assert reply.status == 202
    assert wait(api, reply.json["job_id"])["status"] == "completed"
    assert [file["path"] for file in api.get("/api/models/Object Detection").json] == [
        "Object Detection/org/name/a.bin",
        "Object Detection/org/name/b/c.bin",
    ]


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_a_transfer_that_breaks_or_goes_silent_is_tried_again_and_goes_on(api, hub, monkeypatch, fault):
    told = api.app.jobs._driver.kinds["download"].context
    monkeypatch.setitem(told, "stall_seconds", 0.5)
    hub.faults.add(fault, at=200_000)
    status = install(api, "yolox_s")
    assert status["status"] == "completed"
    assert "range" in hub.seen("cdn")[1].headers


def test_a_failed_download_says_why_and_leaves_nothing(api, models_dir):
    status = install(api, "gated")
    assert (status["status"], status["state"], status["code"]) == ("error", "error", "token_missing")
    assert "gated" in status["message"]
    assert "HF_TOKEN" in status["hint"]
    assert not (models_dir / "Object Detection").exists()
    assert row(api, "gated")["installed"] is False


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("model_id", ["nope", "../evil", "..%2F..%2Fetc%2Fpasswd", "%00", "a" * 300])
def test_an_unknown_id_is_not_found_and_names_no_path(api, method, model_id, tmp_path):
    reply = getattr(api, method)(f"/api/models/download/{model_id}")
    assert reply.status == 404
    assert {"code", "message", "hint", "requestId"} <= set(reply.json)
    assert str(tmp_path) not in reply.body.decode()


@pytest.mark.parametrize(
    "category", ["none", "..", "%2e%2e%2f", "a%2Fb", "%00", ".nodeapi", ".nodeapi%2Fmanifests"]
)
def test_an_unknown_category_is_empty(api, category):
    install(api, "yolox_s")
    reply = api.get(f"/api/models/{category}")
    assert (reply.status, reply.json) == (200, [])


def test_a_file_put_there_by_hand_is_listed_and_adopted(api, models_dir):
    folder = models_dir / "By Hand"
    folder.mkdir(parents=True)
    (folder / "hand.pth").write_bytes(b"good")
    (folder / "vague.pth").write_bytes(b"whatever")
    (folder / "other.bin").write_bytes(b"")
    assert [file["name"] for file in api.get("/api/models/By Hand").json] == ["hand", "other", "vague"]
    assert (row(api, "hand")["installed"], row(api, "hand")["verified"]) == (True, True)
    assert (row(api, "vague")["installed"], row(api, "vague")["verified"]) == (True, False)
    assert install(api, "hand")["message"] == "Already installed."


@pytest.mark.parametrize("content", [b"evil", b"longer"])
def test_another_file_in_an_entrys_place_is_modified_and_kept(api, models_dir, content):
    path = models_dir / "By Hand/hand.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert (row(api, "hand")["installed"], row(api, "hand")["problem"]) == (False, "modified")
    reply = api.post("/api/models/download/hand")
    assert (reply.status, reply.json["code"]) == (409, "exists")
    assert api.delete("/api/models/download/hand").status == 409
    assert path.read_bytes() == content
    assert api.delete("/api/models/download/hand", params={"force": "true"}).json["removed"] == [
        "By Hand/hand.pth"
    ]
    assert not path.exists()


def test_uninstalling_removes_what_was_installed_and_says_so(api, models_dir):
    install(api, "org/name")
    reply = api.delete("/api/models/download/org/name")
    assert reply.json == {
        "success": True,
        "id": "org/name",
        "removed": ["Object Detection/org/name/a.bin", "Object Detection/org/name/b/c.bin"],
        "kept": [],
    }
    assert row(api, "org/name")["installed"] is False
    assert not (models_dir / "Object Detection").exists()
    assert api.delete("/api/models/download/org/name").status == 404


def test_uninstalling_leaves_a_file_that_a_person_changed(api, models_dir):
    install(api, "org/name")
    mine = models_dir / "Object Detection/org/name/b/c.bin"
    mine.write_bytes(b"mine")
    (mine.parent / "extra.txt").write_bytes(b"also mine")
    assert row(api, "org/name")["problem"] == "modified"
    reply = api.delete("/api/models/download/org/name").json
    assert (reply["removed"], reply["kept"]) == (
        ["Object Detection/org/name/a.bin"],
        ["Object Detection/org/name/b/c.bin"],
    )
    assert mine.read_bytes() == b"mine"


def test_a_model_that_lost_a_file_is_missing_and_mended_by_a_download(api, models_dir):
    install(api, "org/name")
    (models_dir / "Object Detection/org/name/a.bin").unlink()
    assert row(api, "org/name")["problem"] == "missing"
    assert install(api, "org/name")["status"] == "completed"
    assert row(api, "org/name")["installed"] is True


def test_verify_finds_a_flipped_byte_that_size_and_time_do_not_show(api, models_dir):
    install(api, "yolox_s")
    good = api.post("/api/models/verify/yolox_s").json
    assert (good["installed"], good["verified"], good["problem"]) == (True, True, None)
    assert good["files"][0]["sha256"] == hashlib.sha256(DATA).hexdigest()
    path = models_dir / "Object Detection/yolox_s.pth"
    facts = path.stat()
    path.write_bytes(bytes([DATA[0] ^ 1]) + DATA[1:])
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    bad = api.post("/api/models/verify/yolox_s").json
    assert (bad["installed"], bad["problem"], bad["files"][0]["state"]) == (False, "modified", "modified")
    assert row(api, "yolox_s")["installed"] is False
    assert api.post("/api/models/download/yolox_s").status == 409
    reply = api.post("/api/models/download/yolox_s", params={"replace": "true"})
    assert wait(api, reply.json["job_id"])["status"] == "completed"
    assert row(api, "yolox_s")["installed"] is True


def test_verify_accepts_a_file_that_was_only_touched(api, models_dir):
    install(api, "yolox_s")
    os.utime(models_dir / "Object Detection/yolox_s.pth", (1, 1))
    assert row(api, "yolox_s")["problem"] == "modified"
    assert api.post("/api/models/verify/yolox_s").json["installed"] is True
    assert row(api, "yolox_s")["installed"] is True
    assert api.post("/api/models/verify/gated").status == 404


def test_a_plan_says_files_bytes_and_space_before_anything_moves(api, hub):
    reply = api.get("/api/models/plan/yolox_s")
    assert reply.status == 200
    plan = reply.json
    assert plan["files"] == [
        {
            "path": "yolox_s.pth",
            "size": len(DATA),
            "verified_by": "sha256",
            "action": "fetch",
            "unsafe": False,
        }
    ]
    assert (plan["total_bytes"], plan["download_bytes"], plan["enough_space"]) == (len(DATA), len(DATA), True)
    assert plan["free_bytes"] > 0
    assert hub.seen("hub") == hub.seen("cdn") == []
    install(api, "yolox_s")
    plan = api.get("/api/models/plan/yolox_s").json
    assert (plan["installed"], plan["download_bytes"], plan["files"][0]["action"]) == (True, 0, "keep")


def test_a_plan_of_a_gated_model_says_what_to_do(api):
    reply = api.get("/api/models/plan/gated")
    assert (reply.status, reply.json["code"]) == (422, "token_missing")


def test_resolve_says_what_is_here_what_can_come_and_what_nobody_knows(api):
    install(api, "yolox_s")
    reply = api.post(
        "/api/models/resolve",
        json={"ids": ["yolox_s", "gated", "nope"], "names": ["VAGUE.pth", "several", "x.ckpt"]},
    )
    assert reply.status == 200
    assert [item["asked"] for item in reply.json["installed"]] == ["yolox_s"]
    assert [item["ids"] for item in reply.json["missing"]] == [["gated"], ["vague"], ["org/name"]]
    assert reply.json["unknown"] == ["nope", "x.ckpt"]


def test_search_filters_orders_and_pages(api):
    def ids(**params):
        return [item["id"] for item in api.get("/api/models", params=params).json]

    install(api, "yolox_s")
    assert ids(q="SEVERAL") == ["org/name"]
    assert ids(tag="big") == ["org/name"]
    assert ids(category="By Hand") == ["hand", "vague"]
    assert ids(installed="true") == ["yolox_s"]
    assert len(ids(installed="false")) == 4
    assert ids(sort="-id") == sorted(ids(), reverse=True)
    first = api.get("/api/models", params={"limit": 2, "sort": "id"})
    assert first.headers["X-Total-Count"] == "5"
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    path = link[link.index("api/") : link.index(">")]
    second = api.request("GET", path, raw=True).json
    assert [item["id"] for item in [*first.json, *second]] == sorted(ids())[:4]


@pytest.mark.parametrize(
    "params", [{"sort": "x"}, {"limit": 0}, {"limit": "x"}, {"cursor": "!"}, {"installed": "maybe"}]
)
def test_a_wrong_argument_is_named(api, params):
    reply = api.get("/api/models", params=params)
    assert reply.status == 400
    assert reply.json["field"] == next(iter(params))


def test_an_unchanged_list_is_304_and_a_change_is_seen(api):
    etag = api.get("/api/models").headers["Etag"]
    assert api.get("/api/models", headers={"If-None-Match": etag}).status == 304
    install(api, "yolox_s")
    reply = api.get("/api/models", headers={"If-None-Match": etag})
    assert reply.status == 200
    assert reply.headers["Etag"] != etag


def test_cancel_deletes_the_partial_and_pause_keeps_it(api, hub, models_dir):
    for verb, kept in (("pause", True), ("cancel", False)):
        hub.faults.add("stall", at=200_000)
        job_id = api.post("/api/models/download/yolox_s").json["job_id"]
        deadline = time.monotonic() + 10
        while api.get(f"/api/downloads/status/{job_id}").json["bytes"] < 60_000:
            assert time.monotonic() < deadline
        assert api.post(f"/api/downloads/{job_id}/{verb}").status == 200
        wait(api, job_id, "paused", "cancelled")
        while bool(list(models_dir.glob(".nodeapi/partial/*/files/*"))) is not kept:
            assert time.monotonic() < deadline
            api.get("/api/downloads")  # the server's loop turns only while it is asked
    hub.faults.clear()
    assert install(api, "yolox_s")["status"] == "completed"


def test_cancelling_one_of_three_takes_no_time_and_leaves_the_others_alone(api, hub):
    hub.faults.add("slow", times=9, value=20_000)
    path = "/api/models/download"
    others = [api.post(f"{path}/{name}").json["job_id"] for name in ("yolox_s", "vague")]
    taken = []
    for _ in range(3):
        job_id = api.post(f"{path}/org/name").json["job_id"]
        while api.get(f"/api/downloads/status/{job_id}").json["stage"] != "downloading":
            pass
        begun = time.monotonic()
        assert api.post(f"/api/downloads/{job_id}/cancel").json["state"] == "cancelled"
        taken.append(time.monotonic() - begun)
    assert min(taken) < 0.2
    for job_id in others:
        assert wait(api, job_id)["state"] == "completed"
    assert len(hub.seen("cdn")) <= 5  # nobody began anew


def test_a_model_is_not_uninstalled_while_it_comes(api, hub):
    hub.faults.add("stall", at=1000)
    job_id = api.post("/api/models/download/yolox_s").json["job_id"]
    reply = api.delete("/api/models/download/yolox_s")
    assert (reply.status, reply.json["code"]) == (409, "downloading")
    api.post(f"/api/downloads/{job_id}/cancel")
    wait(api, job_id, "cancelled")


def test_a_bad_entry_is_a_diagnostic_of_the_server(api):
    problems = api.get("/api/nodeapi").json["registry"]["diagnostics"]
    assert [problem["model"] for problem in problems] == ["../evil"]


def test_a_token_is_in_no_reply_and_no_record(api, hub, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong_and_secret")
    status = install(api, "yolox_s")
    assert status["code"] == "token_invalid"
    kept = [path.read_bytes() for path in (tmp_path / "nodeapi").rglob("*") if path.is_file()]
    assert b"hf_wrong_and_secret" not in b"".join(kept) + json.dumps(status).encode()
