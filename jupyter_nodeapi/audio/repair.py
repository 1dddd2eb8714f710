"""Lengths that encoders miss on short clips are put right in the result's own header."""

from __future__ import annotations

import os

from jupyter_nodeapi.audio.formats import Format
from jupyter_nodeapi.audio.headers import mp3
from jupyter_nodeapi.audio.headers.id3 import end_of_tags

__all__ = ["shorten"]

_MOST_PADDING = 4095


def shorten(path: str, form: Format, excess: int) -> bool:
    """Let a result present fewer samples at its end; true when that was possible.

    Parameters
    ----------
    path : str
        A file that we have just written.
    form : Format
        What it was written as.
    excess : int
        Samples too many.
    """
    if form.name != "mp3" or excess <= 0:
        return False
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        start = end_of_tags(fd)
        head = os.pread(fd, 4096, start)
        place = mp3.padding_at(head)
        if place is None:
            return False
        padding = ((head[place] & 15) << 8 | head[place + 1]) + excess
        if padding > _MOST_PADDING:
            return False
        fixed = bytearray(head[: place + 13])
        fixed[place] = (fixed[place] & 0xF0) | padding >> 8
        fixed[place + 1] = padding & 0xFF
        # The tag ends in a CRC of all before it: 12 bytes behind the padding (LAME tag revision 1).
        fixed[place + 12 :] = _crc16(bytes(fixed[: place + 12])).to_bytes(2, "big")
        os.pwrite(fd, fixed, start)
    finally:
        os.close(fd)
    return True


def _crc16(data: bytes) -> int:
    """CRC-16/ARC, as the LAME tag uses it."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value
