"""What is known about one tus upload, beside its bytes. Blocks.

::

    <temp>/uploads/.nodeapi-partial/tus-<id>/
        info.json           this record
        data-tus            the bytes: as many as the upload's offset says
        unchecked-<offset>  while bytes arrive that were announced with a checksum: from there on none counts

So bytes that nobody has checked count neither after a kill nor when another request goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.uploads.identity import Identity, clean_filename, clean_folders
from jupyter_nodeapi.uploads.journal import Publishing
from jupyter_nodeapi.uploads.parts import Parts

__all__ = ["DATA", "PREFIX", "Record", "distrust", "identity_of", "load", "peek", "save", "trust"]

DATA = "data-tus"
PREFIX = "tus-"
"""Begins the names of the folders of all uploads by tus."""

_INFO = "info.json"
_UNCHECKED = "unchecked-"


class Record(msgspec.Struct, omit_defaults=True):
    """One tus upload; ``parts`` are the ids that it is made of, ``finals`` those that it is a part of."""

    upload_id: str
    owner: str
    length: int | None
    metadata: str = ""
    concat: str = ""
    path: str = ""
    fields: dict[str, str] = {}
    parts: list[str] = []
    finals: list[str] = []

    @property
    def is_partial(self) -> bool:
        """Whether it is only a part of another."""
        return self.concat == "partial"

    @property
    def is_final(self) -> bool:
        """Whether it is made of others."""
        return bool(self.parts)


def load(parts: Parts) -> tuple[Record, int]:
    """Give a record and the upload's offset in bytes; unchecked bytes are not there.

    Raises
    ------
    NotFound
        There is no such upload.
    """
    try:
        record = peek(parts)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound("There is no such upload.") from None
    if record.path:
        return record, record.length or 0
    data = parts.folder / DATA
    if data.exists():
        return record, min([data.stat().st_size, *(offset for _, offset in _distrusted(parts))])
    # Killed between the rename and its note: the journal knows the name.
    for line in reversed(parts.journal.read()):
        if isinstance(line, Publishing):
            record.path = line.path
            save(parts, record)
            return record, record.length or 0
    raise NotFound("There is no such upload.")


def peek(parts: Parts) -> Record:
    """Give the record as it is written down; raises ``FileNotFoundError`` when there is none."""
    return msgspec.json.decode((parts.folder / _INFO).read_bytes(), type=Record)


def save(parts: Parts, record: Record) -> None:
    """Write a record down."""
    parts.folder.mkdir(parents=True, exist_ok=True)
    atomic.write(Path(parts.folder / _INFO), msgspec.json.encode(record))


def distrust(parts: Parts, offset: int) -> None:
    """Let bytes from this offset on not count until :func:`trust`."""
    (parts.folder / f"{_UNCHECKED}{offset}").touch()


def trust(parts: Parts, fd: int, size: int | None = None) -> None:
    """Let all bytes count, after cutting the file to ``size`` bytes where that is said."""
    if size is not None:
        os.ftruncate(fd, size)
    for mark, _ in list(_distrusted(parts)):
        mark.unlink()


def _distrusted(parts: Parts) -> Iterator[tuple[Path, int]]:
    for mark in parts.folder.glob(f"{_UNCHECKED}*"):
        yield mark, int(mark.name.removeprefix(_UNCHECKED))


def identity_of(record: Record) -> Identity:
    """Give where the file belongs; what the metadata does not say is ``tus`` and the upload's id."""
    fields = record.fields
    filename = clean_filename(fields.get("filename") or fields.get("name") or record.upload_id)
    identity = Identity(
        session=fields.get("sessionId") or "tus",
        node_name=fields.get("nodeName") or ("" if fields.get("nodeId") else "tus"),
        node_id=fields.get("nodeId", ""),
        filename=filename,
        folders=clean_folders(_relative(fields), filename),
    )
    _ = identity.session_folder, identity.node_folder
    return identity


def _relative(fields: dict[str, str]) -> str:
    """Uppy sends the word ``null`` for a file that is in no folder."""
    path = fields.get("relativePath", "")
    return "" if path == "null" else path
