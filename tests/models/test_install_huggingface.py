"""Models from the Hub: what comes is what was promised, or nothing comes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from jupyter_nodeapi.errors import Conflict, Forbidden, InsufficientStorage, NodeApiError
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from jupyter_nodeapi.models.staging import Store
from tests.models.conftest import entry

pytestmark = pytest.mark.slow

PTH = os.urandom(700_000)
SAFE = os.urandom(300_001)


def yolox(**fields):
    source = {"type": "huggingface", "url": "Megvii-BaseDetection/YOLOX"}
    return entry(source={**source, **fields.pop("source", {})}, **fields)


@pytest.fixture
def repository(hub):
    return hub.add(
        "Megvii-BaseDetection/YOLOX",
        {
            "yolox_s.pth": PTH,
            "model.safetensors": SAFE,
            "config.json": b"{}",
            "run.py": b"evil()",
            ".gitattributes": b"",
        },
    )


def test_one_declared_file_lands_in_its_category(online, repository):
    result = online(yolox(files=[{"path": "yolox_s.pth"}]))
    assert result == {"files": ["Things/yolox_s.pth"], "bytes": len(PTH), "revision": repository.commit}
    assert (online.models_dir / "Things/yolox_s.pth").read_bytes() == PTH
    assert online.visible == ["Things/yolox_s.pth"]
    assert online.leftovers == []


def test_several_files_land_in_a_folder_named_after_the_id(online, repository):
    online(yolox(id="org/name"))
    assert online.visible == ["Things/org/name/config.json", "Things/org/name/model.safetensors"]


def test_code_and_pickles_beside_safetensors_stay_behind_unless_they_are_named(online, repository):
    online(yolox(include=["*.pth", "*.py"], exclude=["run*"]))
    assert online.visible == ["Things/yolox_s.pth"]


def test_the_manifest_locks_commit_and_digest(online, repository):
    online(yolox(files=[{"path": "yolox_s.pth"}]))
    manifest = Store(online.models_dir).manifest("m")
    assert manifest.revision == repository.commit
    assert manifest.files[0].sha256 == hashlib.sha256(PTH).hexdigest()
    assert manifest.files[0].size == len(PTH)


def test_progress_tells_stages_in_order_and_ends_at_the_total(online, repository):
    online(yolox())
    stages = [stage for _, _, stage in online.reports if stage]
    assert stages == ["resolving", "downloading", "downloading", "installing"]
    assert online.reports[-1][:2] == (len(SAFE) + 2, len(SAFE) + 2)


def test_a_regular_file_is_checked_by_its_git_blob_hash(online, hub):
    hub.add("org/small", {"config.json": b'{"a": 1}'})
    hub.faults.add("wrong_bytes", origin="api", times=0)
    online(entry(source={"type": "huggingface", "url": "org/small"}))
    assert online.visible == ["Things/config.json"]


def test_the_token_goes_to_the_hub_and_never_to_the_cdn(online, hub, monkeypatch, repository):
    hub.tokens.add("hf_ann")
    monkeypatch.setenv("HF_TOKEN", "hf_ann")
    online(yolox(files=[{"path": "yolox_s.pth"}]))
    assert {request.headers.get("authorization") for request in hub.seen("hub")} == {"Bearer hf_ann"}
    assert {request.headers.get("authorization") for request in hub.seen("cdn")} == {None}
    kept = b"".join(path.read_bytes() for path in online.models_dir.rglob("*.json"))
    assert b"hf_ann" not in kept


def test_a_cdn_that_is_not_allowed_is_not_reached(installer, hub, repository):
    with pytest.raises(Forbidden) as caught:
        installer(yolox(files=[{"path": "yolox_s.pth"}]))
    assert caught.value.code == "address_not_allowed"
    assert hub.seen("cdn") == []
    assert installer.visible == []


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        ({"gated": True}, "token_missing"),
        ({"gated": True, "token": "hf_bob"}, "licence_not_accepted"),
        (
            {"gated": True, "token": "hf_bob", "refusal": "Your request has been rejected by the authors"},
            "access_denied",
        ),
        (
            {"gated": True, "token": "hf_bob", "refusal": "Your request is awaiting a review"},
            "access_pending",
        ),
        ({"token": "hf_wrong"}, "token_invalid"),
        ({"private": True}, "repository_not_found"),
        ({"private": True, "token": "hf_bob"}, "repository_not_found"),
        ({"revision": "no-such"}, "revision_not_found"),
        ({"file": "none.pth"}, "file_not_found"),
    ],
)
def test_each_refusal_of_the_hub_has_its_own_sentence(online, hub, monkeypatch, setup, code):
    hub.tokens.add("hf_bob")
    if "token" in setup:
        monkeypatch.setenv("HF_TOKEN", setup["token"])
    options = {name: setup[name] for name in ("gated", "private", "refusal") if name in setup}
    hub.add("org/name", {"a.pth": b"x"}, **options)
    source = {"type": "huggingface", "url": "org/name", "revision": setup.get("revision")}
    with pytest.raises(SourceRefused) as caught:
        online(entry(source=source, files=[{"path": setup.get("file", "a.pth")}]))
    assert caught.value.code == code
    assert not caught.value.retryable
    assert f"{hub.hub_url}/org/name" in caught.value.hint or code == "token_invalid"
    assert "hf_" not in caught.value.message + caught.value.hint
    assert online.visible == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "value": 503}, "source_busy"),
        ({"kind": "status", "value": 429, "headers": {"Retry-After": "7"}}, "source_busy"),
        ({"kind": "html"}, "html_page"),
        ({"kind": "close"}, "unreachable"),
    ],
)
def test_a_hub_that_fails_may_be_asked_again(online, hub, repository, fault, code):
    hub.faults.add(origin="api", times=20, **fault)
    with pytest.raises(SourceUnavailable) as caught:
        online(yolox())
    assert (caught.value.code, caught.value.retryable) == (code, True)
    if "headers" in fault:
        assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "name",
    ["a\\..\\b.safetensors", "C:x.safetensors", "CON.safetensors", "a\n.safetensors", "a//b.safetensors"],
)
def test_a_hostile_file_name_of_the_hub_installs_nothing(online, hub, name):
    hub.add("org/evil", {name: b"x", "good.safetensors": b"y"})
    with pytest.raises(SourceRefused) as caught:
        online(entry(source={"type": "huggingface", "url": "org/evil"}))
    assert caught.value.code == "unsafe_name"
    assert online.visible == []


@pytest.mark.parametrize("name", ["../../up.safetensors", "a/../../up.safetensors", ".hidden.safetensors"])
def test_a_file_name_of_the_hub_that_leads_away_is_left_behind(online, hub, name):
    hub.add("org/evil", {name: b"x", "good.safetensors": b"y"})
    online(entry(source={"type": "huggingface", "url": "org/evil"}))
    assert online.visible == ["Things/good.safetensors"]


def test_two_files_of_the_hub_that_differ_only_in_case_are_refused(online, hub):
    hub.add("org/evil", {"a.safetensors": b"x", "A.safetensors": b"y"})
    with pytest.raises(SourceRefused) as caught:
        online(entry(source={"type": "huggingface", "url": "org/evil"}))
    assert caught.value.code == "unsafe_name"


def test_the_registrys_digest_counts_more_than_the_hubs(online, repository):
    with pytest.raises(SourceRefused) as caught:
        online(yolox(files=[{"path": "yolox_s.pth", "sha256": "0" * 64}]))
    assert caught.value.code == "checksum_mismatch"


def test_a_file_in_the_models_place_is_not_overwritten_unless_asked(online, repository):
    mine = online.models_dir / "Things/yolox_s.pth"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    wanted = yolox(files=[{"path": "yolox_s.pth"}])
    with pytest.raises(Conflict):
        online(wanted)
    assert mine.read_bytes() == b"mine"
    online(wanted, replace=True)
    assert mine.read_bytes() == PTH


def test_a_small_model_waits_for_the_disk_only_for_what_must_last(online, repository, monkeypatch):
    places, fsync = [], os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (places.append(Path(f"/proc/self/fd/{fd}").readlink()), fsync(fd))
    )
    online(yolox(files=[{"path": "yolox_s.pth"}]))
    names = [place.name for place in places]
    assert len(names) == 4, names  # its bytes, its name, its manifest's bytes, its manifest's name
    assert (names[1], names[3]) == ("Things", "manifests")


def test_a_disk_that_is_too_small_is_said_before_a_byte_moves(online, hub, repository):
    with pytest.raises(InsufficientStorage) as caught:
        online(yolox(), reserve_bytes=1 << 60)
    assert caught.value.details["needed"] == len(SAFE) + 2
    assert hub.seen("hub") == hub.seen("cdn") == []


def test_a_mirror_serves_when_the_hub_does_not(online, hub, repository):
    hub.plain["y.pth"] = PTH
    hub.faults.add("status", origin="hub", value=404)
    online(yolox(files=[{"path": "yolox_s.pth", "mirrors": [f"{hub.cdn_url}/plain/y.pth"]}]))
    assert online.visible == ["Things/yolox_s.pth"]


def test_no_failure_names_a_path_of_the_server(online, hub, repository, tmp_path):
    hub.faults.add("status", origin="cdn", value=500)
    with pytest.raises(NodeApiError) as caught:
        online(yolox())
    assert str(tmp_path) not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"


def status(*rows):
    return {"securityRepoStatus": {"scansDone": True, "filesWithIssues": list(rows)}}


def test_a_file_that_the_hub_calls_unsafe_is_refused_before_a_byte_moves(online, hub, repository):
    repository.extra.update(status({"path": "yolox_s.pth", "level": "unsafe"}))
    with pytest.raises(SourceRefused, match="unsafe") as caught:
        online(yolox(files=[{"path": "m.pth", "from": "yolox_s.pth"}]))
    assert caught.value.code == "unsafe_file"
    assert "allow_unsafe" in caught.value.hint
    assert hub.seen("hub") == hub.seen("cdn") == []
    assert online.visible == []


def test_an_administrator_may_allow_what_is_unsafe(online, repository):
    repository.extra.update(status({"path": "yolox_s.pth", "level": "unsafe"}))
    online(yolox(files=[{"path": "yolox_s.pth"}]), allow_unsafe=True)
    assert online.visible == ["Things/yolox_s.pth"]


@pytest.mark.parametrize(
    "extra",
    [
        status({"path": "yolox_s.pth", "level": "suspicious"}),
        status({"path": "other.pth", "level": "unsafe"}),
        status("yolox_s.pth", {}, None),
        {"securityRepoStatus": None},
        {"securityRepoStatus": {"filesWithIssues": 3}},
    ],
)
def test_other_words_of_the_scanners_stop_nothing(online, repository, extra):
    repository.extra.update(extra)
    online(yolox(files=[{"path": "yolox_s.pth"}]))
    assert online.visible == ["Things/yolox_s.pth"]
