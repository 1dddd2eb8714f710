"""One file over several connections: the same bytes, whatever becomes of each of them."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models import mover, parallel, spans
from jupyter_nodeapi.models.blocks import Hooks
from jupyter_nodeapi.models.failures import SourceUnavailable
from jupyter_nodeapi.models.parallel import Body, gather
from tests.models.conftest import entry

DATA = os.urandom(3_000_000)
SPAN = 64 << 10


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Spans in which a test's file is a large one."""
    monkeypatch.setattr(spans, "SPAN", SPAN)
    monkeypatch.setattr(mover, "_WORTH", 4 * SPAN)


def fetchers():
    return [thread for thread in threading.enumerate() if thread.name == "nodeapi-fetch"]


# -- the spans and their fetchers, without a network


class Server:
    """Answers any part of `data`; the body of each name in `broken` ends after that many bytes."""

    def __init__(self, data: bytes, broken: dict[int, int]) -> None:
        self.data, self.broken, self.asked = data, broken, 0
        self._lock = threading.Lock()

    def __call__(self, start: int, end: int) -> Body:
        with self._lock:
            self.asked += 1
            left = self.broken.get(self.asked)
        part = self.data[start:end]
        return Body(io.BytesIO(part if left is None else part[:left]), start, end)


@given(
    data=st.binary(min_size=1, max_size=5000),
    start=st.integers(0, 4999),
    connections=st.integers(2, 5),
    broken=st.dictionaries(st.integers(0, 12), st.integers(0, 300), max_size=8),
    most=st.integers(1, 700),
)
@settings(max_examples=60)
def test_the_bytes_come_in_order_or_the_last_failure_does(data, start, connections, broken, most):
    spans.SPAN = 256
    start %= len(data)
    server, taken = Server(data, broken), []
    first = Body(io.BytesIO(data[start:][: broken.get(0)]), start, len(data))
    hooks = Hooks(moved=lambda _: None, check=lambda: None, room=lambda _: None, most=most)
    with tempfile.TemporaryFile(buffering=0) as file:
        try:
            gather(
                first,
                server,
                file.fileno(),
                lambda block: taken.append(bytes(block)),
                hooks=hooks,
                connections=connections,
                abort=lambda: None,
            )
        except SourceUnavailable:
            assert len(broken) >= connections
        else:
            assert len(b"".join(taken)) == len(data) - start
        assert data[start:].startswith(b"".join(taken))
        assert fetchers() == []


# -- a real client and a real server


@pytest.fixture
def big(hub):
    hub.add("org/big", {"big.pth": DATA})
    return entry(source={"type": "huggingface", "url": "org/big"}, files=[{"path": "big.pth"}])


@pytest.fixture
def wide(online):
    """An installer that brings a large file over four connections."""
    online.options = {**online.options, "connections": 4}
    return online


def finished(online):
    return (online.models_dir / "Things/big.pth").read_bytes() == DATA and online.leftovers == []


@pytest.mark.slow
def test_a_large_file_comes_in_parts_of_which_none_comes_twice(wide, hub, big):
    wide(big)
    ranges = sorted(
        tuple(map(int, request.headers["range"].removeprefix("bytes=").split("-")))
        for request in hub.seen("cdn")[1:]
    )
    assert finished(wide)
    assert len(ranges) > 10
    assert all(ours[1] < following[0] for ours, following in pairwise(ranges))
    done = [row[0] for row in wide.reports]
    assert done == sorted(done)


BROKEN = [
    {"kind": "cut", "at": 10_000},
    {"kind": "close"},
    {"kind": "status", "value": 503, "headers": {"Retry-After": "3"}},
]
REFUSING = [
    *BROKEN,
    {"kind": "reset", "at": 10_000},
    {"kind": "status", "value": 429},
    {"kind": "expired"},
    {"kind": "html"},
    {"kind": "ignore_range"},
    {"kind": "changed"},
    {"kind": "drop_header", "value": "Content-Length"},
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("times", "fault"), [(1, fault) for fault in BROKEN] + [(99, fault) for fault in REFUSING]
)
def test_a_server_that_refuses_further_connections_still_delivers(wide, hub, big, fault, times):
    hub.faults.add("slow", value=4 * SPAN)
    hub.faults.add(**fault, times=times)
    wide(big)
    assert finished(wide)
    assert fetchers() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [{"kind": "chunked"}, *({"kind": "drop_header", "value": name} for name in ("ETag", "Accept-Ranges"))],
)
def test_where_parts_cannot_be_had_or_vouched_for_one_connection_brings_it(wide, hub, fault):
    hub.plain["big.pth"] = DATA
    hub.faults.add(**fault)
    wide(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/big.pth"}))
    assert finished(wide)
    assert len(hub.seen("cdn")) == 1


@pytest.mark.slow
def test_wrong_bytes_of_one_connection_are_thrown_away(wide, hub, big):
    hub.faults.add("slow", value=SPAN)
    hub.faults.add("wrong_bytes")
    with pytest.raises(SourceUnavailable) as caught:
        wide(big)
    assert caught.value.code == "checksum_mismatch"
    assert wide.visible == []
    wide(big)
    assert finished(wide)


@pytest.mark.slow
def test_when_all_connections_have_failed_the_next_try_goes_on_where_the_bytes_have_no_gap(wide, hub, big):
    hub.faults.add("cut", at=900_000)
    hub.faults.add("none", times=6)
    hub.faults.add("cut", at=1000, times=100)
    with pytest.raises(SourceUnavailable) as caught:
        wide(big)
    assert caught.value.code == "connection_lost"
    here = max(row[0] for row in wide.reports)
    hub.faults.clear()
    before = len(hub.seen("cdn"))
    wide(big)
    again = hub.seen("cdn")[before].headers
    assert int(again["range"].removeprefix("bytes=").removesuffix("-")) == here > 0
    assert finished(wide)


@pytest.mark.slow
def test_a_stop_ends_all_connections_at_once_and_keeps_what_has_no_gap(wide, hub, big):
    hub.faults.add("slow", value=SPAN)
    hub.faults.add("stall", at=1000, times=3)
    wide.stop_after = 40_000
    began = time.monotonic()
    with pytest.raises(Stopped):
        wide(big)
    assert time.monotonic() - began < 5
    assert fetchers() == []
    hub.faults.clear()
    wide.stop_after = None
    wide(big)
    assert finished(wide)


@pytest.mark.slow
def test_one_connection_that_goes_silent_is_left_and_the_others_deliver(wide, hub, big):
    hub.faults.add("slow", value=SPAN)
    hub.faults.add("stall", at=1000)
    wide(big, stall_seconds=0.3)
    assert finished(wide)
    assert fetchers() == []


@pytest.mark.slow
def test_one_connection_that_drips_holds_nobody_up_for_long(wide, hub, big):
    hub.faults.add("slow", value=SPAN)
    hub.faults.add("drip")
    with pytest.raises(SourceUnavailable) as caught:
        wide(big, stall_seconds=0.3)
    assert caught.value.code == "stalled"
    assert fetchers() == []
    wide(big)
    assert finished(wide)


@pytest.mark.slow
def test_a_full_disk_ends_all_of_them(wide, big, monkeypatch):
    write = parallel.write_at

    def full(fd, block, offset):
        if offset > 1_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(fd, block, offset)

    monkeypatch.setattr(parallel, "write_at", full)
    with pytest.raises(OSError, match="No space") as caught:
        wide(big)
    assert caught.value.errno == errno.ENOSPC
    assert fetchers() == []
    assert wide.visible == []
    monkeypatch.undo()
