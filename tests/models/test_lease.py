"""One server brings a model, others follow, and one of them takes over when it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import msgspec
import pytest

from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.failures import SourceUnavailable
from jupyter_nodeapi.models.lease import Lease, Note, held
from jupyter_nodeapi.models.process import certainly_gone, identity
from tests.models.conftest import Installer, entry

DATA = os.urandom(900_000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "partial" / "key.lease"


def write(path, **fields):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(Note(**fields)))


def test_of_many_at_once_one_has_the_lease(path):
    leases = [Lease(path) for _ in range(12)]
    won = []
    threads = [threading.Thread(target=lambda lease=lease: won.append(lease.take())) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 11 + [True]
    for lease in leases:
        lease.give_back()
    assert not path.exists()


def test_a_silent_owner_is_dead_only_by_the_watchers_own_clock(path):
    write(path, owner="other", beat=1)
    now = [0.0]
    lease = Lease(path, dead_seconds=10, clock=lambda: now[0])
    assert not lease.take()
    now[0] = 9.0
    assert not lease.take()
    write(path, owner="other", beat=2)
    now[0] = 18.0
    assert not lease.take()  # it lives: the file changed
    now[0] = 29.0
    assert not lease.take()  # put aside
    assert lease.take()
    lease.give_back()


def test_an_owner_whose_process_is_gone_is_dead_at_once(path):
    child = subprocess.run(
        [sys.executable, "-c", "from jupyter_nodeapi.models.process import identity; print(identity())"],
        capture_output=True,
        text=True,
        check=True,
    )
    write(path, owner="other", process=child.stdout.strip())
    lease = Lease(path)
    assert not held(path)
    lease.take()
    assert lease.take()
    lease.give_back()


def test_a_process_knows_itself_alive_and_never_judges_another_machine():
    assert identity()
    assert not certainly_gone(identity())
    assert not certainly_gone("")
    assert not certainly_gone("other-boot:1:999999:1")
    place, _, _ = identity().rpartition(":")
    assert certainly_gone(f"{place}:1")


def test_an_owner_that_was_taken_for_dead_stops_writing(path):
    lease = Lease(path)
    assert lease.take()
    lease.check()
    write(path, owner="other")
    with pytest.raises(SourceUnavailable):
        lease.check()
    lease.give_back()
    assert path.exists()


def test_a_follower_that_is_stopped_stops(path):
    write(path, owner="other")
    with pytest.raises(Stopped):
        Lease(path).wait(lambda: True, lambda: False)


def test_two_servers_on_one_store_make_one_transfer(hub, tmp_path):
    hub.add("org/big", {"big.pth": DATA})
    wanted = entry(source={"type": "huggingface", "url": "org/big"}, files=[{"path": "big.pth"}])
    options = {"allowed_origins": [hub.cdn_url], "stall_seconds": 30}
    servers = [Installer(tmp_path / "models", dict(options)) for _ in range(2)]
    results = []
    threads = [threading.Thread(target=lambda one=one: results.append(one(wanted))) for one in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(results) == 2
    assert results[0] == results[1]
    assert len(hub.seen("cdn")) == 1
    assert servers[0].visible == ["Things/big.pth"]


KILLED = """
import json, sys
from jupyter_nodeapi.models.install import install
def report(done, total=None, message="", **more):
    print(done, flush=True)
install(json.loads(sys.argv[1]), report, lambda: False)
"""


@pytest.mark.slow
def test_when_the_owner_is_killed_another_finishes_from_its_bytes(hub, online):
    hub.add("org/big", {"big.pth": DATA})
    hub.faults.add("stall", at=700_000)
    wanted = entry(source={"type": "huggingface", "url": "org/big"}, files=[{"path": "big.pth"}])
    spec = {
        "entry": msgspec.to_builtins(wanted),
        "models_dir": str(online.models_dir),
        "reserve_bytes": 0,
        **online.options,
    }
    owner = subprocess.Popen(
        [sys.executable, "-c", KILLED, msgspec.json.encode(spec).decode()], stdout=subprocess.PIPE, text=True
    )
    while int(owner.stdout.readline() or "1000000") < 400_000:
        pass
    owner.kill()
    owner.wait()
    owner.stdout.close()
    began = time.monotonic()
    online(wanted)
    assert time.monotonic() - began < 8
    assert (online.models_dir / "Things/big.pth").read_bytes() == DATA
    assert len(hub.seen("cdn")) == 2
