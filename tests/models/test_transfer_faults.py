"""Each way in which a transfer goes wrong, and what becomes of it."""

from __future__ import annotations

import hashlib
import os
import time

import pytest
import urllib3

from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from tests.models.conftest import entry

pytestmark = pytest.mark.slow

DATA = os.urandom(1_500_000)


@pytest.fixture
def big(hub):
    hub.add("org/big", {"big.pth": DATA})
    return entry(source={"type": "huggingface", "url": "org/big"}, files=[{"path": "big.pth"}])


def finished(online):
    return (online.models_dir / "Things/big.pth").read_bytes() == DATA


TRANSIENT = [
    ({"kind": "cut", "at": 500_000}, "connection_lost"),
    ({"kind": "reset", "at": 500_000}, "connection_lost"),
    ({"kind": "close"}, "connection_lost"),
    ({"kind": "close", "origin": "hub"}, "connection_lost"),
    ({"kind": "status", "value": 500}, "source_failed"),
    ({"kind": "status", "value": 503, "headers": {"Retry-After": "3"}}, "source_busy"),
    ({"kind": "status", "value": 429}, "source_busy"),
    ({"kind": "status", "value": 408}, "source_failed"),
    ({"kind": "expired"}, "link_expired"),
    ({"kind": "short_body", "at": 1000}, "size_mismatch"),
    ({"kind": "long_body", "at": 1000}, "size_mismatch"),
    ({"kind": "wrong_bytes"}, "checksum_mismatch"),
    ({"kind": "changed"}, "checksum_mismatch"),
]


@pytest.mark.parametrize(("fault", "code"), TRANSIENT)
def test_what_may_pass_is_retryable_and_the_next_try_ends_well(online, hub, big, fault, code):
    hub.faults.add(**fault)
    with pytest.raises(SourceUnavailable) as caught:
        online(big)
    assert (caught.value.code, caught.value.retryable) == (code, True)
    assert online.visible == []
    online(big)
    assert finished(online)
    assert online.leftovers == []


PERMANENT = [
    ({"kind": "status", "value": 404}, "file_not_found"),
    ({"kind": "status", "value": 410}, "file_not_found"),
    ({"kind": "status", "value": 451}, "access_denied"),
    ({"kind": "status", "value": 403, "origin": "hub"}, "access_denied"),
    ({"kind": "status", "value": 401, "origin": "hub"}, "auth_required"),
    ({"kind": "html"}, "html_page"),
    ({"kind": "html", "origin": "hub"}, "html_page"),
    ({"kind": "gzip"}, "unexpected_encoding"),
]


@pytest.mark.parametrize(("fault", "code"), PERMANENT)
def test_what_will_not_pass_is_final_and_leaves_nothing_under_a_name(online, hub, big, fault, code):
    hub.faults.add(**fault)
    with pytest.raises(SourceRefused) as caught:
        online(big)
    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert online.visible == []


@pytest.mark.parametrize("fault", ["wrong_bytes", "changed", "long_body"])
def test_wrong_bytes_twice_are_final(online, hub, big, fault):
    hub.faults.add(fault, times=2, at=10)
    with pytest.raises(SourceUnavailable):
        online(big)
    with pytest.raises(SourceRefused) as caught:
        online(big)
    assert caught.value.code in {"checksum_mismatch", "size_mismatch"}
    assert online.visible == []


@pytest.mark.parametrize(
    "fault", [{"kind": "ignore_range"}, {"kind": "chunked"}, {"kind": "drop_header", "value": "ETag"}]
)
def test_a_server_that_is_merely_odd_still_delivers(online, hub, big, fault):
    hub.faults.add(**fault)
    online(big)
    assert finished(online)


def test_bytes_come_from_the_socket_into_our_buffer_and_are_copied_nowhere_else(online, big, monkeypatch):
    monkeypatch.delattr(urllib3.BaseHTTPResponse, "readinto")
    monkeypatch.delattr(urllib3.HTTPResponse, "read")
    online(big)
    assert finished(online)


def test_a_cut_transfer_goes_on_where_it_stopped(online, hub, big):
    hub.faults.add("cut", at=1_000_000)
    with pytest.raises(SourceUnavailable):
        online(big)
    online(big)
    second = hub.seen("cdn")[1]
    assert int(second.headers["range"].removeprefix("bytes=").removesuffix("-")) >= 900_000
    assert second.headers["if-range"].startswith('"cdn-')
    assert finished(online)


@pytest.mark.parametrize("fault", ["ignore_range", "changed"])
def test_a_server_that_cannot_go_on_is_taken_from_the_beginning(online, hub, big, fault):
    hub.faults.add("cut", at=1_000_000)
    with pytest.raises(SourceUnavailable):
        online(big)
    hub.faults.add(fault)
    if fault == "ignore_range":
        online(big)
    else:
        with pytest.raises(SourceUnavailable):  # other bytes under another ETag: the digest tells
            online(big)
        online(big)
    assert finished(online)


def test_rotten_bytes_in_the_partial_are_never_installed(online, hub, big):
    hub.faults.add("cut", at=1_000_000)
    with pytest.raises(SourceUnavailable):
        online(big)
    partial = next(online.models_dir.glob(".nodeapi/partial/*/files/big.pth"))
    with partial.open("r+b") as file:
        file.write(b"rot")
    with pytest.raises(SourceUnavailable) as caught:
        online(big)
    assert caught.value.code == "checksum_mismatch"
    online(big)
    assert finished(online)


def test_an_offset_beyond_the_end_begins_anew(online, hub):
    hub.plain["p.bin"] = DATA
    digest = hashlib.sha256(DATA[:500]).hexdigest()
    wanted = entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/p.bin"})
    hub.faults.add("cut", at=1_000_000)
    with pytest.raises(SourceUnavailable):
        online(wanted)
    hub.plain["p.bin"] = DATA[:500]
    online(wanted)
    assert hashlib.sha256((online.models_dir / "Things/p.bin").read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("fault", [{"kind": "stall", "at": 300_000}, {"kind": "drip"}, {"kind": "hang"}])
def test_a_server_that_brings_nothing_is_left_in_time(online, hub, big, fault):
    hub.faults.add(**fault)
    with pytest.raises(SourceUnavailable) as caught:
        online(big, stall_seconds=0.3)
    assert caught.value.code == "stalled"
    online(big)
    assert finished(online)


def test_a_stop_ends_a_stalled_read_at_once_and_keeps_the_bytes(online, hub, big):
    hub.faults.add("stall", at=600_000)
    online.stop_after = 400_000
    began = time.monotonic()
    with pytest.raises(Stopped):
        online(big)
    assert time.monotonic() - began < 5
    online.stop_after = None
    online(big)
    assert "range" in hub.seen("cdn")[-1].headers
    assert finished(online)


def test_a_redirect_loop_ends(online, hub):
    hub.redirects["/plain/loop"] = "/plain/loop"
    with pytest.raises(SourceRefused) as caught:
        online(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/loop"}))
    assert caught.value.code == "redirect_loop"


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "http://127.0.0.1:1/x", "https://127.0.0.1:1/x", "file:///etc/passwd"],
)
def test_a_redirect_to_a_forbidden_place_is_not_followed(online, hub, target):
    hub.redirects["/plain/r"] = target
    with pytest.raises(Exception) as caught:
        online(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/r"}))
    assert caught.value.code in {"address_not_allowed", "unreachable"}
    assert online.visible == []
