"""Whatever was acknowledged is there after the process was killed, at any moment."""

import contextlib
import os
import random
import shutil

import pytest

from jupyter_nodeapi.errors import Gone
from jupyter_nodeapi.uploads import parts as parts_module
from jupyter_nodeapi.uploads.journal import Begun

from .bench import PATH, run

PARTS = [b"aaaa", b"bbbb", b"cccc", b"dd"]
WHOLE = b"".join(PARTS)


@pytest.mark.parametrize("order", [random.Random(seed).sample(range(4), 4) for seed in range(8)])
def test_acknowledged_chunks_survive_a_restart_after_each(bench, order):
    async def story():
        for index in order:
            bench.restart()
            state = await bench.send(index, 4, PARTS[index])
        assert state.done

    run(story())
    assert bench.file() == WHOLE
    assert bench.leftovers() == []


def test_completion_survives_a_restart(bench):
    async def story():
        for index in range(4):
            await bench.send(index, 4, PARTS[index])
        bench.restart()
        return (await bench.send(2, 4, PARTS[2])).done.path

    assert run(story()) == PATH


class KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("call", range(40))
def test_a_kill_between_any_two_calls_of_the_disk_loses_no_acknowledged_chunk(bench, monkeypatch, call):
    """Every call that changes the disk is, once, the last one the process makes."""
    acknowledged, count = set(), iter(range(10_000))

    def deadly(name):
        real = getattr(os, name)

        def made(*args, **kwargs):
            if next(count) == call:
                raise KilledError
            return real(*args, **kwargs)

        return made

    for name in ("pwritev", "write", "replace", "copy_file_range", "fsync", "truncate"):
        monkeypatch.setattr(os, name, deadly(name))

    async def first_life():
        for index in (3, 1, 0, 2):
            await bench.send(index, 4, PARTS[index])
            acknowledged.add(index)

    async def second_life():
        for index in sorted(set(range(4)) - acknowledged) or [0]:
            state = await bench.send(index, 4, PARTS[index])
        return state.done is not None

    with contextlib.suppress(KilledError):
        run(first_life())
    monkeypatch.undo()
    bench.restart()
    assert run(second_life())
    assert bench.file() == WHOLE


def test_a_crash_of_the_machine_takes_only_what_the_disk_has_lost(bench):
    async def story():
        for index in range(3):
            await bench.send(index, 4, PARTS[index])
        slot = next(iter(bench.store.shelf._slots.values()))
        data = slot.parts.data(slot.attempt)
        with data.open("r+b") as file:
            file.seek(4)
            file.write(b"\0\0\0\0")
        old = slot.attempt.begun
        records = [Begun(old.data, old.total, "another boot"), *slot.attempt.chunks.values()]
        slot.parts.journal.replace(*records)
        bench.restart()
        state = await bench.send(3, 4, PARTS[3])
        assert state.received() == [(0, 0), (2, 3)]
        await bench.send(1, 4, PARTS[1])

    run(story())
    assert bench.file() == WHOLE


def test_an_upload_whose_bytes_are_gone_begins_anew(bench):
    async def story():
        await bench.send(0, 4, PARTS[0])
        for path in bench.store.shelf.folder.glob("*/data-*"):
            path.unlink()
        bench.restart()
        state = await bench.send(1, 4, PARTS[1])
        assert state.received() == [(1, 1)]

    run(story())


def test_a_full_disk_leaves_the_upload_resumable(bench, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    async def story():
        await bench.send(0, 2, b"aaaa")
        for name in ("pwritev", "write", "copy_file_range"):
            monkeypatch.setattr(os, name, full)
            with pytest.raises(OSError, match="No space"):
                await bench.send(1, 2, b"b", file_first=name == "copy_file_range")
            monkeypatch.undo()
        await bench.send(1, 2, b"b")

    run(story())
    assert bench.file() == b"aaaab"
    assert bench.leftovers() == []


def test_the_boot_id_is_asked_once():
    assert parts_module._boot_id() == parts_module._boot_id() != ""


@pytest.mark.parametrize("file_first", [False, True])
@pytest.mark.parametrize("what", ["*", "*/journal", "*/data-*", "*/last-*"])
@pytest.mark.parametrize("before", [[0], [0, 3], [3]])
def test_parts_that_somebody_removes_are_missed_and_never_become_a_hole(bench, before, what, file_first):
    """By hand, by a cleaner of temporary files, by another process of ours: memory still counts them."""

    async def story():
        for index in before:
            await bench.send(index, 4, PARTS[index])
        for path in bench.store.shelf.folder.glob(what):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        codes = [await bench.code(index, 4, PARTS[index], file_first=file_first) for index in (1, 2, 0, 3)]
        assert set(codes) <= {None, "gone"}
        for index in range(4):
            await bench.code(index, 4, PARTS[index])

    run(story())
    assert bench.file() == WHOLE


def test_a_chunk_whose_file_is_removed_while_it_arrives_does_not_count(bench):
    async def story():
        request = bench.request(0, 2)
        incoming = await bench.store.begin(request, "")
        await incoming.write(b"aaaa")
        shutil.rmtree(bench.store.shelf.folder)
        with pytest.raises(Gone):
            await bench.store.commit(incoming, request, "")
        await bench.send(0, 2, b"aaaa")
        await bench.send(1, 2, b"b")

    run(story())
    assert bench.file() == b"aaaab"
