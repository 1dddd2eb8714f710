"""One bandwidth for all transfers."""

from __future__ import annotations

import gc
import os
import weakref

import pytest

from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.throttle import Throttle, largest_block, shared
from tests.models.conftest import entry


class Clock:
    def __init__(self):
        self.now = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def throttle(clock):
    return Throttle(lambda: clock.now, clock.sleep)


def no_stop():
    pass


@pytest.mark.parametrize(("count", "rate", "seconds"), [(1000, 1000, 1), (500, 1000, 0.5), (10**9, 0, 0)])
def test_bytes_take_their_time(throttle, clock, count, rate, seconds):
    throttle.pace(count, rate, no_stop)
    assert sum(clock.slept) == pytest.approx(seconds)


def test_transfers_share_one_bandwidth(throttle, clock):
    for _ in range(10):
        throttle.pace(100, 1000, no_stop)
    assert clock.now == pytest.approx(101)


def test_idle_time_is_not_saved_up(throttle, clock):
    throttle.pace(1000, 1000, no_stop)
    clock.now += 60
    begun = clock.now
    throttle.pace(1000, 1000, no_stop)
    assert clock.now - begun == pytest.approx(1)


def test_a_stop_does_not_wait_for_the_bandwidth(throttle, clock):
    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        throttle.pace(10**9, 1, stop)
    assert clock.slept == []


@pytest.mark.parametrize(("rate", "block"), [(0, 1 << 20), (1 << 30, 1 << 20), (1 << 20, 1 << 17), (1, 4096)])
def test_blocks_are_small_where_the_line_is_slow(rate, block):
    assert largest_block(rate, 1 << 20) == block


def test_one_folder_has_one_bandwidth_as_long_as_somebody_uses_it(tmp_path):
    first = shared(str(tmp_path))
    assert shared(str(tmp_path)) is first
    assert shared(str(tmp_path / "other")) is not first
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_an_installation_keeps_to_the_bandwidth(online, hub, monkeypatch, clock):
    data = os.urandom(400_000)
    hub.add("org/m", {"m.safetensors": data})
    throttle = Throttle(lambda: clock.now, clock.sleep)
    monkeypatch.setattr("jupyter_nodeapi.models.install.shared", {str(online.models_dir): throttle}.get)
    source = {"type": "huggingface", "url": "org/m"}
    online(entry(source=source, files=[{"path": "m.safetensors"}]), bytes_per_second=100_000)
    assert sum(clock.slept) == pytest.approx(4)
    assert (online.models_dir / "Things/m.safetensors").read_bytes() == data
