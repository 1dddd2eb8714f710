"""AAC in ADTS frames (ISO/IEC 13818-7, 6.2): a 7-byte header before each packet, no index at all."""

from __future__ import annotations

import os
from dataclasses import dataclass

__all__ = ["RATES", "Stream", "length_at", "parse", "shape_at"]

_BLOCK = 1 << 20

#: Sampling frequencies by index (ISO/IEC 14496-3, table 1.18).
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def length_at(data: bytes, at: int) -> int:
    """Bytes of the frame that begins at ``at``, 0 when none does.

    Parameters
    ----------
    data : bytes
        A window of the file.
    at : int
        Where a frame may begin.
    """
    if at + 7 > len(data) or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
        return 0
    if (data[at + 2] >> 2 & 15) >= len(RATES):
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length > 7 else 0


def shape_at(data: bytes, at: int) -> tuple[int, int]:
    """Rate and channels that a frame's header claims.

    Parameters
    ----------
    data : bytes
        A window of the file.
    at : int
        Where a frame begins.
    """
    channels = (data[at + 2] & 1) << 2 | data[at + 3] >> 6
    return RATES[data[at + 2] >> 2 & 15], 8 if channels == 7 else channels


@dataclass(frozen=True, slots=True)
class Stream:
    """A whole ADTS file; ``frames`` is None where damage leaves the count to a decoder."""

    rate: int
    channels: int
    frames: int | None
    bitrate: int


def parse(fd: int, start: int) -> Stream | None:
    """Count the packets of a file, 1,024 samples each; None when none begins at ``start``.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    start : int
        Offset behind the tags at its head.
    """
    size, blocks, base, at = os.fstat(fd).st_size, 0, start, 0
    data = os.pread(fd, _BLOCK, start)
    if not length_at(data, 0):
        return None
    rate, channels = shape_at(data, 0)
    while True:
        if at + 7 > len(data):
            base, at = base + at, 0
            data = os.pread(fd, _BLOCK, base)
        length = length_at(data, at)
        if not length or base + at + length > size:
            break
        blocks += (data[at + 6] & 3) + 1
        at += length
    rest = size - base - at
    whole = rest == 0 or data[at : at + 3] in (b"TAG", b"APE") or bool(length)
    samples = blocks * 1024
    bitrate = int((size - start - rest) * 8 * rate / samples) if samples else 0
    return Stream(rate, channels, samples if whole else None, bitrate)
