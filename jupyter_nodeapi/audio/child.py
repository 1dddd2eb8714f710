"""One child process that never outlives the reason it runs for.

::

    server --pipe--> sh (own session) -+-> nice FFmpeg
                      fd 3             `-> read <&3; kill the group
                      (only the server holds the other end: it dies, the pipe ends, all die)

Limits of CPU time and file size are set in the child. Its error text is drained as it comes
(a full pipe would stall it) and only the tail is kept, for the log: it holds paths.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jupyter_nodeapi.errors import TimedOut
from jupyter_nodeapi.jobs.engines import Stopped

__all__ = ["Ended", "Limits", "borrowed", "run"]

_SCRIPT = """\
exec 3<&0
ulimit -c 0
ulimit -t "$1"
ulimit -f "$2"
shift 2
nice -n 10 "$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
watch=$!
wait "$child"
code=$?
kill -KILL "$watch" 2>/dev/null
exit "$code"
"""
_TICK_SECONDS = 0.1
_TAIL = 4096
_PIPE = 1 << 20
_GATHER_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use.

    Parameters
    ----------
    seconds : float
        Wall clock.
    size : int
        Bytes of the largest file it may write.
    """

    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit ``code`` and the last of its error text, for the log only."""

    code: int
    tail: str


@contextlib.contextmanager
def borrowed(fd: int) -> Iterator[tuple[int, str]]:
    """Lend an open file to a child: ``(number, name)``, a name that cannot be exchanged meanwhile.

    Parameters
    ----------
    fd : int
        An open regular file.
    """
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20)
    try:
        yield high, f"/dev/fd/{high}"
    finally:
        os.close(high)


def run(
    argv: Sequence[str],
    limits: Limits,
    stopped: Callable[[], bool],
    *,
    fds: Sequence[int] = (),
    on_output: Callable[[bytes], object] = lambda _: None,
) -> Ended:
    """Run a program to its end, or kill it and all it started.

    Parameters
    ----------
    argv : sequence of str
        Program and arguments; no shell reads them.
    limits : Limits
        Time and size.
    stopped : callable
        Asked ten times a second; true ends the child.
    fds : sequence of int
        Descriptors that the child inherits under the same numbers.
    on_output : callable
        Gets each block of the child's standard output.

    Raises
    ------
    TimedOut
        The wall clock's limit passed.
    Stopped
        ``stopped()`` said so.
    """
    child = _start(argv, limits, fds)
    try:
        deadline = time.monotonic() + limits.seconds
        tail = _drain(child, deadline, stopped, on_output)
        return Ended(_await(child, deadline, stopped), tail.decode("utf-8", "replace"))
    finally:
        _kill(child)


def _start(argv: Sequence[str], limits: Limits, fds: Sequence[int]) -> subprocess.Popen[bytes]:
    cpu_seconds, blocks = max(1, int(4 * limits.seconds)), max(1, -(-limits.size // 512))
    child = subprocess.Popen(  # noqa: S603 - a list, and our own program
        ["/bin/sh", "-c", _SCRIPT, "sh", str(cpu_seconds), str(blocks), *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        pass_fds=tuple(fds),
        cwd="/",
        env=_environment(),
    )
    assert child.stdout is not None
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # hours of samples pass: sixteen times fewer turns for both sides
        with contextlib.suppress(OSError):
            fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
    return child


def _environment() -> dict[str, str]:
    """Only what a program needs to start: no token and no report file reaches the child."""
    path = os.pathsep.join(filter(None, (os.environ.get("PATH"), os.defpath)))
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": path, "LC_ALL": "C"}


def _drain(
    child: subprocess.Popen[bytes],
    deadline: float,
    stopped: Callable[[], bool],
    on_output: Callable[[bytes], object],
) -> bytes:
    """Read both pipes until they end; give the tail of the error text.

    A program that writes hours of samples writes a few kilobytes at once: to be woken up for each costs more
    than the samples' own work. So once a pipe has been filled, it is let fill again.
    """
    assert child.stdout is not None
    assert child.stderr is not None
    tail, passed = b"", 0
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        ready.register(child.stderr, selectors.EVENT_READ)
        while ready.get_map():
            _check(deadline, stopped)
            for key, _ in ready.select(_TICK_SECONDS):
                data = os.read(key.fd, _PIPE)
                if not data:
                    ready.unregister(key.fileobj)
                elif key.fileobj is child.stdout:
                    on_output(data)
                    passed += len(data)
                    if passed > _PIPE > 2 * len(data):
                        time.sleep(_GATHER_SECONDS)
                else:
                    tail = (tail + data)[-_TAIL:]
    return tail


def _await(child: subprocess.Popen[bytes], deadline: float, stopped: Callable[[], bool]) -> int:
    """Wait for a child that closed its pipes, which proves nothing about its end."""
    while True:
        try:
            return child.wait(_TICK_SECONDS)
        except subprocess.TimeoutExpired:  # noqa: PERF203 - a turn is a tenth of a second
            _check(deadline, stopped)


def _check(deadline: float, stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped
    if time.monotonic() > deadline:
        raise TimedOut


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
