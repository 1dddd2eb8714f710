"""The headers of tus 1.0, read strictly and written exactly. Pure.

The protocol: https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email.utils import formatdate
from typing import ClassVar

from jupyter_nodeapi.errors import InvalidParameter, PreconditionFailed, Unprocessable

__all__ = [
    "ALGORITHMS",
    "EXTENSIONS",
    "OFFSET_TYPE",
    "VERSION",
    "Checksum",
    "ChecksumMismatch",
    "Concat",
    "check_version",
    "expires",
    "read_checksum",
    "read_concat",
    "read_length",
    "read_metadata",
    "read_number",
]

VERSION = "1.0.0"
EXTENSIONS = (
    "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation"
    ",concatenation-unfinished"
)
ALGORITHMS = ("sha1", "sha256", "md5", "crc32")
OFFSET_TYPE = "application/offset+octet-stream"

_METADATA_BYTES = 16_384
_KEY = re.compile(r"[^\s,\x00-\x1f\x7f-\uffff]+")


class ChecksumMismatch(Unprocessable):
    """The bytes are not those that were announced; tus has a status of its own for it."""

    status: ClassVar[int] = 460
    code = "checksum_mismatch"
    sentence = "The checksum is not the one that was announced."
    hint = "Send the bytes again."


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must sum up to."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Concat:
    """What an upload is to others: a part of a file, or a file made of parts."""

    header: str
    parts: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether the upload is made of others."""
        return bool(self.parts)


def check_version(header: str | None) -> None:
    """Make sure that the client speaks this version.

    Raises
    ------
    PreconditionFailed
        It does not.
    """
    if header != VERSION:
        raise PreconditionFailed(
            f"This server speaks tus {VERSION}.", code="tus_version", hint=f"Send Tus-Resumable: {VERSION}."
        )


def read_number(header: str | None, name: str) -> int | None:
    """Give a header that is a whole number; None when it is not there.

    Raises
    ------
    InvalidParameter
        It is something else.
    """
    if header is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", header, re.ASCII):
        raise InvalidParameter(f"{name} must be a whole number.", field=name)
    return int(header)


def read_length(length: str | None, defer: str | None) -> int | None:
    """Give the length of a new upload; None when it will be told later.

    Raises
    ------
    InvalidParameter
        Neither or both of the two headers are there, or one is malformed.
    """
    if (length is None) == (defer is None) or defer not in {None, "1"}:
        raise InvalidParameter("Send either Upload-Length, or Upload-Defer-Length: 1.", field="Upload-Length")
    return read_number(length, "Upload-Length")


def read_metadata(header: str | None) -> dict[str, str]:
    """Give the pairs of ``Upload-Metadata``: keys, and values decoded from base64.

    Raises
    ------
    InvalidParameter
        A key is missing or there twice, or a value is not base64 of UTF-8.
    """
    pairs: dict[str, str] = {}
    if not header or not header.strip():
        return pairs
    if len(header) > _METADATA_BYTES:
        raise InvalidParameter("Upload-Metadata is too long.", field="Upload-Metadata")
    for pair in header.split(","):
        key, _, value = pair.strip(" ").partition(" ")
        if not _KEY.fullmatch(key) or key in pairs:
            raise InvalidParameter("Upload-Metadata has a malformed key.", field="Upload-Metadata")
        try:
            pairs[key] = base64.b64decode(value.strip(" "), validate=True).decode("utf-8")
        except ValueError:  # of the base64, of letters that are none of it, or of the UTF-8
            raise InvalidParameter("Upload-Metadata must be base64.", field="Upload-Metadata") from None
    return pairs


def read_checksum(header: str | None) -> Checksum | None:
    """Give what ``Upload-Checksum`` announces.

    Raises
    ------
    InvalidParameter
        The algorithm is unknown or the digest malformed.
    """
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise InvalidParameter(
            f"Upload-Checksum must be one of {', '.join(ALGORITHMS)} and a digest in base64.",
            field="Upload-Checksum",
        )
    return Checksum(algorithm, digest)


def read_concat(header: str | None) -> Concat | None:
    """Give what ``Upload-Concat`` says; the parts by their ids.

    Raises
    ------
    InvalidParameter
        It is neither ``partial`` nor ``final;`` with the addresses of parts.
    """
    if header is None:
        return None
    kind, semicolon, addresses = header.partition(";")
    if header == "partial":
        return Concat(header)
    parts = tuple(address.rstrip("/").rpartition("/")[2] for address in addresses.split())
    if kind != "final" or not semicolon or not all(parts) or not parts:
        raise InvalidParameter(
            "Upload-Concat must be 'partial' or 'final;' and addresses.", field="Upload-Concat"
        )
    return Concat(header, parts)


def expires(at: float) -> str:
    """Give the value of ``Upload-Expires`` for seconds since the epoch."""
    return formatdate(at, usegmt=True)
