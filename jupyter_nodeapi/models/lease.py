"""Who brings a model here, when several servers share one ``models_dir``.

::

    free ── take (link: one winner) ──> ours ── beat every 2 s ──> given back
     ^                                    │ its process is gone, or 10 s of silence
     └────────── put aside ───────────────┘

    <models_dir>/.nodeapi/partial/<key>.lease     {"owner", "process", "beat", "bytes", "total"}

Nothing here depends on flock (on some network file systems everybody gets it) or on two machines' clocks
agreeing: a follower only watches whether the file changes, by its own clock.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.jobs.engines import Stopped
from jupyter_nodeapi.models.failures import SourceUnavailable
from jupyter_nodeapi.models.process import certainly_gone, identity

__all__ = ["BEAT_SECONDS", "DEAD_SECONDS", "Lease", "Note", "held", "promised"]

BEAT_SECONDS = 2.0
DEAD_SECONDS = 10.0


class Note(msgspec.Struct):
    """What an owner writes down: who it is, that it lives, and how far it is."""

    owner: str = ""
    process: str = ""
    beat: int = 0
    bytes: int = 0
    total: int | None = None


class Lease:
    """The right to write into one model's staging folder.

    Parameters
    ----------
    path : Path
        The lease file.
    beat_seconds, dead_seconds : float
        How often an owner shows that it lives, and how long silence means that it does not.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self,
        path: Path,
        *,
        beat_seconds: float = BEAT_SECONDS,
        dead_seconds: float = DEAD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._beat_seconds = beat_seconds
        self._dead_seconds = dead_seconds
        self._clock = clock
        self._mine = Note(owner=uuid.uuid4().hex, process=identity())
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nodeapi-lease", daemon=True)
        self._seen: bytes | None = None
        self._since = clock()

    def take(self) -> bool:
        """Take the lease if it is free; put a dead owner's aside; say whether it is ours now."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._write(replace=False)
        except FileExistsError:
            if not self._dead():
                return False
            aside = atomic.sibling(self.path)
            with contextlib.suppress(FileNotFoundError):  # another follower was faster
                os.replace(self.path, aside)  # noqa: PTH105
                aside.unlink()
            self._seen = None
            return False
        self._thread.start()
        return True

    def announce(self, size: int) -> None:
        """Let others know at once how many bytes we are going to write: they are promised to us."""
        self._mine.bytes, self._mine.total = 0, size
        self._write()

    def progress(self, done: int, total: int | None) -> None:
        """Let followers know how far we are, with the next beat."""
        self._mine.bytes, self._mine.total = done, total

    def read(self) -> Note:
        """Give what the present owner wrote down."""
        return _note(self._read())

    def check(self) -> None:
        """Make sure that the lease is still ours.

        Raises
        ------
        SourceUnavailable
            Another server thought us dead and took over: this attempt must not write any more.
        """
        if not self._ours():
            raise SourceUnavailable("Another server took this download over.", code="taken_over")

    def give_back(self) -> None:
        """Let others take it."""
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._ours():
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()

    def wait(self, stopped: Callable[[], bool], look: Callable[[], bool], tick: float = 0.25) -> bool:
        """Wait until the lease is ours or `look` says that nothing is left to do; give whether it is ours.

        Raises
        ------
        Stopped
            As told.
        """
        pause = threading.Event()
        while not self.take():
            if stopped():
                raise Stopped
            if look():
                return False
            pause.wait(tick)
        return True

    def _dead(self) -> bool:
        text = self._read()
        now = self._clock()
        if certainly_gone(_note(text).process):
            return True
        if text != self._seen:
            self._seen, self._since = text, now
        return now - self._since > self._dead_seconds

    def _run(self) -> None:
        while not self._done.wait(self._beat_seconds):
            self._mine.beat += 1
            try:
                if not self._ours():
                    return
                self._write()
            except OSError:
                continue  # a full or vanished disk is the work's to report

    def _write(self, *, replace: bool = True) -> None:
        # nothing waits for the disk: after a power cut nobody holds anything
        atomic.write(self.path, msgspec.json.encode(self._mine), replace=replace, sync="none")

    def _ours(self) -> bool:
        return _note(self._read()).owner == self._mine.owner

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError:
            return b""


def held(path: Path, now: float | None = None) -> bool:
    """Say whether somebody seems to hold a lease; for cleaning up, where leaving something is no harm.

    Parameters
    ----------
    path : Path
        The lease file.
    now : float, optional
        Seconds since the epoch.
    """
    try:
        age = (time.time() if now is None else now) - path.stat().st_mtime
        note = _note(path.read_bytes())
    except OSError:
        return False
    return age < 60 and not certainly_gone(note.process)


def promised(folder: Path, besides: Lease | None = None) -> int:
    """Give the bytes that downloads under way, here and on other servers, are still going to write.

    Parameters
    ----------
    folder : Path
        Of the leases.
    besides : Lease, optional
        Whose own bytes do not count.
    """
    size = 0
    for path in folder.glob("*.lease"):
        if (besides is None or path != besides.path) and held(path):
            note = Lease(path).read()
            size += max(0, (note.total or 0) - note.bytes)
    return size


def _note(text: bytes) -> Note:
    try:
        return msgspec.json.decode(text, type=Note)
    except msgspec.MsgspecError:
        return Note()
