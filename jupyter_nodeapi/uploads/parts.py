"""The folder in which one upload grows. Everything here blocks and runs in threads.

::

    <temp>/uploads/.nodeapi-partial/<key>/
        journal         what has arrived
        data-<random>   sparse; chunk i at i * chunk_size; the next attempt gets another name
        last-<random>   the last chunk while its place is not known

The journal line is always written after the bytes it speaks of, and a new attempt's journal replaces the old
one only when its own bytes are there, so the folder tells the truth whenever the process is killed.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.journal import Begun, Cancelled, Chunk, Journal, Record

__all__ = ["Parts", "new_attempt"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def new_attempt(total: int, **known: Any) -> Attempt:
    """Give an attempt that nothing on disk knows of yet; ``known`` as the fields of :class:`Begun`."""
    return Attempt(Begun(data=f"data-{secrets.token_hex(8)}", total=total, boot=_boot_id(), **known))


class Parts:
    """One upload's folder.

    Parameters
    ----------
    folder : Path
        It need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / "journal")

    def data(self, attempt: Attempt) -> Path:
        """Give the path of the attempt's bytes."""
        return self.folder / attempt.begun.data

    def _last(self, attempt: Attempt) -> Path:
        return self.folder / attempt.begun.data.replace("data-", "last-")

    def load(self) -> Attempt | None:
        """Give the attempt that the folder tells of, with what a crash of the machine lost taken out."""
        records = self.journal.read()
        attempt = Attempt.replay(records)
        if attempt is None or attempt.done or attempt.cancelled:
            return attempt
        if attempt.publishing and not self.data(attempt).exists():
            return attempt
        if not self.data(attempt).exists() and attempt.chunks.keys() - {attempt.total - 1}:
            return None
        if attempt.begun.boot != _boot_id():
            attempt = self._verified(records)
        if attempt is not None and attempt.parked and attempt.chunk_size:
            self.unpark(attempt)
        return attempt

    def peek(self) -> Attempt | None:
        """Give the attempt as it is written down, unchecked and without changing anything."""
        return Attempt.replay(self.journal.read(repair=False))

    def open(self, attempt: Attempt) -> int:
        """Open the attempt's bytes for writing, making the file and its folder while nothing lies in it.

        Raises
        ------
        FileNotFoundError
            Somebody has removed what had arrived.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        return os.open(self.data(attempt), _flags(attempt) | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)

    def keep(self, attempt: Attempt, incoming: Incoming, chunk: Chunk, offset: int | None) -> None:
        """Bring a chunk to its place and write it down.

        Parameters
        ----------
        attempt : Attempt
            Where it belongs; one that is not journaled yet begins by this.
        incoming : Incoming
            The bytes; those that already lie in place are not moved.
        chunk : Chunk
            The record; it counts when this returns.
        offset : int or None
            The place; None parks the chunk.

        Raises
        ------
        FileNotFoundError
            Somebody has removed what had arrived.
        InsufficientStorage
            There is no room to copy it.
        """
        self._bring(attempt, incoming, offset)
        if attempt.journaled:
            self.journal.path.stat()  # or a new one would begin in the middle
            self.journal.append(chunk)
        else:
            self.journal.replace(attempt.begun, *attempt.chunks.values(), chunk)

    def _bring(self, attempt: Attempt, incoming: Incoming, offset: int | None) -> None:
        target = self._last(attempt) if offset is None else self.data(attempt)
        self.folder.mkdir(parents=True, exist_ok=True)
        assert incoming.fd is not None
        alone = offset is None or attempt.total == 1
        if incoming.spool is not None and alone:
            os.replace(incoming.spool, target)  # noqa: PTH105
            incoming.spool = None
        elif incoming.place != (attempt.begun.data, offset):
            incoming.make_room(incoming.length)
            with _opened(target, os.O_RDWR | os.O_CREAT if offset is None else _flags(attempt)) as fd:
                regions.copy(incoming.fd, incoming.offset, fd, offset or 0, incoming.length)
        elif os.fstat(incoming.fd).st_nlink == 0:  # a file without a name takes bytes as well
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def unpark(self, attempt: Attempt) -> None:
        """Bring the parked last chunk to its place, which is known now."""
        chunk = attempt.parked
        assert chunk is not None
        offset = attempt.offset_of(chunk.index)
        assert offset is not None
        source, target = self._last(attempt), self.data(attempt)
        with _opened(source, os.O_RDONLY) as old, _opened(target, os.O_RDWR | os.O_CREAT) as fd:
            regions.copy(old, 0, fd, offset, chunk.length)
        self.append(attempt, Chunk(chunk.index, chunk.length, chunk.crc32))
        source.unlink(missing_ok=True)

    def append(self, attempt: Attempt, record: Record) -> None:
        """Write one record down and let it count."""
        self.journal.append(record)
        attempt.apply(record)

    def inherit(self, attempt: Attempt, chunks: Sequence[Chunk], source: Path) -> None:
        """Copy chunks from the file of the generation before into a new attempt."""
        fd = self.open(attempt)
        try:
            with _opened(source, os.O_RDONLY) as old:
                for chunk in chunks:
                    offset = attempt.offset_of(chunk.index) or 0
                    regions.copy(old, offset, fd, offset, chunk.length)
                    attempt.apply(chunk)
        finally:
            os.close(fd)

    def sha256_of(self, attempt: Attempt, index: int) -> str:
        """Give the SHA-256 of a recorded chunk in hexadecimal digits."""
        chunk = attempt.chunks[index]
        path = self._last(attempt) if chunk.parked else self.data(attempt)
        offset = 0 if chunk.parked else attempt.offset_of(index) or 0
        with _opened(path, os.O_RDONLY) as fd:
            return regions.sha256_of(fd, offset, chunk.length)

    def bury(self, attempt: Attempt, at: float) -> Attempt:
        """Replace all that is known by the note that it was cancelled."""
        records: list[Record] = [attempt.begun, Cancelled(at)]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal.replace(*records)
        self.forget(attempt)
        buried = Attempt.replay(records)
        assert buried is not None
        return buried

    def forget(self, attempt: Attempt) -> None:
        """Remove the bytes of an attempt that another one has replaced."""
        self.data(attempt).unlink(missing_ok=True)
        self._last(attempt).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def _verified(self, records: list[Record]) -> Attempt | None:
        """Take out the chunks whose bytes the disk does not have."""
        attempt = Attempt.replay(records)
        assert attempt is not None
        kept = [chunk for chunk in attempt.chunks.values() if self._is_there(attempt, chunk)]
        begun = msgspec.structs.replace(attempt.begun, boot=_boot_id())
        self.journal.replace(begun, *kept)
        return Attempt.replay([begun, *kept])

    def _is_there(self, attempt: Attempt, chunk: Chunk) -> bool:
        path = self._last(attempt) if chunk.parked else self.data(attempt)
        offset = 0 if chunk.parked else attempt.offset_of(chunk.index) or 0
        try:
            with _opened(path, os.O_RDONLY) as fd:
                ends = os.fstat(fd).st_size >= offset + chunk.length
                return ends and regions.crc32_of(fd, offset, chunk.length) == chunk.crc32
        except FileNotFoundError:
            return False


def _flags(attempt: Attempt) -> int:
    """Give how to open the bytes: a file in which something lies is not made anew, with a hole there."""
    kept = any(not chunk.parked for chunk in attempt.chunks.values())
    return os.O_RDWR if kept else os.O_RDWR | os.O_CREAT


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        yield fd
    finally:
        os.close(fd)


@functools.cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:  # not Linux: then every start counts as a boot
        return secrets.token_hex(8)
