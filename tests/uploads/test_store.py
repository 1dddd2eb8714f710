"""Chunks in any order, however often, in either form, make the file the client has."""

import asyncio
import itertools
import os
import random

import pytest

from jupyter_nodeapi.uploads.attempt import Attempt

from .bench import PATH, Bench, run

DATA = random.Random(1).randbytes(10)
PARTS = [DATA[:4], DATA[4:8], DATA[8:]]


def assert_only_the_file(bench):
    assert bench.leftovers() == []


@pytest.mark.parametrize("file_first", [False, True])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_chunks_in_any_order_make_the_file(bench, order, file_first):
    async def story():
        states = [await bench.send(i, 3, PARTS[i], file_first=file_first) for i in order]
        return [state.done.path if state.done else None for state in states]

    # The attempt is one object, so what it said earlier must be asked of the disk.
    assert run(story())[-1] == PATH
    assert bench.file() == DATA
    assert_only_the_file(bench)


@pytest.mark.parametrize("last", [b"", b"x", b"y" * 4, b"z" * 9])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_last_chunk_may_have_any_length(bench, order, last):
    parts = [b"aaaa", b"bbbb", last]
    run(_send_all(bench, order, parts))
    assert bench.file() == b"".join(parts)
    assert_only_the_file(bench)


async def _send_all(bench, order, parts, **options):
    for index in order:
        state = await bench.send(index, len(parts), parts[index], **options)
    return state


@pytest.mark.parametrize("file_first", [False, True])
@pytest.mark.parametrize("data", [b"", b"one chunk", os.urandom(3_000_000)])
def test_a_file_of_one_chunk(bench, data, file_first):
    state = run(bench.send(0, 1, data, file_first=file_first, split=70_000))
    assert (state.done.path, state.done.size) == (PATH, len(data))
    assert bench.file() == data
    assert_only_the_file(bench)


def test_chunk_size_said_by_the_client_gives_each_chunk_its_place_at_once(bench):
    async def story():
        incoming = await bench.store.begin(bench.request(1, 3, chunkSize="4"), "")
        assert incoming.offset == 4
        assert incoming.spool is None
        await bench.store.abandon(incoming)
        await _send_all(bench, (2, 1, 0), PARTS, chunkSize="4")

    run(story())
    assert bench.file() == DATA


@pytest.mark.parametrize("said", ["2", "4", "999"])
def test_the_last_chunks_own_length_is_no_chunk_size(bench, said):
    async def story():
        await bench.send(2, 3, PARTS[2], chunkSize=said)
        await _send_all(bench, (0, 1), PARTS)

    run(story())
    assert bench.file() == DATA


def test_a_chunk_sent_twice_counts_once(bench):
    async def story():
        for _ in range(3):
            state = await bench.send(1, 3, PARTS[1])
        assert (len(state.chunks), state.size) == (1, 4)
        await _send_all(bench, (0, 2), PARTS)

    run(story())
    assert bench.file() == DATA


def test_every_late_duplicate_is_told_the_file_again(bench):
    async def story():
        await _send_all(bench, range(3), PARTS)
        return [
            await bench.send(i, 3, PARTS[i], file_first=first) for i in range(3) for first in (True, False)
        ]

    assert {state.done.path for state in run(story())} == {PATH}
    assert_only_the_file(bench)


@pytest.mark.parametrize("file_first", [False, True])
def test_thirty_six_duplicates_in_parallel_make_one_intact_file(bench, file_first):
    parts = [os.urandom(50_000) for _ in range(12)]
    order = list(range(12)) * 3
    random.Random(3).shuffle(order)

    async def story():
        return await asyncio.gather(
            *(bench.send(i, 12, parts[i], file_first=file_first, split=9_000) for i in order)
        )

    assert all(isinstance(state, Attempt) for state in run(story()))
    assert bench.file() == b"".join(parts)
    assert_only_the_file(bench)
    assert [path.name for path in bench.root.path.rglob("*f.bin*")] == ["f.bin"]


def test_two_senders_of_one_chunk_never_write_to_one_place(bench):
    async def story():
        request = bench.request(0, 2)
        slow = await bench.store.begin(request, "")
        await slow.write(b"sl")
        fast = await bench.store.begin(request, "")
        await fast.write(b"fast")
        await bench.store.commit(fast, request, "")
        await slow.write(b"ow")
        assert await bench.code(0, 2, b"slow") == "chunk_conflict"
        with pytest.raises(Exception, match="took the place"):
            await bench.store.commit(slow, request, "")
        await bench.send(1, 2, b"er")

    run(story())
    assert bench.file() == b"faster"


def test_the_same_bytes_of_an_overtaken_sender_are_welcome(bench):
    async def story():
        request = bench.request(0, 1)
        slow = await bench.store.begin(request, "")
        await slow.write(b"sa")
        await bench.send(0, 1, b"same")
        await slow.write(b"me")
        return await bench.store.commit(slow, request, "")

    assert run(story()).done.path == PATH
    assert bench.file() == b"same"


def test_other_bytes_for_a_received_chunk_are_a_conflict(bench):
    async def story():
        await bench.send(1, 3, PARTS[1])
        assert await bench.code(1, 3, b"othr") == "chunk_conflict"
        assert await bench.code(1, 3, b"other") == "chunk_conflict"
        await _send_all(bench, (0, 2), PARTS)

    run(story())
    assert bench.file() == DATA


def test_another_first_chunk_alone_begins_the_file_anew(bench):
    async def story():
        await bench.send(0, 2, b"old!")
        state = await bench.send(0, 2, b"new file")
        assert (len(state.chunks), state.size) == (1, 8)
        await bench.send(1, 2, b"!")

    run(story())
    assert bench.file() == b"new file!"
    assert_only_the_file(bench)


def test_another_first_chunk_is_a_conflict_while_something_is_in_flight(bench):
    async def story():
        await bench.send(0, 2, b"old!")
        other = await bench.store.begin(bench.request(1, 2), "")
        assert await bench.code(0, 2, b"new!") == "chunk_conflict"
        await bench.store.abandon(other)
        assert await bench.code(0, 2, b"new!") is None

    run(story())


def test_a_middle_chunk_of_another_length_is_refused(bench):
    async def story():
        await bench.send(0, 4, b"aaaa")
        assert await bench.code(1, 4, b"bbb") == "chunk_size_mismatch"
        assert await bench.code(1, 4, b"bbbbb") == "chunk_size_mismatch"
        assert await bench.code(1, 4, b"") == "chunk_size_mismatch"
        assert await bench.code(2, 4, b"cccc", chunkSize="5") == "upload_mismatch"
        assert await bench.code(1, 4, b"bbbb") is None

    run(story())


def test_a_chunk_too_long_for_its_place_never_reaches_into_the_next(bench):
    async def story():
        await bench.send(0, 3, b"aaaa")
        await bench.send(1, 3, b"bbbb")
        long = await bench.store.begin(bench.request(0, 3), "")
        await bench.store.abandon(long)
        assert await bench.code(1, 3, b"B" * 3_000_000) == "chunk_conflict"
        await bench.send(2, 3, b"c")

    run(story())
    assert bench.file() == b"aaaabbbbc"


def test_a_long_first_chunk_in_flight_is_stopped_when_the_chunk_size_is_learnt(bench):
    async def story():
        request = bench.request(0, 3)
        first = await bench.store.begin(request, "")
        await first.write(b"A" * 3_000_000)
        await bench.send(1, 3, b"bbbb")
        with pytest.raises(Exception, match="must have 4 bytes"):
            await first.write(b"A")
        await bench.store.abandon(first)
        await _send_all(bench, (2, 0), [b"aaaa", b"bbbb", b"c"])

    run(story())
    assert bench.file() == b"aaaabbbbc"


def test_other_totals_are_a_conflict_that_tells_the_known_ones(bench):
    async def story():
        await bench.send(0, 3, b"aaaa", totalSize="9")
        with pytest.raises(Exception, match="other totals") as caught:
            await bench.send(1, 4, b"bbbb")
        assert caught.value.details == {"totalChunks": 3, "totalSize": 9, "chunkSize": 4}
        assert await bench.code(1, 3, b"bbbb", totalSize="10") == "upload_mismatch"
        assert await bench.code(1, 3, b"bbbb", totalSize="9") is None

    run(story())


def test_restart_begins_anew_where_there_would_be_a_conflict(bench):
    async def story():
        await bench.send(0, 3, b"aaaa")
        await bench.send(0, 2, b"bb", restart="true")
        await bench.send(1, 2, b"c", restart="true")

    run(story())
    assert bench.file() == b"bbc"
    assert_only_the_file(bench)


def test_attempts_with_different_upload_ids_do_not_meet(bench):
    async def story():
        await bench.send(0, 2, b"aaaa", uploadId="1")
        await bench.send(0, 3, b"bb", uploadId="2")
        await bench.send(1, 2, b"a", uploadId="1")
        assert bench.file() == b"aaaaa"
        await bench.send(1, 3, b"bb", uploadId="2")
        await bench.send(2, 3, b"b", uploadId="2")

    run(story())
    assert bench.file() == b"bbbbb"


def test_the_sum_must_be_the_announced_size(bench):
    async def story():
        await bench.send(0, 2, b"aaaa", totalSize="6")
        assert await bench.code(1, 2, b"b") == "size_mismatch"
        assert await bench.code(1, 2, b"bbb") == "size_mismatch"
        await bench.send(1, 2, b"bb")

    run(story())
    assert bench.file() == b"aaaabb"


@pytest.mark.parametrize("file_first", [False, True])
def test_an_unfinished_body_leaves_no_trace(bench, file_first):
    async def story():
        request = bench.request(0, 2)
        incoming = await (bench.store.spool() if file_first else bench.store.begin(request, ""))
        await incoming.write(b"half a chu")
        await bench.store.abandon(incoming)
        assert list(bench.store.shelf.folder.iterdir()) == []
        # The totals of what was never recorded bind nobody.
        await _send_all(bench, range(3), PARTS)

    run(story())
    assert bench.file() == DATA


def test_an_unfinished_body_takes_nothing_from_what_was_there(bench):
    async def story():
        await bench.send(0, 2, b"aaaa")
        for index in (0, 1):
            incoming = await bench.store.begin(bench.request(index, 2), "")
            await incoming.write(b"XX")
            await bench.store.abandon(incoming)
        await bench.send(1, 2, b"b")

    run(story())
    assert bench.file() == b"aaaab"


def test_fields_behind_the_file_may_send_it_elsewhere(bench):
    async def story():
        incoming = await bench.store.begin(bench.request(0, 2), "")
        await incoming.write(b"aaaa")
        late = bench.request(0, 2, relativePath="dir/f.bin")
        await bench.store.commit(incoming, late, "")
        await bench.send(1, 2, b"b", relativePath="dir/f.bin")

    run(story())
    assert bench.file("/temp/uploads/s/Loader_7/dir/f.bin") == b"aaaab"
    assert_only_the_file(bench)


def test_a_file_longer_than_allowed_is_refused_as_soon_as_it_is_known(tmp_path):
    bench = Bench(tmp_path, max_file_bytes=6, max_chunk_bytes=5)

    async def story():
        assert await bench.code(0, 2, b"aaaa", totalSize="7") == "too_large"
        assert await bench.code(0, 3, b"aaaa", chunkSize="4") == "too_large"
        assert await bench.code(0, 2, b"aaaaaa") == "too_large"
        await bench.send(0, 2, b"aaaa")
        assert await bench.code(1, 2, b"bbb") == "too_large"
        await bench.send(1, 2, b"bb")

    run(story())
    assert bench.file() == b"aaaabb"


def test_a_wrong_checksum_records_nothing(bench):
    async def story():
        for wrong in ("crc32:00000000", "sha256:" + "0" * 64):
            assert await bench.code(0, 2, b"aaaa", chunkHash=wrong) == "hash_mismatch"
        assert bench.leftovers() == []
        await bench.send(0, 2, b"aaaa", chunkHash="crc32:ad98e545")
        await bench.send(
            1, 2, b"b", chunkHash="sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
        )

    run(story())
    assert bench.file() == b"aaaab"


def test_a_file_with_another_checksum_than_announced_is_given_up(bench):
    async def story():
        await bench.send(0, 2, b"aaaa")
        assert await bench.code(1, 2, b"b", fileHash="sha256:" + "0" * 64) == "hash_mismatch"
        assert bench.leftovers() == []
        assert not bench.root.resolve(PATH).parent.exists()
        await bench.send(
            0, 1, b"a", fileHash="sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
        )

    run(story())
    assert bench.file() == b"a"


def test_nodes_that_would_share_a_folder_do_not(bench):
    async def story():
        first = await bench.send(0, 1, b"1", nodeName="a_b", nodeId="c")
        second = await bench.send(0, 1, b"2", nodeName="a", nodeId="b_c")
        again = await bench.send(0, 1, b"1", nodeName="a_b", nodeId="c", filename="g")
        return first.done.path, second.done.path, again.done.path

    first, second, again = run(story())
    assert first == "/temp/uploads/s/a_b_c/f.bin"
    assert second.startswith("/temp/uploads/s/a_b_c~")
    assert again == "/temp/uploads/s/a_b_c/g"
    assert (bench.file(first), bench.file(second)) == (b"1", b"2")


def test_a_session_belongs_to_who_first_wrote_into_it(bench):
    async def story():
        await bench.send(0, 2, b"aaaa", owner="ada")
        assert await bench.code(1, 2, b"b", owner="bob") == "not_found"
        assert await bench.code(0, 1, b"b", owner="bob", file_first=True, filename="g") == "not_found"
        await bench.send(1, 2, b"a", owner="ada")
        assert await bench.code(0, 1, b"b", owner="bob", sessionId="his own") is None

    run(story())
    assert bench.file() == b"aaaaa"
    assert_only_the_file(bench)


@pytest.mark.parametrize("policy", ["error", "rename"])
def test_a_taken_name_is_kept_when_the_client_says_so(bench, policy):
    async def story():
        await bench.send(0, 1, b"first", uploadId="1")
        if policy == "error":
            assert await bench.code(0, 1, b"second", uploadId="2", conflict=policy) == "exists"
            state = await bench.send(0, 1, b"second", uploadId="2", conflict="replace")
        else:
            state = await bench.send(0, 1, b"second", uploadId="2", conflict=policy)
        return state.done.path

    path = run(story())
    assert path == (PATH if policy == "error" else PATH.replace("f.bin", "f (1).bin"))
    assert bench.file(path) == b"second"
    if policy == "rename":
        assert bench.file() == b"first"


def test_ten_thousand_chunks_are_counted_in_ranges(bench):
    attempt = Attempt.replay([])
    assert attempt is None
    state = run(_send_all(bench, [7, 3, 4, 5, 0], [b"x"] * 9))
    assert state.received() == [(0, 0), (3, 5), (7, 7)]
    assert state.missing() == [(1, 2), (6, 6), (8, 8)]
