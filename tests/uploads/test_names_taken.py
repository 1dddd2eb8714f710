"""``conflict=error`` refuses at the first chunk where the name is taken, and at completion where it was since."""

import pytest

from jupyter_nodeapi.errors import Conflict, InvalidParameter
from jupyter_nodeapi.uploads.tus.protocol import Concat

from .bench import PATH, run

FIELDS = {"filename": "f.bin", "sessionId": "s", "nodeId": "7", "nodeName": "Loader", "conflict": "error"}


def put(bench, data=b"old"):
    path = bench.root.resolve(PATH)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("file_first", [True, False])
@pytest.mark.parametrize("index", [0, 1])
def test_the_first_chunk_that_comes_is_refused(bench, index, file_first):
    put(bench)
    assert run(bench.code(index, 3, b"x", conflict="error", file_first=file_first)) == "exists"
    assert bench.file() == b"old"
    assert bench.leftovers() == []


def test_before_a_byte_of_it_has_come_when_the_fields_come_first(bench):
    put(bench)
    with pytest.raises(Conflict):
        run(bench.store.begin(bench.request(0, 3, conflict="error"), ""))


def test_a_name_taken_meanwhile_is_refused_at_completion_and_nothing_is_lost(bench):
    async def story():
        await bench.send(0, 2, b"aa", conflict="error")
        put(bench)
        assert await bench.code(1, 2, b"b", conflict="error") == "exists"
        bench.root.resolve(PATH).unlink()
        assert (await bench.send(1, 2, b"b", conflict="error")).done

    run(story())
    assert bench.file() == b"aab"


def test_a_chunk_that_comes_again_after_completion_is_no_conflict(bench):
    async def story():
        for _ in range(2):
            assert (await bench.send(0, 1, b"aa", conflict="error")).done
        assert await bench.code(0, 1, b"bb", conflict="error") == "exists"

    run(story())
    assert bench.file() == b"aa"


@pytest.mark.parametrize("taken", ["before", "meanwhile"])
def test_tus_refuses_too(bench, taken):
    tus = bench.uploads.tus

    async def story():
        if taken == "before":
            put(bench)
            await tus.create("", 2, ("", FIELDS), None)
        record = await tus.create("", 2, ("", FIELDS), None)
        put(bench)
        sink = await tus.append(record.upload_id, "", 0, length=None, checksum=None, expected=2)
        await sink.feed(b"ab")
        await sink.close(True)

    with pytest.raises(Conflict) as refused:
        run(story())
    assert refused.value.code == "exists"
    assert bench.file() == b"old"


def test_tus_publishes_when_the_name_is_free_again(bench):
    tus = bench.uploads.tus

    async def story():
        record = await tus.create("", 2, ("", FIELDS), None)
        put(bench)
        sink = await tus.append(record.upload_id, "", 0, length=None, checksum=None, expected=2)
        await sink.feed(b"ab")
        with pytest.raises(Conflict):
            await sink.close(True)
        bench.root.resolve(PATH).unlink()
        await tus.look(record.upload_id, "")

    run(story())
    assert bench.file() == b"ab"


def test_tus_may_rename(bench):
    put(bench)
    record = run(bench.uploads.tus.create("", 0, ("", {**FIELDS, "conflict": "rename"}), None))
    assert record.path == PATH.replace("f.bin", "f (1).bin")


def test_a_part_has_no_name_to_be_taken(bench):
    put(bench)
    assert run(bench.uploads.tus.create("", 2, ("", FIELDS), Concat("partial"))).path == ""


def test_tus_knows_the_three_words_only(bench):
    with pytest.raises(InvalidParameter):
        run(bench.uploads.tus.create("", 2, ("", {**FIELDS, "conflict": "maybe"}), None))


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("字" * 83 + ".wav", "字" * 82 + " (1).wav"),
        ("a." + "b" * 250, "a." + "b" * 249 + " (1)"),
        ("x" * 251 + ".wav", "x" * 247 + " (1).wav"),
        (".env", ".env (1)"),
        ("a.tar.gz", "a.tar (1).gz"),
    ],
)
def test_a_long_name_leaves_room_for_its_number(bench, name, second):
    async def story():
        for upload in "ab":
            record = await bench.send(0, 1, b"x", filename=name, conflict="rename", uploadId=upload)
        return record.done.path.rpartition("/")[2]

    assert run(story()) == second
