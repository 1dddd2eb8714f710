"""The test Hub speaks the real Hub's protocol: the real client says so."""

from __future__ import annotations

import os
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hf_hub.server import Hub

FILES = {"config.json": b'{"a": 1}', "model.safetensors": os.urandom(300_000), "sub/extra.txt": b"hello"}


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    with Hub() as hub:
        hub.tokens |= {"hf_ann", "hf_bob"}
        hub.add("org/open", dict(FILES))
        hub.add("org/gated", dict(FILES), gated=True, readers=("hf_ann",))
        yield hub


def api(hub: Hub, token: str | bool = False) -> huggingface_hub.HfApi:
    return huggingface_hub.HfApi(endpoint=hub.hub_url, token=token)


def test_the_real_client_reads_files_sizes_and_digests(hub):
    info = api(hub).model_info("org/open", files_metadata=True, timeout=5)
    rows = {item.rfilename: item for item in info.siblings}
    assert set(rows) == set(FILES)
    assert rows["model.safetensors"].size == 300_000
    assert rows["model.safetensors"].lfs.sha256
    assert rows["config.json"].lfs is None
    assert info.sha == hub.repositories["org/open"].commit


def test_the_real_client_walks_the_tree_in_pages_and_asks_for_paths(hub):
    assert {row.path for row in api(hub).list_repo_tree("org/open", recursive=True)} == set(FILES)
    assert [row.path for row in api(hub).get_paths_info("org/open", ["config.json"])] == ["config.json"]
    assert api(hub).list_repo_refs("org/open").branches[0].name == "main"


@pytest.mark.parametrize("name", list(FILES))
def test_the_real_client_downloads_what_was_put_there(hub, tmp_path, name):
    path = huggingface_hub.hf_hub_download(
        "org/open", name, endpoint=hub.hub_url, cache_dir=tmp_path, token=False
    )
    assert Path(path).read_bytes() == FILES[name]


def test_the_real_client_raises_its_typed_errors(hub):
    with pytest.raises(GatedRepoError):
        api(hub, "hf_bob").model_info("org/gated")
    with pytest.raises(RepositoryNotFoundError):
        api(hub, "hf_bob").model_info("org/none")
    with pytest.raises(RevisionNotFoundError):
        api(hub).model_info("org/open", revision="nope")
    with pytest.raises(EntryNotFoundError):
        huggingface_hub.get_hf_file_metadata(f"{hub.hub_url}/org/open/resolve/main/none.bin", token=False)
    assert api(hub, "hf_ann").model_info("org/gated").gated == "auto"
    assert api(hub, "hf_ann").whoami()["name"] == "ann"
