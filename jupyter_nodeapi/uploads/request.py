"""What one chunk says of itself: the fields of the form, checked and given their types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from jupyter_nodeapi.disk.names import MAX_ID_BYTES
from jupyter_nodeapi.errors import InvalidParameter
from jupyter_nodeapi.uploads.identity import Identity, clean_filename, clean_folders

__all__ = ["FIELDS", "ChunkRequest", "OnConflict", "conflict_of", "identity_of", "is_enough", "request_of"]

OnConflict = Literal["replace", "rename", "error"]

_NEEDED = frozenset({"filename", "chunkIndex", "totalChunks", "sessionId", "nodeId", "nodeName"})
_MORE = {"chunkSize", "totalSize", "chunkHash", "fileHash", "uploadId", "relativePath", "conflict", "restart"}

FIELDS = _NEEDED | _MORE
"""The fields that mean something; all others are ignored."""

_HASH = re.compile(r"crc32:[0-9a-f]{8}|sha256:[0-9a-f]{64}")
_FILE_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_MEANT = "'sha256:' with 64 hexadecimal digits"
_YES = {"1": True, "true": True, "": False, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """One chunk of one upload.

    Parameters
    ----------
    identity : Identity
        The upload.
    index, total : int
        Which chunk, counted from 0, of how many.
    chunk_size : int, optional
        Bytes of every chunk but the last.
    total_size : int, optional
        Bytes of the file.
    chunk_hash, file_hash : str, optional
        ``crc32:`` or ``sha256:`` with hexadecimal digits; a file only by ``sha256:``.
    conflict : str
        What to do when the file's name is taken: ``replace``, ``rename`` or ``error``.
    restart : bool
        Begin anew where this chunk contradicts what has arrived before.
    """

    identity: Identity
    index: int
    total: int
    chunk_size: int | None = None
    total_size: int | None = None
    chunk_hash: str | None = None
    file_hash: str | None = None
    conflict: OnConflict = "replace"
    restart: bool = False

    @property
    def is_last(self) -> bool:
        """Whether this is the chunk at the end, which may have any length."""
        return self.index == self.total - 1


def is_enough(fields: Mapping[str, str]) -> bool:
    """Say whether the fields tell where the bytes of the chunk belong."""
    return fields.keys() >= _NEEDED


def identity_of(fields: Mapping[str, str]) -> Identity:
    """Give the upload that the fields speak of.

    Raises
    ------
    InvalidParameter, InvalidPath
        A field is missing or cannot be used.
    """
    for name in ("sessionId", "filename"):
        if not fields.get(name):
            raise InvalidParameter(f"The field '{name}' is missing.", field=name)
    filename = clean_filename(fields["filename"])
    identity = Identity(
        session=fields["sessionId"],
        node_name=fields.get("nodeName", ""),
        node_id=fields.get("nodeId", ""),
        filename=filename,
        folders=clean_folders(fields.get("relativePath", ""), filename),
        upload_id=fields.get("uploadId", ""),
    )
    if len(identity.upload_id.encode(errors="replace")) > MAX_ID_BYTES:
        raise InvalidParameter(f"An uploadId has at most {MAX_ID_BYTES} bytes.", field="uploadId")
    # Both raise when the ids cannot become names.
    _ = identity.session_folder, identity.node_folder
    return identity


def request_of(fields: Mapping[str, str], *, max_chunks: int) -> ChunkRequest:
    """Give the chunk that the fields of a form speak of.

    Parameters
    ----------
    fields : mapping of str to str
        As they came; unknown ones are ignored.
    max_chunks : int
        The most chunks a file may have.

    Raises
    ------
    InvalidParameter, InvalidPath
        A field is missing or has a wrong value; ``field`` names it.
    """
    identity = identity_of(fields)
    total = _number(fields, "totalChunks")
    index = _number(fields, "chunkIndex")
    if total is None or index is None:
        name = "totalChunks" if total is None else "chunkIndex"
        raise InvalidParameter(f"The field '{name}' is missing.", field=name)
    if not 1 <= total <= max_chunks:
        raise InvalidParameter(
            f"totalChunks must be between 1 and {max_chunks}.", field="totalChunks", maxChunks=max_chunks
        )
    if index >= total:
        raise InvalidParameter("chunkIndex must be below totalChunks; it counts from 0.", field="chunkIndex")
    return ChunkRequest(
        identity=identity,
        index=index,
        total=total,
        chunk_size=_number(fields, "chunkSize") or None,
        total_size=_number(fields, "totalSize"),
        chunk_hash=_matching(fields, "chunkHash", _HASH, f"{_MEANT} or 'crc32:' with 8"),
        file_hash=_matching(fields, "fileHash", _FILE_HASH, _MEANT),
        conflict=conflict_of(fields),
        restart=_flag(fields),
    )


def _number(fields: Mapping[str, str], name: str) -> int | None:
    text = fields.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        raise InvalidParameter(f"The field '{name}' must be a whole number.", field=name)
    return int(text)


def _matching(fields: Mapping[str, str], name: str, pattern: re.Pattern[str], meant: str) -> str | None:
    text = fields.get(name, "").lower()
    if text and not pattern.fullmatch(text):
        raise InvalidParameter(f"The field '{name}' must be {meant}.", field=name)
    return text or None


def conflict_of(fields: Mapping[str, str]) -> OnConflict:
    """Give what to do when the file's name is taken.

    Raises
    ------
    InvalidParameter
        It is none of the three words.
    """
    text = fields.get("conflict") or "replace"
    if text not in {"replace", "rename", "error"}:
        raise InvalidParameter("conflict must be 'replace', 'rename' or 'error'.", field="conflict")
    return cast(OnConflict, text)


def _flag(fields: Mapping[str, str]) -> bool:
    text = fields.get("restart", "").lower()
    if text not in _YES:
        raise InvalidParameter("restart must be 'true' or 'false'.", field="restart")
    return _YES[text]
