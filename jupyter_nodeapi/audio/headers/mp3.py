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

import itertools
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import mpeg
from jupyter_nodeapi.audio.headers.id3 import end_of_tags

__all__ = ["Stream", "padding_at", "parse"]

_WINDOW = 1 << 16
_BLOCK = 1 << 20
_ENDS = (b"TAG", b"APE", b"LYR", b"ID3")
_TAGS = 8
_LINKS = 100
_BETWEEN = 8192  # bytes behind the tags in which the next stream is looked for
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


@dataclass(frozen=True, slots=True)
class _Link:
    """One of the streams in a file: from its first frame to ``end``, with ``count`` frames in between.

    ``trimmed`` samples of it are not presented. Where ``whole`` is false damage ended the count.
    """

    frame: mpeg.Frame
    count: int
    begin: int
    end: int
    trimmed: int
    whole: bool

    @property
    def bitrate(self) -> int:
        """Bits a second on average; those of the first frame where that is not known."""
        samples = self.count * self.frame.samples
        mean = (self.end - self.begin) * 8 * self.frame.rate // samples if samples else 0
        return mean if self.is_possible else self.frame.bitrate

    @property
    def is_possible(self) -> bool:
        """Whether so many frames find room in so many bytes."""
        return 0 < self.count * mpeg.shortest(self.frame) <= self.end - self.begin


def parse(fd: int, start: int) -> Stream | None:
    """Describe the stream whose frames begin at or after ``start``; None when there is none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    start : int
        Offset behind the tags at its head.
    """
    links = list(itertools.islice(_links(fd, start), _LINKS))
    if not links:
        return None
    first, frame, size = links[0], links[0].frame, os.fstat(fd).st_size
    shape = (f"mp{frame.layer}", frame.rate, frame.channels)
    if len(links) > 1:
        told = sum(link.count * link.frame.samples / link.frame.rate for link in links)
        mixed = len({(link.frame.layer, link.frame.rate, link.frame.channels) for link in links}) > 1
        return Stream(*shape, None, first.bitrate, told, joined=True, mixed=mixed)
    if first.whole and first.is_possible and first.end <= size:
        return Stream(*shape, max(0, first.count * frame.samples - first.trimmed), first.bitrate)
    return Stream(*shape, None, first.bitrate, max(0, size - first.begin) * 8 / first.bitrate)


def _links(fd: int, at: int) -> Iterator[_Link]:
    """Give the streams that follow one another: the first behind anything, the others behind tags."""
    window = os.pread(fd, _WINDOW, at)
    place = next((one for one in _syncs(window) if _chained(window, one, 2, at_end=True)), None)
    while place is not None:
        yield (link := _link(fd, at + place, window[place:]))
        at = _behind_tags(fd, link.end)
        window = os.pread(fd, _BETWEEN, at)
        place = next((one for one in _syncs(window) if _chained(window, one, _CHAIN)), None)


def _link(fd: int, at: int, window: bytes) -> _Link:
    """Describe the stream that begins at ``at``, with ``window`` being its first bytes."""
    frame = mpeg.frame_at(window, 0)
    assert frame is not None
    count, length, trimmed = _index(window, 0, frame)
    if count and length:
        return _Link(frame, count, at, at + length, trimmed, whole=True)
    begin = at + (frame.length if _has_index(window, 0, frame) else 0)
    count, end, whole = _walk(fd, begin, mpeg.kind_at(window, 0))
    return _Link(frame, count, begin, end, trimmed, whole)


def _behind_tags(fd: int, at: int) -> int:
    """Give the first byte behind the tags that begin at a place: ID3v1, APE and ID3v2, in any order."""
    for _ in range(_TAGS):
        head = os.pread(fd, 32, at)
        if head.startswith(b"TAG"):
            end = at + 128
        elif head.startswith(b"APETAGEX") and len(head) == 32:
            end = at + 32 + int.from_bytes(head[12:16], "little")
        else:
            end = end_of_tags(fd, at)
        if end == at:
            break
        at = end
    return at


def _syncs(window: bytes) -> Iterator[int]:
    at = -1
    while (at := window.find(b"\xff", at + 1)) >= 0:
        yield at


def _chained(window: bytes, at: int, count: int, *, at_end: bool = False) -> bool:
    """Tell whether so many frames follow one another: one alone may stand in any data.

    With ``at_end`` fewer of them will do where the window ends.
    """
    first = at
    for number in range(count):
        if at + 4 > len(window):
            return at_end and number > 0
        length = mpeg.length_at(window, at)
        if not length or not mpeg.agree(window, first, at):
            return False
        at += length
    return True


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


def _walk(fd: int, start: int, kind: tuple[int, int, bool]) -> tuple[int, int, bool]:
    """Count the frames from ``start`` that are of one kind: ``(frames, end, whole)``.

    Where they end in damage, and inside a frame, about which decoders differ, they are not whole.
    """
    count, offset, data, base, size = 0, start, b"", start, os.fstat(fd).st_size
    while True:
        if offset - base + 4 > len(data):
            base, data = offset, os.pread(fd, _BLOCK, offset)
            if len(data) < 4:
                return count, offset, True
        length = mpeg.length_at(data, offset - base)
        if not length or mpeg.kind_at(data, offset - base) != kind:
            return count, offset, bool(length) or _is_end(data[offset - base :], size - offset)
        if offset + length > size:
            return count, offset, False
        count += 1
        offset += length


def _is_end(rest: bytes, left: int) -> bool:
    """Tell whether what is no frame is a tag, or zeros up to the end of the file; all else is damage."""
    return rest[:3] in _ENDS or (left <= _BLOCK and not rest[:left].strip(b"\0"))
