"""MPEG audio frames, layers I to III (ISO/IEC 11172-3, 2.4.1.3): a 4-byte header before each."""

from __future__ import annotations

import functools
from dataclasses import dataclass

__all__ = ["Frame", "agree", "frame_at", "kind_at", "length_at", "shortest"]

_V1 = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2 = {
    1: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True, slots=True)
class Frame:
    """What one header says: ``length`` in bytes, ``samples`` a channel, ``bitrate`` in bits a second."""

    version: int
    layer: int
    rate: int
    channels: int
    samples: int
    bitrate: int
    length: int


def frame_at(data: bytes, at: int) -> Frame | None:
    """Read the header at ``at``; None when no frame begins there (free format counts as none).

    Parameters
    ----------
    data : bytes
        A window of the file.
    at : int
        Where a frame may begin.
    """
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    index, rate_index, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer == 4 or index in (0, 15) or rate_index == 3:
        return None
    rate = _RATES[version][rate_index]
    bitrate = (_V1 if version == 3 else _V2)[layer][index] * 1000
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    slot = 4 if layer == 1 else 1
    length = (samples // 8 // slot * bitrate // rate + padding) * slot
    channels = 1 if data[at + 3] >> 6 == 3 else 2
    return Frame(version, layer, rate, channels, samples, bitrate, length)


def length_at(data: bytes, at: int) -> int:
    """Bytes of the frame that begins at ``at``, 0 when none does.

    Parameters
    ----------
    data : bytes
        A window of the file.
    at : int
        Where a frame may begin.
    """
    if at + 4 > len(data) or data[at] != 0xFF:
        return 0
    return _length(data[at + 1], data[at + 2])


@functools.lru_cache(maxsize=4096)
def _length(second: int, third: int) -> int:
    """Give it by the two bytes that say it: a walk over hours of frames meets a few dozen of them."""
    frame = frame_at(bytes([0xFF, second, third, 0]), 0)
    return frame.length if frame else 0


def shortest(frame: Frame) -> int:
    """Bytes of the shortest frame with the version, layer and rate of a given one.

    Parameters
    ----------
    frame : Frame
        Any frame.
    """
    bitrates = (_V1 if frame.version == 3 else _V2)[frame.layer]
    return frame.samples // 8 * bitrates[1] * 1000 // frame.rate


def agree(data: bytes, one: int, other: int) -> bool:
    """Tell whether two frames have one version, layer and rate, as all frames of a file do.

    Parameters
    ----------
    data : bytes
        A window of the file.
    one, other : int
        Where the two begin.
    """
    return data[one + 1] & 0x1E == data[other + 1] & 0x1E and data[one + 2] & 0x0C == data[other + 2] & 0x0C


def kind_at(data: bytes, at: int) -> tuple[int, int, bool]:
    """Version and layer, rate, and whether it is mono, of the frame at ``at``, as they are coded.

    Parameters
    ----------
    data : bytes
        A window of the file.
    at : int
        Where a frame begins.
    """
    return data[at + 1] & 0x1E, data[at + 2] & 0x0C, data[at + 3] >> 6 == 3
