"""After completion: the same bytes are welcome, other bytes begin the file's next generation."""

import pytest

from .bench import PATH, run

OLD = [b"aaaa", b"bbbb", b"cc"]


async def complete(bench, parts=OLD):
    for index, part in enumerate(parts):
        state = await bench.send(index, len(parts), part)
    assert state.done
    return state


def test_the_old_file_is_readable_until_the_new_one_replaces_it(bench):
    async def story():
        await complete(bench)
        for index, part in enumerate([b"AAAA", b"BBBB"]):
            state = await bench.send(index, 3, part)
            assert state.done is None
            assert bench.file() == b"aaaabbbbcc"
        await bench.send(2, 3, b"CC")

    run(story())
    assert bench.file() == b"AAAABBBBCC"


@pytest.mark.parametrize("changed", [0, 1, 2])
@pytest.mark.parametrize("restarts", [False, True])
def test_an_edited_file_completes_whichever_chunk_has_changed(bench, changed, restarts):
    new = [part.upper() if index == changed else part for index, part in enumerate(OLD)]

    async def story():
        await complete(bench)
        for index, part in enumerate(new):
            if restarts:
                bench.restart()
            state = await bench.send(index, 3, part)
        assert state.done

    run(story())
    assert bench.file() == b"".join(new)
    assert bench.leftovers() == []


@pytest.mark.parametrize("belated", [0, 1, 2])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_belated_duplicate_never_ends_up_in_the_next_generation(bench, belated, restarts):
    new = [b"AAAA", b"BBBB", b"CC"]

    async def story():
        await complete(bench)
        await bench.send(belated, 3, OLD[belated])
        for index, part in enumerate(new):
            if restarts:
                bench.restart()
            state = await bench.send(index, 3, part)
        assert state.done

    run(story())
    assert bench.file() == b"".join(new)
    assert bench.leftovers() == []


def test_other_totals_begin_afresh(bench):
    async def story():
        await complete(bench)
        await bench.send(0, 2, b"AAAA")
        assert bench.file() == b"aaaabbbbcc"
        await bench.send(1, 2, b"B")

    run(story())
    assert bench.file() == b"AAAAB"


def test_another_chunk_size_begins_afresh(bench):
    async def story():
        await complete(bench)
        for index, part in enumerate([b"AAA", b"BBB", b"C"]):
            await bench.send(index, 3, part)

    run(story())
    assert bench.file() == b"AAABBBC"


@pytest.mark.parametrize("change", ["delete", "edit", "replace"])
def test_a_file_that_is_no_longer_there_as_it_was_is_uploaded_anew(bench, change):
    async def story():
        await complete(bench)
        path = bench.root.resolve(PATH)
        if change == "delete":
            path.unlink()
        elif change == "edit":
            path.write_bytes(b"edited by the kernel")
        else:
            other = path.with_name("other")
            other.write_bytes(b"xxxxxxxxxx")
            other.replace(path)
        return [(await bench.send(index, 3, part)).done is not None for index, part in enumerate(OLD)][-1]

    assert run(story())
    assert bench.file() == b"aaaabbbbcc"


def test_a_file_of_one_chunk_is_replaced_at_once(bench):
    async def story():
        await bench.send(0, 1, b"one")
        assert (await bench.send(0, 1, b"two")).done
        assert bench.file() == b"two"
        assert (await bench.send(0, 1, b"two", file_first=True)).done

    run(story())
    assert bench.file() == b"two"
