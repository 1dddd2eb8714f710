"""The cover of a sound: where each format keeps its picture, and the block that FLAC and Ogg share.

::

    mp3          ID3v2, frame APIC (PIC in 2.2)
    flac         metadata block 6
    ogg          the same block in base64, as the comment METADATA_BLOCK_PICTURE
    mp4          moov/udta/meta/ilst/covr

Only JPEG and PNG are given, by their own bytes, and nothing longer than :data:`MOST`: all else is no cover.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import mp4_tags, ogg
from jupyter_nodeapi.audio.kinds import Kind

__all__ = ["MOST", "Cover", "read"]

MOST = 8 << 20
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_FRONT = 3


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture as it was in the file; ``mime`` is what its bytes are, not what the file says."""

    mime: str
    data: bytes

    def block(self) -> bytes:
        """Give FLAC's picture block (RFC 9639, 8.8), which needs neither size nor depth."""
        mime = self.mime.encode()
        head = struct.pack(">II", _FRONT, len(mime)) + mime
        return head + struct.pack(">IIIIII", 0, 0, 0, 0, 0, len(self.data)) + self.data


def read(fd: int, kind: Kind) -> Cover | None:
    """Give the front cover of a file, or its first picture; None where there is none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    kind : Kind
        What it is by its bytes.
    """
    if kind.name == "mp4":
        return _cover(mp4_tags.cover(fd) or b"")
    reader = {"mp3": _id3, "flac": _flac, "ogg": _ogg}.get(kind.name)
    if reader is None:
        return None
    try:
        found = sorted(reader(fd), key=lambda one: one[0] != _FRONT)
    except (struct.error, IndexError, ValueError):  # damaged tags are no reason to refuse the sound
        return None
    return next((cover for _, data in found if (cover := _cover(data))), None)


def _cover(data: bytes) -> Cover | None:
    mime = next((mime for magic, mime in _MAGIC.items() if data.startswith(magic)), None)
    return Cover(mime, data) if mime and len(data) <= MOST else None


def _flac(fd: int) -> Iterator[tuple[int, bytes]]:
    at, more = 4, os.pread(fd, 4, 0) == b"fLaC"
    while more:
        word = struct.unpack(">I", os.pread(fd, 4, at))[0]
        more, size = not word >> 31, word & 0xFFFFFF
        if word >> 24 & 127 == 6:
            yield _picture(os.pread(fd, size, at + 4))
        at += 4 + size


def _picture(block: bytes) -> tuple[int, bytes]:
    """Read a picture block: ``(what it shows, its bytes)``."""
    kind, mime = struct.unpack_from(">II", block)
    at = 8 + mime
    at += 4 + struct.unpack_from(">I", block, at)[0] + 16
    size = struct.unpack_from(">I", block, at)[0]
    return kind, block[at + 4 : at + 4 + size]


def _ogg(fd: int) -> Iterator[tuple[int, bytes]]:
    few = ogg.comments(os.pread(fd, 1 << 16, 0))  # enough where there is no picture
    for comment in few or ogg.comments(os.pread(fd, 2 * MOST, 0)):
        name, _, value = comment.partition(b"=")
        if name.upper() == b"METADATA_BLOCK_PICTURE":
            try:
                yield _picture(base64.b64decode(value))
            except (binascii.Error, struct.error):
                continue


def _id3(fd: int) -> Iterator[tuple[int, bytes]]:
    first = os.pread(fd, 10, 0)
    if not first.startswith(b"ID3") or len(first) < 10:
        return
    version, flags = first[3], first[5]
    body = os.pread(fd, min(2 * MOST, _synchsafe(first[6:10])), 10)
    if flags & 0x80 and version < 4:
        body = body.replace(b"\xff\0", b"\xff")
    at = _extended(body, version) if flags & 0x40 else 0
    short = version == 2
    name_size, head = (3, 6) if short else (4, 10)
    while at + head <= len(body) and body[at]:
        name = body[at : at + name_size]
        size = body[at + name_size : at + 2 * name_size]
        length = _synchsafe(size) if version == 4 else int.from_bytes(size, "big")
        frame = body[at + head : at + head + length]
        if name in {b"APIC", b"PIC"} and frame:
            yield _shown(frame if short else _plain(frame, body[at + 9], version), short=short)
        at += head + length


def _extended(body: bytes, version: int) -> int:
    return _synchsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def _plain(frame: bytes, flags: int, version: int) -> bytes:
    """Undo what a frame of 2.4 may have of its own: a length in front, and unsynchronisation."""
    if version == 4 and flags & 1:
        frame = frame[4:]
    return frame.replace(b"\xff\0", b"\xff") if version == 4 and flags & 2 else frame


def _shown(frame: bytes, *, short: bool) -> tuple[int, bytes]:
    """Read a picture's frame: encoding, type of file, what it shows, a description, its bytes."""
    at = 4 if short else frame.index(b"\0", 1) + 1
    kind, at = frame[at], at + 1
    if frame[0] in {1, 2}:  # UTF-16: the end is a zero of two bytes
        while frame[at : at + 2] not in {b"\0\0", b""}:
            at += 2
        return kind, frame[at + 2 :]
    return kind, frame[frame.index(b"\0", at) + 1 :]


def _synchsafe(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 127
    return value
