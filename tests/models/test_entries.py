"""Nothing of a registry is believed before it was checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.models.entries import BadEntry, parse
from jupyter_nodeapi.models.schemas import Entry

TYPES = {"huggingface", "url", "local"}
GOOD = {
    "id": "yolox_s",
    "name": "YOLOX S",
    "category": "Object Detection",
    "source": {"type": "huggingface", "url": "Megvii-BaseDetection/YOLOX"},
    "files": [{"path": "yolox_s.pth", "from": "weights/yolox_s.pth", "size": 72000000, "sha256": "A" * 64}],
}


def read(**changes):
    raw = {**GOOD, **changes}
    return parse(
        {key: value for key, value in raw.items() if value is not ...}, origin="t", folder=None, types=TYPES
    )


def file(**fields):
    return {"files": [{"path": "a.pth", **fields}]}


def url(address):
    return {"source": {"type": "url", "url": address}}


def test_the_documents_example_is_read_whole():
    entry = read()
    assert (entry.id, entry.category, entry.source.url) == (
        "yolox_s",
        "Object Detection",
        "Megvii-BaseDetection/YOLOX",
    )
    assert entry.files[0].source == "weights/yolox_s.pth"
    assert entry.files[0].sha256 == "a" * 64


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "org/name"},
        {"id": "Qwen2.5-7B"},
        {"name": ...},
        {"unknown": {"kept": "out"}},
        {"files": []},
        {"source": {"type": "huggingface", "url": "https://huggingface.co/org/name"}},
        {"source": {"type": "huggingface", "url": "gpt2", "revision": "refs/pr/1"}},
        url("https://example.org/a.pth"),
        url("https://example.org/a.pth?download=1"),
        {"source": {"type": "local", "url": "/srv/models/a.pth"}},
        {"category": "Detection/YOLO"},
        {"category": "Объекты 物体"},
    ],
)
def test_what_is_harmless_is_accepted(changes):
    assert isinstance(read(**changes), Entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ...},
        {"id": ""},
        {"id": 7},
        {"id": "../x"},
        {"id": "/etc"},
        {"id": "a/../b"},
        {"id": "a\\b"},
        {"id": "C:x"},
        {"id": "\\\\host\\share"},
        {"id": "a\0b"},
        {"id": "a\nb"},
        {"id": "nul"},
        {"id": ".nodeapi"},
        {"id": "a" * 300},
        {"id": "a/" * 20 + "b"},
        {"id": "\ud800"},
        {"name": " "},
        {"name": "x" * 9000},
        {"name": "\ud800"},
        {"category": ...},
        {"category": ".."},
        {"category": "../other"},
        {"category": "/abs"},
        {"category": ".nodeapi/manifests"},
        {"category": "plan"},
        {"category": "Download/x"},
        {"category": "x."},
        {"homepage": "javascript:alert(1)"},
        {"source": ...},
        {"source": "x"},
        {"source": {"type": "ftp", "url": "ftp://x/y"}},
        {"source": {"type": "huggingface", "url": "../../etc"}},
        {"source": {"type": "huggingface", "url": "org/../../x"}},
        {"source": {"type": "huggingface", "url": "org/name?x"}},
        {"source": {"type": "huggingface", "url": "org/name", "revision": "../../x y"}},
        {"source": {"type": "local", "url": ""}},
        {"source": {"type": "local", "url": "a\0b"}},
        url("file:///etc/passwd"),
        url("gopher://x/"),
        url("https:///x"),
        url("https://[::1/x"),
        url("https://h:port/x"),
        url("https://h/x y"),
        url("https://user:pw@example.org/x"),
        url("https://example.org/x?token=abc"),
        url("https://example.org/x?X-Amz-Signature=abc"),
        file(path="../a"),
        file(path="/a"),
        file(path="a//b"),
        file(path="a/"),
        file(path=".ssh/keys"),
        file(path="a\\..\\b"),
        {"files": [{"path": "a.pth", "from": "../../secret"}]},
        file(sha256="abc"),
        file(sha256="g" * 64),
        file(size=-1),
        file(size="4.71MB"),
        file(size=1 << 60),
        file(mirrors=["file:///etc/passwd"]),
        file(mirrors=["https://u:p@h/x"]),
        {"files": [{"path": "a"}, {"path": "A"}]},
        {"files": [{"path": "a"}] * 20_000},
        {"tags": "x"},
    ],
    ids=lambda changes: str(changes)[:60].encode("ascii", "backslashreplace").decode(),
)
def test_what_could_do_harm_is_refused_with_a_sentence(changes):
    with pytest.raises(BadEntry) as caught:
        read(**changes)
    assert caught.value.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.one_of(
        json_values,
        st.fixed_dictionaries(
            {"id": st.text(), "category": st.text(), "name": st.text()},
            optional={
                "source": st.fixed_dictionaries({"type": st.sampled_from(sorted(TYPES)), "url": st.text()})
            },
        ),
    )
)
def test_any_json_is_an_entry_or_a_bad_one(raw):
    try:
        entry = parse(raw, origin="t", folder=None, types=TYPES)
    except BadEntry:
        return
    for part in (*entry.id.split("/"), *entry.category.split("/")):
        assert part not in {"", ".", ".."}
        assert "\\" not in part
        assert not part.startswith(".")
