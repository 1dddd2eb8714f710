"""A child process ends when its reason ends, whatever it thinks about that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.errors import TimedOut
from jupyter_nodeapi.jobs.engines import Stopped

pytestmark = pytest.mark.slow

LIMITS = Limits(20, 1 << 20)
# Says its own number, deafens itself to gentle signals, starts a child of its own, and stays.
STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen(["sleep", "600"])
open(sys.argv[1] + ".new", "w").write(f"{os.getpid()} {inner.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
inner.wait()
"""


def never() -> bool:
    return False


def gone(pids, seconds=3.0) -> bool:
    deadline = time.monotonic() + seconds
    poll = threading.Event()
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        poll.wait(0.01)
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def pids_in(path: Path) -> list[int]:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    return [int(pid) for pid in path.read_text().split()]


def test_the_exit_code_and_both_outputs_are_told():
    blocks: list[bytes] = []
    ended = run(["sh", "-c", "echo out; echo err >&2; exit 7"], LIMITS, never, on_output=blocks.append)
    assert (ended.code, ended.tail, b"".join(blocks)) == (7, "err\n", b"out\n")


def test_a_flood_of_errors_is_drained_and_only_its_tail_kept():
    ended = run(["sh", "-c", "yes error | head -c 3000000 >&2; echo last >&2"], LIMITS, never)
    assert ended.code == 0
    assert ended.tail.endswith("last\n")
    assert len(ended.tail) <= 4096


def test_hours_in_small_writes_are_taken_in_large_blocks():
    code = "import os\nfor n in range(4096): os.write(1, n.to_bytes(2, 'big') * 2048); sum(range(2000))"
    blocks: list[bytes] = []
    run([sys.executable, "-c", code], LIMITS, never, on_output=blocks.append)
    assert b"".join(blocks) == b"".join(n.to_bytes(2, "big") * 2048 for n in range(4096))
    assert len(blocks) < 512


def test_the_child_leads_its_own_session_and_is_nice():
    out: list[bytes] = []
    code = f"import os; print(os.getsid(0) == {os.getsid(0)}, os.nice(0), os.getcwd())"
    run([sys.executable, "-c", code], LIMITS, never, on_output=out.append)
    foreign, nice, folder = b"".join(out).split()
    assert foreign == b"False"
    assert int(nice) >= os.nice(0) + 10 or int(nice) == 19
    assert folder == b"/"


def test_no_secret_of_the_server_reaches_the_child(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    out: list[bytes] = []
    run(["env"], LIMITS, never, on_output=out.append)
    assert b"secret" not in b"".join(out)


def test_the_time_limit_kills_what_ignores_signals(tmp_path):
    with pytest.raises(TimedOut):
        run([sys.executable, "-c", STUBBORN, str(tmp_path / "pids")], Limits(1.0, 1 << 20), never)
    assert gone(pids_in(tmp_path / "pids"))


def test_a_stop_kills_the_child_and_its_children(tmp_path):
    file = tmp_path / "pids"
    with pytest.raises(Stopped):
        run([sys.executable, "-c", STUBBORN, str(file)], LIMITS, file.exists)
    assert gone(pids_in(file))


def test_a_child_that_closes_its_outputs_is_still_watched():
    with pytest.raises(TimedOut):
        run(["sh", "-c", "exec >&- 2>&-; exec sleep 600"], Limits(0.5, 1 << 20), never)


def test_a_file_larger_than_allowed_ends_the_child(tmp_path):
    target = tmp_path / "big"
    ended = run(["dd", "if=/dev/zero", f"of={target}", "bs=65536", "count=100"], Limits(20, 1 << 20), never)
    assert ended.code != 0
    assert target.stat().st_size <= 1 << 20


def test_a_lent_file_is_the_same_file_after_its_name_is_given_away(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    fd = os.open(path, os.O_RDONLY)
    path.unlink()
    path.write_text("new")
    out: list[bytes] = []
    with borrowed(fd) as (number, name):
        run(["cat", name], LIMITS, never, fds=[number], on_output=out.append)
    os.close(fd)
    assert b"".join(out) == b"old"


def test_nothing_survives_a_server_that_is_killed(tmp_path):
    """``kill -9`` of the parent: the pipe that only it held ends, and the watcher kills the group."""
    file = tmp_path / "pids"
    code = (
        "import sys; from jupyter_nodeapi.audio.child import *; "
        "run([sys.executable, '-c', sys.argv[1], sys.argv[2]], Limits(600, 1 << 20), lambda: False)"
    )
    server = subprocess.Popen([sys.executable, "-c", code, STUBBORN, str(file)], start_new_session=True)
    try:
        pids = pids_in(file)
    finally:
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    assert gone(pids)
