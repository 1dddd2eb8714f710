"""Unfinished uploads expire after their last chunk, and never while one arrives."""

import os
import shutil

from jupyter_nodeapi.uploads.abandoned import sweep

from .bench import run


def age(bench, seconds):
    for path in [*bench.store.shelf.folder.rglob("*"), bench.store.shelf.folder]:
        os.utime(path, (bench.now - seconds, bench.now - seconds))


def count(bench):
    return len(sweep(bench.store.shelf, older_than_seconds=100, now=bench.now))


def test_an_old_partial_is_removed_and_a_young_one_stays(bench):
    async def story():
        await bench.send(0, 2, b"aaaa")
        age(bench, 99)
        assert count(bench) == 0
        age(bench, 101)
        assert count(bench) == 1
        assert list(bench.store.shelf.folder.iterdir()) == []
        state = await bench.send(1, 2, b"b")
        assert state.received() == [(1, 1)]

    run(story())


def test_a_partial_with_a_chunk_in_flight_stays(bench):
    async def story():
        await bench.send(0, 2, b"aaaa")
        incoming = await bench.store.begin(bench.request(1, 2), "")
        age(bench, 1000)
        assert count(bench) == 0
        await incoming.write(b"b")
        assert (await bench.store.commit(incoming, bench.request(1, 2), "")).done

    run(story())
    assert bench.file() == b"aaaab"


def test_a_finished_file_outlives_the_memory_of_its_upload(bench):
    run(bench.send(0, 1, b"data"))
    age(bench, 1000)
    assert count(bench) == 1
    assert bench.file() == b"data"


def test_a_spool_that_a_kill_left_behind_is_removed(bench):
    async def story():
        incoming = await bench.store.spool()
        age(bench, 1000)
        count(bench)
        assert len(bench.leftovers()) == 1
        bench.restart()
        count(bench)
        await incoming.close()
        assert list(bench.store.shelf.folder.iterdir()) == []

    run(story())


def test_nothing_to_sweep_is_fine(bench):
    assert count(bench) == 0
    bench.uploads.sweep()


def test_a_dry_run_only_tells(bench):
    run(bench.send(0, 2, b"aaaa"))
    age(bench, 1_000_000)
    before = sorted(bench.store.shelf.folder.rglob("*"))
    assert bench.uploads.sweep(dry_run=True) == [bench.request(0, 2).identity.key]
    assert sorted(bench.store.shelf.folder.rglob("*")) == before


def test_a_clock_that_is_set_back_midway_loses_nothing(bench):
    async def story():
        await bench.send(0, 2, b"aaaa")
        bench.now -= 86400
        assert count(bench) == 0
        assert (await bench.send(1, 2, b"b")).done
        assert bench.file() == b"aaaab"
        bench.restart()
        assert (await bench.send(1, 2, b"b")).done

    run(story())


def test_one_that_cannot_be_removed_keeps_no_other(bench, monkeypatch, caplog):
    async def story():
        for number in range(3):
            await bench.send(0, 2, b"aaaa", filename=f"{number}.bin")

    run(story())
    bench.restart()
    age(bench, 101)
    remove, tried = shutil.rmtree, []

    def failing(path, *args, **kwargs):
        tried.append(path)
        if len(tried) == 1:
            raise PermissionError(13, "Permission denied")
        remove(path, *args, **kwargs)

    monkeypatch.setattr(shutil, "rmtree", failing)
    assert count(bench) == 2
    assert "cannot be removed" in caplog.text
