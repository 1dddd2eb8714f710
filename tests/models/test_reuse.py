"""Bytes that are here already are not fetched; wrong ones are never taken for them."""

from __future__ import annotations

import os

import huggingface_hub
import pytest

from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import InsufficientStorage
from jupyter_nodeapi.models.lease import Lease, promised
from jupyter_nodeapi.models.planning import describe
from jupyter_nodeapi.models.staging import Store
from tests.models.conftest import entry

DATA = os.urandom(600_000)


@pytest.fixture
def shared(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture
def wanted(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")  # read at the import, which may be this one
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    hub.add("org/big", {"weights/big.pth": DATA})
    source = {"type": "huggingface", "url": "org/big"}
    return entry(source=source, files=[{"path": "big.pth", "from": "weights/big.pth"}])


def put(folder, data):
    path = folder / "Things/big.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_a_shared_folder_with_the_right_bytes_is_used(online, hub, wanted, shared):
    put(shared, DATA)
    online(wanted, shared_dirs=[str(shared)])
    assert (online.models_dir / "Things/big.pth").read_bytes() == DATA
    assert hub.seen("cdn") == []


@pytest.mark.parametrize("data", [DATA[:-1] + b"!", DATA[:-1], b""])
def test_a_shared_folder_with_other_bytes_is_not(online, hub, wanted, shared, data):
    put(shared, data)
    online(wanted, shared_dirs=[str(shared)])
    assert (online.models_dir / "Things/big.pth").read_bytes() == DATA
    assert (shared / "Things/big.pth").read_bytes() == data
    assert len(hub.seen("cdn")) == 1


def test_a_link_out_of_the_shared_folder_is_not_followed(online, hub, wanted, shared, tmp_path):
    (tmp_path / "secret").write_bytes(DATA)
    (shared / "Things").mkdir()
    (shared / "Things/big.pth").symlink_to(tmp_path / "secret")
    online(wanted, shared_dirs=[str(shared)])
    assert len(hub.seen("cdn")) == 1


def test_the_hubs_own_cache_is_used(online, hub, wanted, tmp_path):
    huggingface_hub.hf_hub_download(
        "org/big", "weights/big.pth", endpoint=hub.hub_url, cache_dir=tmp_path / "hf", token=False
    )
    moved = len(hub.seen("cdn"))
    online(wanted)
    assert (online.models_dir / "Things/big.pth").read_bytes() == DATA
    assert len(hub.seen("cdn")) == moved


def test_another_installed_model_with_the_same_file_is_used(online, hub, wanted):
    online(wanted)
    twin = entry(
        id="twin",
        category="Other",
        source={"type": "huggingface", "url": "org/big"},
        files=[{"path": "t.pth", "from": "weights/big.pth"}],
    )
    online(twin)
    assert (online.models_dir / "Other/t.pth").read_bytes() == DATA
    assert len(hub.seen("cdn")) == 1


def test_a_plan_says_what_is_reused(online, hub, wanted, shared):
    put(shared, DATA)
    plan = describe(wanted, None, Store(online.models_dir), Space(0), (shared,))
    assert [file.action for file in plan.files] == ["reuse"]
    assert (plan.total_bytes, plan.download_bytes) == (len(DATA), 0)


def test_bytes_promised_to_another_download_are_not_promised_twice(online, wanted, hub):
    store = Store(online.models_dir)
    other = Lease(store.lease("other"))
    assert other.take()
    other.announce(1 << 60)
    assert promised(store.lease("x").parent) == 1 << 60
    assert promised(store.lease("x").parent, besides=other) == 0
    with pytest.raises(InsufficientStorage):
        online(wanted)
    other.give_back()
    online(wanted)
    assert online.visible == ["Things/big.pth"]


def test_a_partial_that_nobody_went_on_with_expires_and_a_live_one_does_not(online):
    store = Store(online.models_dir)
    for name in ("old", "live", "new"):
        (store.stage(name) / "files").mkdir(parents=True)
    now = store.stage("old").stat().st_mtime
    for name in ("old", "live"):
        for path in (store.stage(name), store.stage(name) / "files"):
            os.utime(path, (now - 1000, now - 1000))
    lease = Lease(store.lease("live"))
    assert lease.take()
    assert store.expired(500, now) == [store.stage("old")]
    lease.give_back()
