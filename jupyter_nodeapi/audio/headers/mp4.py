"""MP4, M4A and MOV (ISO/IEC 14496-12, -14): the first sound track and what of it is presented.

::

    moov
    |- mvhd                 timescale of the edits
    `- trak
       |- edts/elst         which part of the media is presented: encoder delay is cut off here
       `- mdia
          |- mdhd, hdlr     timescale and duration of the media; 'soun'
          `- minf/stbl      stsd (codec), stsz (bytes)

A box's size is never believed beyond its parent, so damaged files end the walk instead of it
wandering. ``moov`` is read into memory, up to a bound.
"""

from __future__ import annotations

import os
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import whole_rate
from jupyter_nodeapi.audio.headers.adts import RATES

__all__ = ["Track", "boxes", "find", "moov_of", "numbers", "parse", "sound_track"]

_MOOV_LIMIT = 128 << 20
_BOXES_LIMIT = 100_000
_CODECS = {b"alac": "alac", b"fLaC": "flac", b"Opus": "opus", b".mp3": "mp3", b"ac-3": "ac3", b"ec-3": "eac3"}
_PCM = {b"sowt", b"twos", b"in24", b"in32", b"fl32", b"fl64", b"lpcm", b"raw ", b"ipcm", b"fpcm"}
_OBJECT_TYPES = {0x40: "aac", 0x66: "aac", 0x67: "aac", 0x68: "aac", 0x69: "mp3", 0x6B: "mp3", 0xDD: "vorbis"}


@dataclass(frozen=True, slots=True)
class Track:
    """The first sound track; ``frames`` is None where an edit list or fragments make it unsure."""

    codec: str
    profile: str
    rate: int
    channels: int
    bits: int
    frames: int | None
    bitrate: int
    simple: bool


def parse(fd: int) -> Track | None:
    """Read the first sound track; None when the file has none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.

    Raises
    ------
    ValueError
        There is no index (``moov``): the file is cut off or damaged.
    """
    moov = moov_of(fd)
    body = sound_track(moov)
    if body is None:
        return None
    movie = find(moov, b"mvhd")
    try:
        scale = _clock(movie)[0] if movie is not None else 0
        return _track(body, scale, find(moov, b"mvex") is not None)
    except (struct.error, IndexError):
        raise ValueError("damaged track") from None


def sound_track(moov: memoryview) -> memoryview | None:
    """Give the body of the first track of sound.

    Parameters
    ----------
    moov : memoryview
        What :func:`moov_of` gave.
    """
    for name, body in boxes(moov):
        handler = find(body, b"mdia", b"hdlr") if name == b"trak" else None
        if handler is not None and bytes(handler[8:12]) == b"soun":
            return body
    return None


def moov_of(fd: int) -> memoryview:
    """Give the body of the index; raises ``ValueError`` when there is none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    end = os.fstat(fd).st_size
    offset = 0
    for _ in range(_BOXES_LIMIT):
        head = os.pread(fd, 16, offset)
        if len(head) < 8:
            break
        size, name = struct.unpack_from(">I4s", head)
        skip = 8
        if size == 1 and len(head) == 16:
            size, skip = struct.unpack_from(">Q", head, 8)[0], 16
        size = size or end - offset
        if size < skip:
            break
        if name == b"moov" and offset + size <= end and size <= _MOOV_LIMIT:
            return memoryview(os.pread(fd, size - skip, offset + skip))
        offset += size
    raise ValueError("no moov")


def boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Walk the boxes in a body: ``(name, body)``, until one that is damaged.

    Parameters
    ----------
    data : memoryview
        The body of a box.
    """
    offset = 0
    while offset + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, offset)
        skip = 8
        if size == 1 and offset + 16 <= len(data):
            size, skip = struct.unpack_from(">Q", data, offset + 8)[0], 16
        size = size or len(data) - offset
        if size < skip or offset + size > len(data):
            return
        yield name, data[offset + skip : offset + size]
        offset += size


def find(data: memoryview, *path: bytes) -> memoryview | None:
    """Give the body of the first box of that path, None where there is none.

    Parameters
    ----------
    data : memoryview
        The body of a box.
    *path : bytes
        Names, the outermost first.
    """
    for step in path:
        found = next((body for name, body in boxes(data) if name == step), None)
        if found is None:
            return None
        data = found
    return data


def _clock(body: memoryview) -> tuple[int, int]:
    """Give timescale and duration of an ``mvhd`` or ``mdhd``."""
    if body[0] == 1:
        scale, duration = struct.unpack_from(">IQ", body, 20)
    else:
        scale, duration = struct.unpack_from(">II", body, 12)
    return scale, duration


def _track(body: memoryview, movie_scale: int, fragmented: bool) -> Track | None:
    header = find(body, b"mdia", b"mdhd")
    entries = find(body, b"mdia", b"minf", b"stbl", b"stsd")
    if header is None or entries is None:
        return None
    scale, duration = _clock(header)
    entry = next(boxes(entries[8:]), None)
    if entry is None or not scale:
        return None
    codec, profile, rate, channels, bits = _entry(*entry)
    seconds = duration / scale
    frames, simple = _presented(find(body, b"edts", b"elst"), movie_scale, scale, duration)
    known = simple and not fragmented and scale == rate
    sizes = find(body, b"mdia", b"minf", b"stbl", b"stsz")
    bitrate = int(_bytes(sizes) * 8 / seconds) if sizes is not None and seconds else 0
    return Track(codec, profile, rate, channels, bits, frames if known else None, bitrate, known)


def _bytes(sizes: memoryview) -> int:
    fixed, count = struct.unpack_from(">II", sizes, 4)
    if fixed:
        return int(fixed * count)
    return sum(numbers(sizes[12 : 12 + 4 * count]))


def numbers(data: memoryview) -> array[int]:
    """Give big-endian numbers of 32 bits, four bytes each in memory: there are half a million in three hours.

    Parameters
    ----------
    data : memoryview
        The numbers, and perhaps an unfinished one.
    """
    found = array("I")
    assert found.itemsize == 4
    found.frombytes(data[: len(data) // 4 * 4])
    if sys.byteorder == "little":
        found.byteswap()
    return found


def _presented(edits: memoryview | None, movie_scale: int, scale: int, duration: int) -> tuple[int, bool]:
    """Give the samples that the edit list presents, and whether it is one plain edit."""
    if edits is None:
        return duration, True
    count = struct.unpack_from(">I", edits, 4)[0]
    layout, size = (">QqHH", 20) if edits[0] == 1 else (">IiHH", 12)
    if count != 1 or len(edits) < 8 + size or not movie_scale:
        return duration, False
    length, begin, speed, _ = struct.unpack_from(layout, edits, 8)
    if begin < 0 or speed != 1:
        return duration, False
    rest = max(0, duration - begin)
    told = round(length * scale / movie_scale)
    # The edit's own clock is often milliseconds: then the media says the length to the sample.
    near = abs(told - rest) <= -(-scale // movie_scale)
    return (rest if near or not told else min(told, rest)), True


def _entry(name: bytes, body: memoryview) -> tuple[str, str, int, int, int]:
    """Read a sound sample entry: ``(codec, profile, rate, channels, bits)``."""
    version, channels, bits = struct.unpack_from(">HxxxxxxHH", body, 8)
    rate = struct.unpack_from(">I", body, 24)[0] >> 16
    skip = {0: 28, 1: 44, 2: 64}.get(version, 28)
    if version == 2:
        told, channels = struct.unpack_from(">dI", body, 32)
        rate = whole_rate(told)
    inner = body[skip:]
    if name in _PCM:
        return "pcm", "", rate, channels, bits
    if name == b"alac" and (magic := find(inner, b"alac")) is not None and len(magic) >= 28:
        return "alac", "", struct.unpack_from(">I", magic, 24)[0], magic[13], magic[9]
    if name == b"Opus":
        return "opus", "", 48000, channels, 16
    if name == b"mp4a":
        descriptor = find(inner, b"esds")
        if descriptor is None:
            descriptor = find(inner, b"wave", b"esds")
        return _mpeg4(bytes(descriptor) if descriptor is not None else b"", rate, channels)
    return _CODECS.get(name, "encrypted" if name == b"enca" else "unknown"), "", rate, channels, bits


def _mpeg4(esds: bytes, rate: int, channels: int) -> tuple[str, str, int, int, int]:
    """Read codec and profile of an ``esds`` (ISO/IEC 14496-1, 7.2.6; AudioSpecificConfig in -3, 1.6)."""
    fields = dict(_descriptors(esds[4:]))
    config = fields.get(4, b"")
    codec = _OBJECT_TYPES.get(config[0], "unknown") if config else "aac"
    specific = fields.get(5, b"")
    if codec != "aac" or len(specific) < 2:
        return codec, "", rate, channels, 16
    word = int.from_bytes(specific[:8].ljust(8, b"\0"), "big")
    kind, index, layout = word >> 59, word >> 55 & 15, word >> 51 & 15
    if kind == 2 and index < len(RATES):
        return codec, "", RATES[index], {0: channels, 7: 8}.get(layout, layout), 16
    return codec, "he-aac" if kind in (5, 29) else "other", rate, channels, 16


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the nested descriptors 3 (ES), 4 (decoder config) and 5 (decoder specific)."""
    at = 0
    while at + 2 <= len(data):
        tag, at = data[at], at + 1
        size = 0
        for _ in range(4):
            if at >= len(data):
                return
            size, more, at = size << 7 | data[at] & 127, data[at] & 128, at + 1
            if not more:
                break
        yield tag, data[at : at + size]
        at += 3 if tag == 3 else 13 if tag == 4 else size
