"""Large bodies over HTTP, read in large blocks and in Tornado's own way, give the same file."""

import os

import pytest

from jupyter_nodeapi.web import large_blocks

from .bench import PATH
from .forms import HEADERS, form

pytestmark = pytest.mark.slow

MIB = 1 << 20


@pytest.mark.parametrize("size", [MIB - 300, MIB - 1, MIB, MIB + 1, 3 * MIB + 17, 8 * MIB])
@pytest.mark.parametrize("file", ["first", "last"])
@pytest.mark.parametrize("way", ["large blocks", "Tornado's"])
def test_a_large_chunk_arrives_intact(api, monkeypatch, size, file, way):
    if way != "large blocks":
        monkeypatch.setattr(large_blocks, "is_supported", lambda: False)
    data = os.urandom(size)
    reply = api.post("/api/upload", data=form(0, 1, data, file=file), headers=HEADERS)
    assert (reply.status, reply.json.get("filePath")) == (200, PATH)
    assert api.app.temp.resolve(PATH).read_bytes() == data


def test_many_large_chunks_in_parallel_arrive_intact(api):
    parts = [os.urandom(2 * MIB + 5) for _ in range(6)]
    replies = api.gather(
        api.fetch(
            "POST", "/api/upload", data=form(i, 6, part, file=("first", "last")[i % 2]), headers=HEADERS
        )
        for i, part in enumerate(parts)
    )
    assert {reply.status for reply in replies} == {200}
    assert api.app.temp.resolve(PATH).read_bytes() == b"".join(parts)


@pytest.mark.parametrize("index", [0, 7])
def test_a_refused_large_body_is_answered(api, index):
    reply = api.post("/api/upload", data=form(index, 2, os.urandom(3 * MIB), nodeId="a\0"), headers=HEADERS)
    assert (reply.status, reply.json["success"]) == (400, False)
