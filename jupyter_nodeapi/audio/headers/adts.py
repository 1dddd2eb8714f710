"""AAC in ADTS frames (ISO/IEC 13818-7, 6.2): a 7-byte header before each packet, no index at all."""

from __future__ import annotations

__all__ = ["RATES", "length_at", "shape_at"]

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
