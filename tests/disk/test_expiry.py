"""What is swept, when, and what never is."""

import asyncio
import logging
import os
import threading

import pytest

from jupyter_nodeapi.disk.expiry import Sweeper, Usage, sweep

NOW = 1_000_000.0
DAY = 86_400


@pytest.fixture
def make(tmp_path):
    def make(name, *, age, size=1, read_age=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (NOW - (age if read_age is None else read_age), NOW - age))
        return path

    return make


def left(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_what_is_old_goes_and_what_is_young_stays(tmp_path, make):
    make("old", age=DAY + 1)
    make("young", age=DAY - 1)
    removed = sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=Usage())
    assert removed == [tmp_path / "old"]
    assert left(tmp_path) == ["young"]


def test_a_dry_run_says_what_would_go_and_removes_nothing(tmp_path, make):
    make("gone/old", age=DAY + 1)
    make("young", age=DAY - 1)
    would = sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=Usage(), dry_run=True)
    assert would == [tmp_path / "gone" / "old"]
    assert left(tmp_path) == ["gone", "gone/old", "young"]


def test_a_read_counts_as_use(tmp_path, make):
    make("read", age=9 * DAY, read_age=1)
    assert sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=Usage()) == []


@pytest.mark.parametrize("held", ["a/b/file", "a/b", "a"])
def test_what_is_in_use_is_never_swept(tmp_path, make, held):
    make("a/b/file", age=9 * DAY)
    usage = Usage()
    with usage.hold(tmp_path / held):
        assert sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=usage, cap_bytes=0) == []
    assert len(sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=usage)) == 1


def test_above_the_cap_the_longest_unread_goes_first(tmp_path, make):
    for index, name in enumerate("dcba"):
        make(name, age=100 * (index + 1), size=10)
    removed = sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=Usage(), cap_bytes=25)
    assert removed == [tmp_path / "a", tmp_path / "b"]


def test_old_folders_that_are_empty_go_and_young_ones_stay(tmp_path, make):
    make("old/deep/file", age=9 * DAY)
    (tmp_path / "young").mkdir()
    for name in ("old/deep", "old"):
        os.utime(tmp_path / name, (NOW - 9 * DAY, NOW - 9 * DAY))
    os.utime(tmp_path / "young", (NOW, NOW))
    sweep(tmp_path, older_than_seconds=DAY, now=NOW, usage=Usage())
    assert left(tmp_path) == ["young"]
    assert tmp_path.is_dir()


def test_a_link_is_removed_and_not_followed(tmp_path, make):
    outside = make("outside/file", age=9 * DAY)
    (tmp_path / "swept").mkdir()
    for name, target in (("file", outside), ("folder", outside.parent)):
        (tmp_path / "swept" / name).symlink_to(target)
        os.utime(tmp_path / "swept" / name, (0, 0), follow_symlinks=False)
    assert len(sweep(tmp_path / "swept", older_than_seconds=DAY, now=NOW, usage=Usage())) == 2
    assert outside.exists()


def test_a_missing_folder_has_nothing_to_sweep(tmp_path):
    assert sweep(tmp_path / "no", older_than_seconds=0, now=NOW, usage=Usage()) == []


def test_holds_are_counted(tmp_path):
    usage = Usage()
    with usage.hold(tmp_path):
        with usage.hold(tmp_path):
            pass
        assert usage.in_use(tmp_path)
        assert usage.in_use(tmp_path / "a")
        assert not usage.in_use(tmp_path.parent / "other")
    assert not usage.in_use(tmp_path)


def test_a_sweep_that_fails_is_logged_and_the_others_go_on(caplog):
    done = threading.Event()
    loops = []

    def broken():
        raise KeyError("broken sweep")

    def good():
        loops.append(threading.current_thread().name)
        if len(loops) > 2:
            done.set()

    async def main():
        sweeper = Sweeper(logging.getLogger("sweeps"))
        sweeper.add("broken", broken)
        sweeper.add("good", good)
        sweeper.start(interval_seconds=0.001)
        sweeper.start(interval_seconds=0.001)
        deadline = asyncio.get_running_loop().time() + 5
        while not done.is_set():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.005)
        await sweeper.stop()
        await sweeper.stop()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert "broken sweep" in caplog.text
    assert set(loops) == {"nodeapi-sweep-1"}
