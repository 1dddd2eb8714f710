"""A whole MP3: how many samples it presents, from its index frame where that is true, else by counting.

::

    ID3v2 | index frame: Xing/Info (frames, bytes) + LAME (delay, padding) | frames ... | ID3v1, APE

With a LAME tag decoders drop ``delay`` samples at the head and ``padding`` at the tail. Without an
index the frames are walked: a guess from the first frame's bitrate is wrong by hours on VBR files.

Files are joined by appending one to another (podcasts with inserted spots); the index then tells of the first
alone, and decoders play them all. An index that is no word about this file is not believed: only a decoder
counts then. Sources: the Xing and LAME tag descriptions, and what FFmpeg's demuxer presents.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import mpeg
from jupyter_nodeapi.audio.headers.id3 import end_of_tags

__all__ = ["Stream", "padding_at", "parse"]

_WINDOW = 1 << 16
_BLOCK = 1 << 20
_ENDS = (b"TAG", b"APE", b"LYR")
_LINKS = 100
_BETWEEN = 8192  # bytes in which the next stream is looked for: two tags and three of the longest frames
_CHAIN = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """An MPEG audio stream.

    Attributes
    ----------
    frames : int or None
        None where damage, or a wrong index, leaves the count to a decoder.
    told_seconds : float or None
        An estimate where ``frames`` is None.
    joined, mixed : bool
        Several streams follow one another; they differ in rate or channels.
    """

    codec: str
    rate: int
    channels: int
    frames: int | None
    bitrate: int
    told_seconds: float | None = None
    joined: bool = False
    mixed: bool = False


def parse(fd: int, start: int) -> Stream | None:
    """Describe the stream whose frames begin at or after ``start``; None when there is none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    start : int
        Offset behind the tags at its head.
    """
    window = os.pread(fd, _WINDOW, start)
    at = _first(window)
    if at is None:
        return None
    frame = mpeg.frame_at(window, at)
    assert frame is not None
    size = os.fstat(fd).st_size - start - at
    count, length, trimmed = _index(window, at, frame)
    if not count or not length:
        indexed = _has_index(window, at, frame)
        count, length = _walk(fd, start + at + (frame.length if indexed else 0))
    shape = (f"mp{frame.layer}", frame.rate, frame.channels)
    if count * mpeg.shortest(frame) > length:
        return Stream(*shape, None, frame.bitrate, size * 8 / frame.bitrate)
    bitrate = int(length * 8 * frame.rate / (count * frame.samples)) if count else frame.bitrate
    links = _links(fd, start + at) if size - length > length >> 4 else []
    if len(links) > 1:
        mixed = len({(link.rate, link.channels) for link, _ in links}) > 1
        told = sum(seconds for _, seconds in links)
        return Stream(*shape, None, bitrate, told, joined=True, mixed=mixed)
    if not count or length > size:
        return Stream(*shape, None, bitrate, size * 8 / bitrate)
    return Stream(*shape, max(0, count * frame.samples - trimmed), bitrate)


def _links(fd: int, at: int) -> list[tuple[mpeg.Frame, float]]:
    """Give the first frame and the seconds of each stream that follows another, as far as indexes lead."""
    found: list[tuple[mpeg.Frame, float]] = []
    while len(found) < _LINKS:
        at = end_of_tags(fd, at)
        window = os.pread(fd, _BETWEEN, at)
        skipped = next((place for place in _syncs(window) if _chained(window, place)), None)
        frame = None if skipped is None else mpeg.frame_at(window, skipped)
        if skipped is None or frame is None:
            break
        at += skipped
        count, length, _ = _index(window, skipped, frame)
        if not count or not length:
            found.append((frame, max(0, os.fstat(fd).st_size - at) * 8 / frame.bitrate))
            break
        found.append((frame, count * frame.samples / frame.rate))
        at += length
    return found


def _syncs(window: bytes) -> Iterator[int]:
    at = -1
    while (at := window.find(b"\xff", at + 1)) >= 0:
        yield at


def _chained(window: bytes, at: int) -> bool:
    """Tell whether frames follow one another: one alone may stand in any data."""
    first = at
    for _ in range(_CHAIN):
        length = mpeg.length_at(window, at)
        if not length or not mpeg.agree(window, first, at):
            return False
        at += length
    return True


def _first(window: bytes) -> int | None:
    """Find the first frame that another one like it follows, or the only one."""
    for at in _syncs(window):
        length = mpeg.length_at(window, at)
        after = at + length
        if length and (
            after + 4 > len(window) or (mpeg.length_at(window, after) and mpeg.agree(window, at, after))
        ):
            return at
    return None


def _side(frame: mpeg.Frame) -> int:
    """Bytes of header and side information, after which an index begins."""
    if frame.version == 3:
        return 4 + (17 if frame.channels == 1 else 32)
    return 4 + (9 if frame.channels == 1 else 17)


def _has_index(window: bytes, at: int, frame: mpeg.Frame) -> bool:
    mark = at + _side(frame)
    return window[mark : mark + 4] in (b"Xing", b"Info") or window[at + 36 : at + 40] == b"VBRI"


def padding_at(window: bytes) -> int | None:
    """Find the byte that holds the last bits of ``delay`` and the first of ``padding``; None without a tag.

    Parameters
    ----------
    window : bytes
        The file from its first frame on.
    """
    frame = mpeg.frame_at(window, 0)
    lame = _lame_at(window, 0, frame) if frame else None
    return None if lame is None else lame + 22


def _lame_at(window: bytes, at: int, frame: mpeg.Frame) -> int | None:
    mark = at + _side(frame)
    if window[mark : mark + 4] not in (b"Xing", b"Info") or mark + 8 > len(window):
        return None
    flags = struct.unpack_from(">I", window, mark + 4)[0]
    place = mark + 8 + sum(size for bit, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
    whole = place + 24 <= len(window)
    return place if whole and window[place : place + 4] in (b"LAME", b"Lavf", b"Lavc", b"L3.9") else None


def _index(window: bytes, at: int, frame: mpeg.Frame) -> tuple[int, int, int]:
    """Read ``(frames, bytes, samples not presented)`` of an index frame, zeros where it is silent."""
    mark = at + _side(frame)
    if window[mark : mark + 4] not in (b"Xing", b"Info") or mark + 16 > len(window):
        return 0, 0, 0
    flags, *values = struct.unpack_from(">III", window, mark + 4)
    frames = values[0] if flags & 1 else 0
    length = values[flags & 1] if flags & 2 else 0
    place = _lame_at(window, at, frame)
    if place is None:
        return frames, length, 0
    lame = window[place : place + 24]
    delay, padding = lame[21] << 4 | lame[22] >> 4, (lame[22] & 15) << 8 | lame[23]
    return frames, length, delay + padding


def _walk(fd: int, start: int) -> tuple[int, int]:
    """Count the frames from ``start``: ``(frames, bytes)``, zeros when they do not follow one another."""
    count, offset, data, base = 0, start, b"", start
    while True:
        if offset - base + 4 > len(data):
            base, data = offset, os.pread(fd, _BLOCK, offset)
            if len(data) < 4:
                return count, offset - start
        length = mpeg.length_at(data, offset - base)
        if not length:
            return _ended(fd, data[offset - base :], offset, count, start)
        if offset - base + length > len(data) and os.fstat(fd).st_size < offset + length:
            return 0, 0  # cut short inside a frame: decoders differ about what is left of it
        count += 1
        offset += length


def _ended(fd: int, rest: bytes, offset: int, count: int, start: int) -> tuple[int, int]:
    """Judge what is no frame: a tag or zeros at the end of the file are its end, all else is damage."""
    left = os.fstat(fd).st_size - offset
    if rest[:3] in _ENDS or (left <= _BLOCK and not rest[:left].strip(b"\0")):
        return count, offset - start
    return 0, 0
