"""Free space, the reserve, and promises."""

import os
import types

import pytest

from jupyter_nodeapi.disk.space import GIB, Space
from jupyter_nodeapi.errors import InsufficientStorage


@pytest.fixture
def disk(monkeypatch):
    """A disk of which the test says how large and how free it is."""
    facts = types.SimpleNamespace(f_frsize=1024, f_blocks=100 * GIB // 1024, f_bavail=10 * GIB // 1024)
    monkeypatch.setattr(os, "statvfs", lambda path: facts)
    return facts


def test_free_is_asked_of_the_nearest_parent(tmp_path):
    assert Space().free(tmp_path / "no" / "such" / "folder") > 0


def test_the_reserve_is_never_used_up(tmp_path, disk):
    space = Space()
    space.require(tmp_path, 9 * GIB)
    with pytest.raises(InsufficientStorage) as caught:
        space.require(tmp_path, 9 * GIB + 1)
    assert caught.value.details == {"needed": 9 * GIB + 1, "available": 9 * GIB}


def test_the_default_reserve_of_a_small_disk_is_two_percent(tmp_path, disk):
    disk.f_blocks = 10 * GIB // 1024
    Space().require(tmp_path, 10 * GIB - 10 * GIB // 50)
    with pytest.raises(InsufficientStorage):
        Space().require(tmp_path, 10 * GIB - 10 * GIB // 50 + 1)


def test_a_promise_counts_until_it_ends(tmp_path, disk):
    space = Space(0)
    first = space.promise(tmp_path, 6 * GIB)
    with pytest.raises(InsufficientStorage) as caught:
        space.require(tmp_path, 5 * GIB)
    assert caught.value.details == {"needed": 5 * GIB, "available": 4 * GIB}
    with pytest.raises(InsufficientStorage):
        space.promise(tmp_path / "x", 5 * GIB)
    first.end()
    first.end()
    space.require(tmp_path, 10 * GIB)


def test_what_has_come_is_counted_by_the_disk_alone(tmp_path, disk):
    space = Space(0)
    promise = space.promise(tmp_path, 6 * GIB)
    promise.came(5 * GIB)
    disk.f_bavail -= 5 * GIB // 1024
    space.require(tmp_path, 4 * GIB)
    with pytest.raises(InsufficientStorage):
        space.require(tmp_path, 4 * GIB + 1)
    promise.came(2 * GIB)
    space.require(tmp_path, 5 * GIB)


def test_a_promise_grows_beside_the_others_and_stays_when_it_cannot(tmp_path, disk):
    space = Space(0)
    one, other = (space.promise(tmp_path, 3 * GIB) for _ in range(2))
    one.at_least(7 * GIB)
    with pytest.raises(InsufficientStorage):
        other.at_least(4 * GIB)
    assert (one.left, other.left) == (7 * GIB, 3 * GIB)
    one.at_least(1)
    assert one.left == 7 * GIB


def test_a_promise_on_another_disk_takes_nothing(tmp_path, disk):
    space = Space(0)
    promise = space.promise(tmp_path, 6 * GIB)
    promise.device += 1
    space.require(tmp_path, 10 * GIB)


def test_a_promise_that_nobody_holds_any_longer_is_forgotten(tmp_path, disk):
    space = Space(0)
    promise = space.promise(tmp_path, 6 * GIB)
    del promise
    space.require(tmp_path, 10 * GIB)


def test_a_full_disk_has_nothing_and_never_less(tmp_path, disk):
    disk.f_bavail = 0
    with pytest.raises(InsufficientStorage) as caught:
        Space().require(tmp_path, 1)
    assert caught.value.details["available"] == 0
    Space().require(tmp_path, 0)
