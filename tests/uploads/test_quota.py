"""Quotas refuse with 507 and leave the upload resumable; removing something makes room."""

import asyncio
import contextlib

import pytest

from jupyter_nodeapi.errors import InsufficientStorage
from jupyter_nodeapi.uploads.tus.allowance import Allowance
from jupyter_nodeapi.uploads.tus.protocol import Concat

from .bench import PATH, Bench, run


@pytest.mark.parametrize("trait", ["session_quota_bytes", "total_quota_bytes"])
def test_a_chunk_over_the_quota_is_refused_until_there_is_room(tmp_path, trait):
    bench = Bench(tmp_path, **{trait: 10})

    async def story():
        await bench.send(0, 1, b"x" * 5, filename="other")
        await bench.send(0, 2, b"aaaa")
        assert await bench.code(1, 2, b"bb") == "quota_exceeded"
        bench.root.resolve(PATH.replace("f.bin", "other")).unlink()
        assert (await bench.send(1, 2, b"bb")).done

    run(story())
    assert bench.file() == b"aaaabb"


def test_a_session_has_a_quota_of_its_own(tmp_path):
    bench = Bench(tmp_path, session_quota_bytes=5, total_quota_bytes=12)

    async def story():
        for session in ("a", "b"):
            await bench.send(0, 1, b"12345", sessionId=session)
            assert await bench.code(0, 1, b"1", sessionId=session, filename="g") == "quota_exceeded"
        assert await bench.code(0, 1, b"123", sessionId="c") == "quota_exceeded"
        await bench.send(0, 1, b"12", sessionId="c")

    run(story())


def test_a_duplicate_costs_nothing(tmp_path):
    bench = Bench(tmp_path, session_quota_bytes=4)

    async def story():
        for _ in range(3):
            assert (await bench.send(0, 1, b"1234")).done

    run(story())


def test_many_senders_share_the_room_that_is_left(tmp_path):
    """All of them ask before the first has written anything, and the disk is measured meanwhile."""
    bench = Bench(tmp_path, session_quota_bytes=100)
    quota = bench.uploads.store.quota
    came = []

    async def send(number):
        one = Allowance("s", None, None, quota=quota)
        with contextlib.suppress(InsufficientStorage):
            async with one.room(30):
                await asyncio.sleep(0.01)
                path = bench.root.path / "uploads" / "s" / str(number)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"x" * 20)
                came.append(number)
            one.came(20, 20)

    async def story():
        for turn in range(3):
            await asyncio.gather(*(send(f"{turn}-{number}") for number in range(3)))
        await asyncio.gather(*(send(number) for number in range(20)))

    run(story())
    assert 3 <= len(came) <= 5
    with pytest.raises(InsufficientStorage):
        run(quota.check("s", 100 - 20 * len(came) + 1))
    run(quota.check("s", 100 - 20 * len(came)))


def test_forms_that_come_at_once_do_not_exceed_the_quota_together(tmp_path):
    bench = Bench(tmp_path, session_quota_bytes=100)

    async def story():
        return await asyncio.gather(
            *(bench.code(0, 1, b"x" * 30, filename=f"{number}.bin") for number in range(12))
        )

    codes = run(story())
    assert codes.count(None) == 3
    assert set(codes) == {None, "quota_exceeded"}


def test_tus_bytes_that_were_taken_and_not_yet_written_hold_room(tmp_path):
    """A measurement sees what is on the disk: many slow senders may each have a MiB that is not."""
    bench = Bench(tmp_path, session_quota_bytes=100)

    async def story():
        sinks = []
        for number in range(12):
            record = await bench.uploads.tus.create("", None, ("", {"filename": f"{number}.bin"}), None)
            sinks.append(
                await bench.uploads.tus.append(
                    record.upload_id, "", 0, length=None, checksum=None, expected=0
                )
            )
        for sink in sinks:
            bench.store.quota._counts.clear()  # measured anew each time
            with contextlib.suppress(InsufficientStorage):
                await sink.feed(b"x" * 30)
        for sink in sinks:
            await sink.close(False)
        return sum(sink.offset for sink in sinks)

    assert run(story()) == 90
    assert not +bench.store.quota._held


def test_tus_finals_that_are_made_at_once_do_not_exceed_the_quota_together(tmp_path):
    bench = Bench(tmp_path, session_quota_bytes=100)

    async def story():
        tus = bench.uploads.tus
        part = await tus.create("", 30, ("", {}), Concat("partial"))
        sink = await tus.append(part.upload_id, "", 0, length=None, checksum=None, expected=30)
        await sink.feed(b"x" * 30)
        await sink.close(True)
        finals = (
            tus.create("", None, ("", {"filename": f"{number}.bin"}), Concat("final", (part.upload_id,)))
            for number in range(8)
        )
        return await asyncio.gather(*finals, return_exceptions=True)

    made = [each for each in run(story()) if not isinstance(each, InsufficientStorage)]
    assert [each.length for each in made] == [30, 30]


def test_tus_counts_too(tmp_path):
    bench = Bench(tmp_path, total_quota_bytes=4)

    async def story():
        tus = bench.uploads.tus
        record = await tus.create("", 8, ("", {}), None)
        with pytest.raises(InsufficientStorage):
            await tus.append(record.upload_id, "", 0, length=None, checksum=None, expected=5)
        sink = await tus.append(record.upload_id, "", 0, length=None, checksum=None, expected=4)
        await sink.feed(b"1234")
        await sink.close(True)
        assert sink.offset == 4

    run(story())
