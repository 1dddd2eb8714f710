"""What has arrived, as an append-only file: one JSON record a line.

::

    {"type": "begun", ...}                           what is uploaded, and the name of the file with the bytes
    {"type": "chunk", index, length, crc32}          these bytes are in that file, whole
    {"type": "publishing", "path": "/temp/..."}      the file is about to get this name
    {"type": "done", "path": "/temp/...", size ...}  it has it
    {"type": "cancelled", at}

A line is written by one ``write`` after the bytes it speaks of, so a killed process loses nothing that was
acknowledged: the kernel has both. A torn last line was never acknowledged and is cut off. Nothing is fsynced
here; after a crash of the *machine* (another boot id than in ``begun``) the lines are checked against the
bytes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from jupyter_nodeapi.disk import atomic

__all__ = ["Begun", "Cancelled", "Chunk", "Done", "Journal", "Publishing", "Record"]


class Begun(msgspec.Struct, frozen=True, omit_defaults=True, tag="begun"):
    """An attempt at a file begins; ``target`` is the path that it will have unless that is another node's."""

    data: str
    total: int
    boot: str
    chunk_size: int | None = None
    total_size: int | None = None
    target: str = ""
    conflict: Literal["replace", "rename", "error"] = "replace"
    file_hash: str | None = None


class Chunk(msgspec.Struct, frozen=True, omit_defaults=True, tag="chunk"):
    """The bytes of a chunk are there.

    ``parked``: in a file of their own, since their offset is not known yet. ``inherited``: taken over from
    the file's previous generation, since the client sent them again; other bytes may still replace them.
    ``resent``: sent again after the file was whole.
    """

    index: int
    length: int
    crc32: int
    parked: bool = False
    inherited: bool = False
    resent: bool = False


class Publishing(msgspec.Struct, frozen=True, omit_defaults=True, tag="publishing"):
    """The file is about to get its name."""

    path: str


class Done(msgspec.Struct, frozen=True, omit_defaults=True, tag="done"):
    """The file has its name; inode and time tell later whether it is still this one."""

    path: str
    size: int
    inode: int
    modified_ns: int


class Cancelled(msgspec.Struct, frozen=True, omit_defaults=True, tag="cancelled"):
    """The client has cancelled, at this time in seconds since the epoch."""

    at: float


Record: TypeAlias = Begun | Chunk | Publishing | Done | Cancelled

_decoder = msgspec.json.Decoder(Record)
_encoder = msgspec.json.Encoder()


class Journal:
    """One journal file; all methods block.

    Parameters
    ----------
    path : Path
        The file; it need not exist, its folder must.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, *, repair: bool = True) -> list[Record]:
        """Give all whole records, and cut off a torn or unreadable end; nothing when there is no file.

        Parameters
        ----------
        repair : bool
            Whether to cut; only for who holds the upload's lock.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        records: list[Record] = []
        good = 0
        for line in data.splitlines(keepends=True):
            try:
                if not line.endswith(b"\n"):
                    break
                records.append(_decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError):
                break
            good += len(line)
        if repair and good < len(data):
            os.truncate(self.path, good)
        return records

    def append(self, *records: Record) -> None:
        """Add records after the others, all or none."""
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            size = os.fstat(fd).st_size
            data = _lines(records)
            if os.write(fd, data) != len(data):
                # A full disk took a part: what follows must not be glued to it.
                os.ftruncate(fd, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(fd)

    def replace(self, *records: Record) -> None:
        """Make these the only records; the old ones or the new ones are there at any moment."""
        atomic.write(self.path, _lines(records))


def _lines(records: Iterable[Record]) -> bytes:
    return b"".join(_encoder.encode(record) + b"\n" for record in records)
