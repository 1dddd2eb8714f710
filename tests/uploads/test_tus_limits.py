"""What a tus request may add is asked for each piece, whatever it announced, and settled to what was kept."""

import hashlib

import pytest

from jupyter_nodeapi.errors import Conflict, InsufficientStorage, InvalidParameter, NodeApiError, TooLarge
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.tus.protocol import (
    Checksum,
    ChecksumMismatch,
    Concat,
    read_checksum,
    read_metadata,
)

from .bench import Bench, run

FIELDS = {"filename": "f.bin", "sessionId": "s", "nodeId": "7", "nodeName": "Loader"}


class Tus:
    """The service, without HTTP."""

    def __init__(self, folder, **settings):
        self.bench = Bench(folder, **settings)

    @property
    def uploads(self):
        return self.bench.uploads.tus

    async def create(self, length, concat=None, **fields):
        return (await self.uploads.create("", length, ("", {**FIELDS, **fields}), concat)).upload_id

    async def open(self, upload_id, offset=0, *, length=None, checksum=None, expected=0):
        return await self.uploads.append(
            upload_id, "", offset, length=length, checksum=checksum, expected=expected
        )

    async def send(self, upload_id, data, offset=0, *, complete=True, **options):
        sink = await self.open(upload_id, offset, **options)
        try:
            for byte in data:
                await sink.feed(bytes([byte]))
                await sink._incoming.settle()
        except NodeApiError:
            await sink.close(False)
            raise
        await sink.close(complete)
        return sink.offset

    async def offset(self, upload_id):
        return (await self.uploads.look(upload_id, ""))[1]


@pytest.mark.parametrize("trait", ["session_quota_bytes", "total_quota_bytes"])
def test_unfinished_bytes_count_for_the_quota(tmp_path, trait):
    tus = Tus(tmp_path, **{trait: 5})

    async def story():
        await tus.send(await tus.create(9), b"1234")
        tus.bench.restart()
        assert await tus.bench.code(0, 1, b"12", filename="g") == "quota_exceeded"
        assert await tus.bench.code(0, 1, b"1", filename="g") is None

    run(story())


def test_unfinished_bytes_are_listed(tmp_path):
    tus = Tus(tmp_path)

    async def story():
        await tus.send(await tus.create(9), b"1234")
        query = type("Query", (), {"session_id": "s", "limit": 10})
        (item,) = await tus.bench.uploads.listing(query, "")
        assert (item.file_path, item.completed, item.size) == ("/temp/uploads/s/Loader_7/f.bin", False, 4)

    run(story())


def test_a_body_of_unknown_length_meets_the_quota_midway_and_keeps_what_came_before(tmp_path):
    tus = Tus(tmp_path, session_quota_bytes=3)

    async def story():
        upload_id = await tus.create(8)
        with pytest.raises(InsufficientStorage):
            await tus.send(upload_id, b"12345678")
        assert await tus.offset(upload_id) == 3

    run(story())


def test_two_bodies_at_once_do_not_exceed_the_quota_together(tmp_path):
    tus = Tus(tmp_path, session_quota_bytes=5)

    async def story():
        sinks = [await tus.open(await tus.create(4), expected=4) for _ in range(2)]
        await sinks[0].feed(b"1234")
        await sinks[0]._incoming.settle()
        with pytest.raises(InsufficientStorage):
            await sinks[1].feed(b"1234")
        for sink in sinks:
            await sink.close(False)

    run(story())


def test_a_body_of_unknown_length_cannot_exceed_its_upload(tmp_path):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(3)
        with pytest.raises(TooLarge):
            await tus.send(upload_id, b"1234")

    run(story())


@pytest.mark.parametrize("expected", [0, 8])
def test_a_deferred_length_is_held_to_the_file_limit(tmp_path, expected):
    tus = Tus(tmp_path, max_file_bytes=5)

    async def story():
        upload_id = await tus.create(None)
        assert await tus.send(upload_id, b"123") == 3
        with pytest.raises(TooLarge):
            await tus.send(upload_id, b"45678", 3, expected=expected)
        assert await tus.offset(upload_id) == (3 if expected else 5)

    run(story())


@pytest.mark.parametrize("checksum", [None, Checksum("sha1", hashlib.sha1(b"123456").digest())])
def test_a_cut_body_counts_as_what_was_kept_of_it(tmp_path, checksum):
    tus = Tus(tmp_path, session_quota_bytes=100)

    async def story():
        await tus.bench.uploads.store.quota.check("s", 0)
        upload_id = await tus.create(50)
        await tus.send(upload_id, b"123", complete=False, checksum=checksum, expected=50)
        assert tus.bench.uploads.store.quota._counts["s"][1] == (0 if checksum else 3)
        assert await tus.offset(upload_id) == (0 if checksum else 3)

    run(story())


@pytest.mark.parametrize("end", ["superseded", "killed"])
def test_bytes_that_nobody_has_checked_do_not_count(tmp_path, end):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(6)
        await tus.send(upload_id, b"AB")
        stale = await tus.open(upload_id, 2, checksum=Checksum("sha1", hashlib.sha1(b"cdef").digest()))
        await stale.feed(b"xx")
        await stale._incoming.settle()
        if end == "killed":
            tus.bench.restart()
        assert await tus.offset(upload_id) == 2
        fresh = await tus.open(upload_id, 2)
        if end == "superseded":
            with pytest.raises(Conflict):
                await stale.close(True)
        await fresh.feed(b"CDEF")
        await fresh.close(True)

    run(story())
    assert tus.bench.file() == b"ABCDEF"


def test_a_wrong_checksum_leaves_what_was_there(tmp_path):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(4)
        await tus.send(upload_id, b"AB")
        with pytest.raises(ChecksumMismatch):
            await tus.send(upload_id, b"xx", 2, checksum=Checksum("crc32", b"none"))
        assert await tus.send(upload_id, b"CD", 2) == 4

    run(story())
    assert tus.bench.file() == b"ABCD"


def test_a_concatenation_meets_the_quota_and_is_made_when_there_is_room(tmp_path):
    tus = Tus(tmp_path, session_quota_bytes=7)

    async def story():
        partial = Concat("partial")
        parts = [await tus.create(2, partial) for _ in range(2)]
        await tus.send(parts[0], b"ab")
        final = await tus.create(None, Concat("final", tuple(parts)))
        assert await tus.send(parts[1], b"cd") == 2
        with pytest.raises(InsufficientStorage):
            await tus.offset(final)
        with pytest.raises(InsufficientStorage):
            await tus.create(None, Concat("final", tuple(parts)))
        tus.bench.uploads.session_quota_bytes = 8
        assert await tus.offset(final) == 4

    run(story())
    assert tus.bench.file() == b"abcd"


def test_a_whole_upload_that_was_killed_before_it_got_its_name_gets_it_when_it_is_asked_for(tmp_path):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(2)
        sink = await tus.open(upload_id)
        await sink.feed(b"ab")
        await sink._incoming.settle()
        tus.bench.restart()
        record, offset = await tus.uploads.look(upload_id, "")
        assert (record.path, offset) == ("/temp/uploads/s/Loader_7/f.bin", 2)

    run(story())
    assert tus.bench.file() == b"ab"


@pytest.mark.parametrize("value", ["é", "YQ", "Y Q==", "/w==", "🎵"])
def test_what_is_no_base64_of_text_is_refused(value):
    with pytest.raises(InvalidParameter):
        read_metadata(f"filename {value}")


def test_a_checksum_of_other_letters_is_refused():
    with pytest.raises(InvalidParameter):
        read_checksum("sha1 é")


def test_a_request_at_a_wrong_offset_stops_nobody(tmp_path):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(8)
        sink = await tus.open(upload_id)
        await sink.feed(b"1234")
        await sink._incoming.settle()
        for offset in (0, 7):
            with pytest.raises(Conflict) as caught:
                await tus.open(upload_id, offset)
            assert caught.value.details == {"uploadOffset": 4}
        await sink.feed(b"5678")
        await sink.close(True)
        return sink.offset

    assert run(story()) == 8
    assert tus.bench.file() == b"12345678"


def test_a_part_is_well_where_its_final_cannot_be_made(tmp_path, monkeypatch):
    tus = Tus(tmp_path)

    def full(*args):
        raise OSError(28, "No space left on device")

    async def story():
        part = await tus.create(2, Concat("partial"))
        final = await tus.create(None, Concat("final", (part,)))
        with monkeypatch.context() as patch:
            patch.setattr(regions, "copy", full)
            assert await tus.send(part, b"ab") == 2
        assert await tus.offset(final) == 2

    run(story())
    assert tus.bench.file() == b"ab"
