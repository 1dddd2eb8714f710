"""A form's parts may come in any order and be cut anywhere; a broken form leaves nothing behind."""

import pytest

from jupyter_nodeapi.errors import NodeApiError

from .bench import PATH, run
from .forms import HEADERS, field, form

PLACES = ["first", "last", "filename", "nodeName", "chunkIndex"]


async def receive(bench, body, *, split=None, complete=True):
    sink = bench.uploads.form(HEADERS["Content-Type"], "", len(body))
    try:
        for start in range(0, len(body), split or len(body) or 1):
            await sink.feed(body[start : start + (split or len(body))])
    except NodeApiError:
        await sink.close(False)
        raise
    await sink.close(complete)
    return sink.state


@pytest.mark.parametrize("file", PLACES)
@pytest.mark.parametrize("split", [1, 7, None])
def test_the_file_may_stand_anywhere_in_the_form(bench, file, split):
    async def story():
        await receive(bench, form(0, 2, b"aaaa", file=file), split=split)
        return await receive(bench, form(1, 2, b"b", file=file), split=split)

    assert run(story()).done.path == PATH
    assert bench.file() == b"aaaab"
    assert bench.leftovers() == []


def test_a_large_file_before_its_fields_arrives_whole(bench):
    data = bytes(range(256)) * 20_000
    run(receive(bench, form(0, 1, data, file="first"), split=65_536))
    assert bench.file() == data


@pytest.mark.parametrize("file", PLACES)
def test_a_truncated_form_records_nothing_wherever_it_ends(bench, file):
    body = form(0, 2, b"aaaa" * 10, file=file)

    async def story():
        for end in range(0, len(body) - 4, 13):
            with pytest.raises(NodeApiError):
                await receive(bench, body[:end])
            await receive(bench, body[:end], complete=False)
        assert not bench.store.shelf.folder.exists() or list(bench.store.shelf.folder.iterdir()) == []

    run(story())


def test_unknown_fields_and_other_files_are_ignored(bench):
    extra = field("resumableType", b"x", "") + field("thumbnail", b"y" * 100_000, '; filename="t.png"')
    run(receive(bench, extra + form(0, 1, b"data", _xsrf="2|x")))
    assert bench.file() == b"data"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(0, 1, b"x", filename=None), "invalid_parameter"),
        (form(0, 1, b"x", sessionId=None), "invalid_parameter"),
        (form(0, 1, b"x", nodeId=None, nodeName=None), "invalid_parameter"),
        (form(None, 1, b"x"), "invalid_parameter"),
        (form(0, None, b"x"), "invalid_parameter"),
        (form(1, 1, b"x"), "invalid_parameter"),
        (form(0, 0, b"x"), "invalid_parameter"),
        (form(0, 100_001, b"x"), "invalid_parameter"),
        (form("-1", 1, b"x"), "invalid_parameter"),
        (form("0.0", 1, b"x"), "invalid_parameter"),
        (form("0", 1, b"x", conflict="merge"), "invalid_parameter"),
        (form("0", 1, b"x", restart="maybe"), "invalid_parameter"),
        (form("0", 1, b"x", chunkHash="md5:00"), "invalid_parameter"),
        (form("0", 1, b"x", fileHash="crc32:00000000"), "invalid_parameter"),
        (form("0", 1, b"x", uploadId="u" * 129), "invalid_parameter"),
        (form(0, 1, b"x", filename=".."), "invalid_path"),
        (form(0, 1, b"x", filename="a\0b"), "invalid_path"),
        (form(0, 1, b"x", relativePath="../up/f.bin"), "invalid_path"),
        (field("nodeId", b"again") + form(0, 1, b"x"), "invalid_multipart"),
        (field("file", b"y") + form(0, 1, b"x"), "invalid_multipart"),
        (form(0, 1, b"x").replace(b'name="file"', b'name="other"'), "invalid_parameter"),
        (form(0, 1, b"x", sessionId="s" * 20_000), "too_large"),
    ],
)
def test_a_wrong_form_is_refused_and_leaves_nothing(bench, body, code):
    with pytest.raises(NodeApiError) as caught:
        run(receive(bench, body))
    assert caught.value.code == code
    assert bench.leftovers() == []
    assert list(bench.root.path.rglob("f.bin")) == []


def test_half_a_node_is_enough(bench):
    run(receive(bench, form(0, 1, b"x", nodeName=None)))
    assert bench.file("/temp/uploads/s/7/f.bin") == b"x"
    run(receive(bench, form(0, 1, b"y", nodeId=None, file="first")))
    assert bench.file("/temp/uploads/s/Loader/f.bin") == b"y"


def test_a_sender_that_leaves_while_its_place_is_opened_leaves_nothing(bench):
    async def story():
        sink = bench.uploads.form(HEADERS["Content-Type"], "", 0)
        body = form(0, 2, b"aaaa")
        await sink.close(False)
        await sink.feed(body)
        assert bench.leftovers() == []
        assert not bench.store._places

    run(story())
