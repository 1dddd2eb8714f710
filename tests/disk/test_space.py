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


def test_a_promise_counts_until_it_is_taken_back(tmp_path, disk):
    space = Space(0)
    space.reserve("a", tmp_path, 6 * GIB)
    with pytest.raises(InsufficientStorage):
        space.require(tmp_path, 5 * GIB)
    with pytest.raises(InsufficientStorage):
        space.reserve("b", tmp_path / "x", 5 * GIB)
    space.reserve("a", tmp_path, 4 * GIB)
    space.reserve("b", tmp_path, 5 * GIB)
    space.release("a")
    space.release("a")
    space.require(tmp_path, 5 * GIB)


def test_a_promise_that_cannot_grow_stays(tmp_path, disk):
    space = Space(0)
    space.reserve("a", tmp_path, 6 * GIB)
    with pytest.raises(InsufficientStorage):
        space.reserve("a", tmp_path, 11 * GIB)
    with pytest.raises(InsufficientStorage):
        space.require(tmp_path, 5 * GIB)


def test_a_full_disk_has_nothing_and_never_less(tmp_path, disk):
    disk.f_bavail = 0
    with pytest.raises(InsufficientStorage) as caught:
        Space().require(tmp_path, 1)
    assert caught.value.details["available"] == 0
    Space().require(tmp_path, 0)
