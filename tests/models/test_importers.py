"""Lists that others keep become registries of ours, without what cannot be said safely."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import InvalidParameter
from jupyter_nodeapi.models.importers import KINDS, convert
from jupyter_nodeapi.models.registry import Registry

HUB = "https://huggingface.co/stabilityai/taesd/resolve/main/taesd_decoder.safetensors"


def manager(**fields):
    row = {
        "name": "TAESD Decoder",
        "type": "TAESD",
        "base": "SD1.x",
        "save_path": "vae_approx",
        "description": "To view the preview",
        "reference": "https://github.com/madebyollin/taesd",
        "filename": "taesd_decoder.safetensors",
        "url": HUB,
        "size": "4.71MB",
        **fields,
    }
    return json.dumps({"models": [row]}).encode()


def entries(imported):
    snapshot = Registry(list, extra=[imported.registry], builtin=False, points=list).current()
    assert snapshot.problems == ()
    return list(snapshot.entries.values())


def test_a_file_on_the_hub_becomes_a_hub_source():
    (entry,) = entries(convert("comfyui-manager", manager()))
    assert (entry.id, entry.category) == ("taesd_decoder", "vae_approx")
    assert (entry.source.type, entry.source.url, entry.source.revision) == (
        "huggingface",
        "stabilityai/taesd",
        None,
    )
    assert (entry.files[0].path, entry.files[0].source) == (
        "taesd_decoder.safetensors",
        "taesd_decoder.safetensors",
    )
    assert entry.files[0].size is None
    assert entry.aliases == ("taesd_decoder.safetensors",)


def test_another_address_becomes_a_url_source_and_the_type_its_category():
    url = "https://github.com/x/y/releases/download/v1/a.pth"
    (entry,) = entries(convert("comfyui-manager", manager(url=url, save_path="default", filename="a.pth")))
    assert (entry.source.type, entry.source.url, entry.category) == ("url", url, "TAESD")


def test_a_whole_repository_stays_one():
    (entry,) = entries(convert("comfyui-manager", manager(url="org/name", filename="<huggingface>")))
    assert (entry.source.url, entry.files) == ("org/name", ())


@pytest.mark.parametrize(
    "fields",
    [
        {"save_path": "custom_nodes/evil/models"},
        {"save_path": "../../etc"},
        {"filename": "../evil.pth"},
        {"url": "http://user:pw@h/x"},
        {"url": "file:///etc/passwd"},
        {"url": "https://civitai.com/x?token=abc"},
    ],
)
def test_what_could_do_harm_is_left_out_and_told(fields):
    imported = convert("comfyui-manager", manager(**fields))
    assert imported.registry["models"] == []
    assert len(imported.skipped) == 1
    assert imported.skipped[0].startswith("TAESD Decoder: ")


def test_two_entries_of_one_name_get_two_ids():
    row = json.loads(manager())["models"][0]
    imported = convert("comfyui-manager", json.dumps({"models": [row, row]}).encode())
    assert [item["id"] for item in imported.registry["models"]] == ["taesd_decoder", "taesd_decoder-2"]


GALLERY = b"""
- &base
  name: tiny
  description: |
    A tiny model
  license: apache-2.0
  tags: [llm, gguf]
  files:
    - filename: tiny.gguf
      sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      uri: huggingface://org/Tiny-GGUF/sub/tiny.gguf
- !!merge <<: *base
  name: big
  files:
    - {filename: big-1.gguf, uri: "huggingface://org/Big/big-1.gguf"}
    - {filename: big-2.gguf, uri: "https://huggingface.co/org/Big/resolve/main/big-2.gguf"}
- {name: mixed, files: [{filename: a, uri: "huggingface://a/b/c"}, {filename: b, uri: "https://h.org/b"}]}
- {name: none, files: []}
"""


def test_a_gallery_keeps_its_digests_and_merges_its_anchors():
    imported = convert("localai", GALLERY)
    tiny, big = entries(imported)
    assert (tiny.source.url, tiny.files[0].source, tiny.license) == (
        "org/Tiny-GGUF",
        "sub/tiny.gguf",
        "apache-2.0",
    )
    assert tiny.files[0].sha256.startswith("0123")
    assert [file.path for file in big.files] == ["big-1.gguf", "big-2.gguf"]
    assert [reason.partition(":")[0] for reason in imported.skipped] == ["mixed", "none"]


@pytest.mark.parametrize("kind", [*KINDS, "other"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]x",
        b"7",
        b"[7]",
        b'{"models": 7}',
        b"\xff\xfe",
        b"- name: [",
        b"!!python/object:os.system {}",
    ],
)
def test_another_file_is_refused_with_a_sentence(kind, data):
    with pytest.raises(InvalidParameter):
        convert(kind, data)


@given(
    st.dictionaries(
        st.sampled_from(["name", "type", "base", "save_path", "filename", "url", "reference"]),
        st.text() | st.none() | st.integers(),
    )
)
def test_any_row_is_imported_soundly_or_left_out(fields):
    imported = convert("comfyui-manager", manager(**fields))
    assert len(entries(imported)) + len(imported.skipped) == 1
