"""A file on its way: its bytes, and up to where they are certainly on the disk.

::

    <stage>/files/<path>         the bytes; renamed away as a whole when all files are verified
    <stage>/state/<key>.json     State: etag, total, safe, faults, whole; never a URL, never a token

``safe`` is only raised after an fsync: after a crash, bytes behind it are thrown away and fetched again. The
fsync runs beside the transfer, in a thread; never more than 64 MiB are without one. The steps of a small file
shrink towards its end: what the last one leaves is waited for. A record that promises more than is true any
longer is replaced before the next byte; one that promises less may be late.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_nodeapi.disk.atomic import Sync, write
from jupyter_nodeapi.models.names import key_of

__all__ = ["Partial", "State", "write_at"]

_FLUSH_BYTES = 32 << 20
_LEAST_BYTES = 4 << 20
_UNSAFE_BYTES = 64 << 20
_FLUSH_SECONDS = 5.0


class State(msgspec.Struct, omit_defaults=True):
    """What a resumed transfer must know about the one before it."""

    etag: str | None = None
    total: int | None = None
    safe: int = 0
    faults: int = 0
    whole: bool = False


class Partial:
    """The growing file of one transfer.

    Parameters
    ----------
    stage : Path
        The staging folder of the model.
    path : str
        The file's checked relative path.
    alone : bool
        Whether it is the model's only file: published as soon as it is whole, it needs no record of that.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self, stage: Path, path: str, *, alone: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.data = stage / "files" / path
        self._record = stage / "state" / f"{key_of(path)}.json"
        self._clock = clock
        self._fd = -1
        self.state = State()
        self._recorded = State()
        self._alone = alone
        self._synced_at = 0.0
        self._size = 0
        self._flush: threading.Thread | None = None
        self._failure: OSError | None = None
        self._linked = False

    def __enter__(self) -> Partial:  # noqa: PYI034 - no Self in Python 3.10
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._recorded = self._load()
        self.state = msgspec.structs.replace(self._recorded)
        self._size = self.state.safe
        self._fd = self._open()
        self._synced_at = self._clock()
        return self

    def __exit__(self, *_exc: object) -> None:
        try:
            if not (self._alone and self.state.whole):
                self.secure()
        finally:
            os.close(self._fd)

    @property
    def fd(self) -> int:
        """The descriptor of the bytes, for reading them again."""
        return self._fd

    def begin(self, offset: int, *, etag: str | None, total: int | None) -> None:
        """Start a transfer at `offset`: everything behind it is forgotten, on the disk too."""
        self._settle()
        if self._linked:
            self._empty()
        os.ftruncate(self._fd, offset)
        self.state.etag, self.state.total, self.state.safe = etag, total, offset
        self.state.whole = False
        self._size = offset
        if offset < self._recorded.safe or self._recorded.whole:
            self._save(sync="all")

    def add(self, block: memoryview, offset: int) -> None:
        """Write a block, the next one."""
        write_at(self._fd, block, offset)
        self.reached(offset + len(block))

    def reached(self, size: int) -> None:
        """Say that the file is here up to `size`, whatever lies behind."""
        self._size = size

    def keep_up(self) -> bool:
        """Now and then let what is here get to the disk while more comes; say whether it was time.

        Waits only when too much is not on the disk yet.
        """
        unsafe = self._size - self.state.safe
        busy = self._flush is not None and self._flush.is_alive()
        due = unsafe >= self._step or self._clock() - self._synced_at >= _FLUSH_SECONDS
        if not due or (busy and unsafe < _UNSAFE_BYTES):
            return False
        self._settle()
        self._synced_at = self._clock()
        self._flush = threading.Thread(
            target=self._sync, args=(self._size,), name="nodeapi-flush", daemon=True
        )
        self._flush.start()
        return True

    def secure(self) -> None:
        """Wait until the bytes are on the disk, then say so in the record."""
        self._settle()
        if self._size > self._recorded.safe:
            os.fsync(self._fd)
            self.state.safe = self._size
            self._save()
        self._synced_at = self._clock()

    def finish(self) -> None:
        """Say that the file is whole and verified."""
        self._settle()
        self.state.whole = True
        if not self._alone:
            os.fsync(self._fd)
            self.state.safe = self._size
            self._save()

    def adopt(self, link: Callable[[Path], bool]) -> bool:
        """Let `link` make the file in place of our empty one; say whether it did.

        Our own is removed first, for writing into a hard link would change the other file.
        """
        self.data.unlink()
        if not link(self.data):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._replace(os.open(self.data, flags, 0o666))
            return False
        self._replace(os.open(self.data, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
        self._size = os.fstat(self._fd).st_size
        self._linked = True
        return True

    def discard(self) -> int:
        """Throw the bytes away because they were wrong; give how often that has happened."""
        self._settle()
        faults = self.state.faults + 1
        self.state = State(faults=faults)
        self._empty()
        self._size = 0
        self._save(sync="all")
        return faults

    @property
    def _step(self) -> int:
        total = self.state.total
        if total is None or total > 4 * _FLUSH_BYTES:
            return _FLUSH_BYTES
        return min(_FLUSH_BYTES, max(_LEAST_BYTES, (total - self._size) // 4))

    def _sync(self, size: int) -> None:
        try:
            os.fsync(self._fd)
            self.state.safe = size
            self._save()
        except OSError as error:
            self._failure = error

    def _settle(self) -> None:
        """Wait for the flush beside us, and say here what it could not do."""
        if self._flush is not None:
            self._flush.join()
            self._flush = None
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _open(self) -> int:
        """Open the data for going on; a file with a second name elsewhere is not ours to write into."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            links = os.lstat(self.data).st_nlink
        except FileNotFoundError:
            links = 0
        if links > 1:
            self.data.unlink()
        fd = os.open(self.data, flags, 0o666)
        if os.fstat(fd).st_size < self.state.safe:
            self.state.safe, self.state.whole, self._size = 0, False, 0
        os.ftruncate(fd, self.state.safe)
        return fd

    def _empty(self) -> None:
        if self._linked:
            self.data.unlink()
            self._replace(os.open(self.data, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
            self._linked = False
        os.ftruncate(self._fd, 0)

    def _replace(self, fd: int) -> None:
        os.close(self._fd)
        self._fd = fd

    def _load(self) -> State:
        try:
            state = msgspec.json.decode(self._record.read_bytes(), type=State)
        except (FileNotFoundError, msgspec.MsgspecError):
            return State()
        return state

    def _save(self, sync: Sync = "bytes") -> None:
        recorded = msgspec.structs.replace(self.state)
        write(self._record, msgspec.json.encode(recorded), sync=sync)
        self._recorded = recorded


def write_at(fd: int, block: memoryview, offset: int) -> None:
    """Write all of a block to its place."""
    written = 0
    while written < len(block):
        written += os.pwrite(fd, block[written:], offset + written)
