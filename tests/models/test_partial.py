"""A file on its way: what is said to be safe is safe, after any crash."""

from __future__ import annotations

import os

import msgspec
import pytest

from jupyter_nodeapi.models import partial as module
from jupyter_nodeapi.models.partial import Partial, State


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(module, "_FLUSH_BYTES", 100)
    monkeypatch.setattr(module, "_UNSAFE_BYTES", 200)


@pytest.fixture
def synced(monkeypatch):
    """What was waited for, by size."""
    sizes, fsync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (sizes.append(os.fstat(fd).st_size), fsync(fd)))
    return sizes


@pytest.fixture
def record_of():
    """Reads the one record of a stage."""
    return lambda stage: msgspec.json.decode(next((stage / "state").iterdir()).read_bytes(), type=State)


def fill(partial, size, at=0):
    partial.add(memoryview(b"x" * size), at)
    partial.keep_up()


def test_a_transfer_goes_on_from_what_was_secured(tmp_path):
    with Partial(tmp_path, "a/b.bin") as first:
        first.begin(0, etag='"e"', total=1000)
        fill(first, 150)
    with Partial(tmp_path, "a/b.bin") as second:
        assert (second.state.safe, second.state.etag, second.state.total) == (150, '"e"', 1000)


def test_bytes_behind_the_safe_ones_are_thrown_away_after_a_crash(tmp_path):
    with Partial(tmp_path, "b.bin") as first:
        first.begin(0, etag=None, total=None)
        fill(first, 50)
    (tmp_path / "files/b.bin").write_bytes(b"x" * 50 + b"torn")
    with Partial(tmp_path, "b.bin") as second:
        assert second.state.safe == 50
    assert (tmp_path / "files/b.bin").stat().st_size == 50


def test_a_record_promises_no_more_before_other_bytes_come(tmp_path, record_of):
    with Partial(tmp_path, "b.bin") as first:
        first.begin(0, etag='"e"', total=1000)
        fill(first, 150)
    with Partial(tmp_path, "b.bin") as second:
        second.begin(0, etag='"other"', total=1000)
        assert record_of(tmp_path).safe == 0


def test_the_only_file_of_a_model_waits_for_the_disk_once_it_is_published(tmp_path, record_of, synced):
    with Partial(tmp_path, "b.bin", alone=True) as partial:
        partial.begin(0, etag=None, total=50)
        fill(partial, 50)
        partial.finish()
    assert synced == []
    with Partial(tmp_path, "b.bin", alone=True) as partial:  # a kill before that: only what is safe counts
        assert (partial.state.safe, partial.state.whole) == (0, False)
    with Partial(tmp_path, "c.bin") as partial:
        partial.begin(0, etag=None, total=50)
        fill(partial, 50)
        partial.finish()
    assert record_of(tmp_path) == State(total=50, safe=50, whole=True)


def test_a_file_shorter_than_its_record_begins_anew(tmp_path):
    with Partial(tmp_path, "b.bin") as first:
        first.begin(0, etag=None, total=None)
        fill(first, 50)
    (tmp_path / "files/b.bin").write_bytes(b"x")
    with Partial(tmp_path, "b.bin") as second:
        assert second.state.safe == 0


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"safe": "x"}'])
def test_a_broken_record_begins_anew(tmp_path, record):
    with Partial(tmp_path, "b.bin") as first:
        first.begin(0, etag=None, total=None)
        fill(first, 50)
    next((tmp_path / "state").iterdir()).write_bytes(record)
    with Partial(tmp_path, "b.bin") as second:
        assert second.state.safe == 0


def test_never_more_than_the_bound_is_without_an_fsync(tmp_path):
    with Partial(tmp_path, "b.bin") as partial:
        partial.begin(0, etag=None, total=None)
        for at in range(0, 2000, 50):
            fill(partial, 50, at)
            assert partial._size - partial.state.safe <= 250


def test_the_steps_shrink_towards_the_end_so_that_little_is_left_to_wait_for(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_FLUSH_BYTES", 320)
    monkeypatch.setattr(module, "_LEAST_BYTES", 40)
    with Partial(tmp_path, "b.bin") as partial:
        partial.begin(0, etag=None, total=1000)
        steps, last = [], 0
        for at in range(0, 1000, 10):
            partial.add(memoryview(b"x" * 10), at)
            if partial.keep_up():
                partial._settle()
                steps, last = [*steps, at + 10 - last], at + 10
    assert steps[0] == 200
    assert (steps == sorted(steps, reverse=True), steps[-1]) == (True, 40)
    assert 1000 - last <= 40


def test_a_slow_transfer_is_secured_by_the_clock(tmp_path):
    now = [0.0]
    with Partial(tmp_path, "b.bin", clock=lambda: now[0]) as partial:
        partial.begin(0, etag=None, total=None)
        partial.add(memoryview(b"x"), 0)
        assert not partial.keep_up()
        now[0] = 6.0
        assert partial.keep_up()


def test_an_fsync_that_failed_beside_is_raised_here(tmp_path, monkeypatch):
    def full(fd):
        raise OSError(28, "full")

    with Partial(tmp_path, "b.bin") as partial:
        partial.begin(0, etag=None, total=None)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            fill(partial, 150)
            with pytest.raises(OSError, match="full"):
                partial.secure()


def test_a_hard_link_is_never_written_into(tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    with Partial(tmp_path, "b.bin") as partial:
        partial.begin(0, etag=None, total=None)
        assert partial.adopt(lambda target: os.link(other, target) is None)
        partial.begin(0, etag=None, total=None)
        fill(partial, 10)
    with Partial(tmp_path, "c.bin") as partial:
        partial.begin(0, etag=None, total=None)
        partial.adopt(lambda target: os.link(other, target) is None)
        partial.finish()
    with Partial(tmp_path, "c.bin") as partial:
        partial.begin(0, etag=None, total=None)
        fill(partial, 10)
    assert other.read_bytes() == b"precious"


def test_wrong_bytes_are_counted_over_restarts(tmp_path):
    for count in (1, 2):
        with Partial(tmp_path, "b.bin") as partial:
            partial.begin(0, etag=None, total=None)
            fill(partial, 10)
            assert partial.discard() == count
    assert (tmp_path / "files/b.bin").stat().st_size == 0
