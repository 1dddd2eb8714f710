"""Ogg (RFC 3533) with Vorbis, Opus (RFC 7845) or FLAC in it: codec, rate, and what is presented.

::

    [first pages: one codec header each] ... [pages of packets, each with its end position] ... [last page]
     rate, channels, pre-skip                 first position: where the stream begins           the end

The end is the position of the last page that is whole: a file cut short presents less than
it was made for. A stream that begins late or is chained of several is not counted here: recordings
of radio are chains, one stream a title.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Stream", "comments", "parse"]

_HEAD = 1 << 18
_TAIL = 1 << 17
_BLOCK = 1 << 20
_LOOKS = 16
_LONGEST_PACKET = 8192


@dataclass(frozen=True, slots=True)
class Stream:
    """The first sound stream.

    Attributes
    ----------
    frames : int or None
        None where its length is not plain.
    joined, mixed : bool
        Other streams follow it; they have another codec, rate or number of channels.
    """

    codec: str
    rate: int
    channels: int
    bits: int
    frames: int | None
    bitrate: int
    joined: bool = False
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """One page: ``flags`` 2 begins a stream; ``position`` -1 means that no packet ends here."""

    flags: int
    position: int
    serial: int
    packets: int
    body: bytes
    end: int


def parse(fd: int) -> Stream | None:
    """Read the first sound stream; None when the file has none.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    head, size = os.pread(fd, _HEAD, 0), os.fstat(fd).st_size
    pages = list(_pages(head, 0))
    for page in pages:
        if not page.flags & 2:
            break
        facts = _codec(page.body)
        if facts is None:
            continue
        codec, rate, channels, bits, skip, bitrate = facts
        last = _last(fd, size)
        end = last.position if last and last.serial == page.serial else None
        if end is None or not _rises(fd, size, page.serial):
            shapes = _shapes(fd)
            joined = len(shapes) > 1
            return Stream(codec, rate, channels, bits, None, bitrate, joined, len(set(shapes)) > 1)
        known = codec in {"vorbis", "opus"} and _begins_at_zero(pages, page.serial)
        frames = max(0, end - skip) if known else None
        if not bitrate and frames:
            bitrate = int(size * 8 * rate / frames)
        return Stream(codec, rate, channels, bits, frames, bitrate)
    return None


def comments(data: bytes) -> list[bytes]:
    """Give the comments of the first stream, each ``NAME=value``; none where they are damaged.

    Parameters
    ----------
    data : bytes
        The beginning of the file, with all of its comments.
    """
    pages = list(_pages(data, 0))
    body = b"".join(page.body for page in pages[1:] if page.serial == pages[0].serial)
    magic = next((one for one in (b"\x03vorbis", b"OpusTags") if body.startswith(one)), None)
    if magic is None:
        return []
    try:
        at = len(magic) + 4 + struct.unpack_from("<I", body, len(magic))[0]
        count, at, found = struct.unpack_from("<I", body, at)[0], at + 4, []
        for _ in range(count):
            size = struct.unpack_from("<I", body, at)[0]
            found.append(body[at + 4 : at + 4 + size])
            at += 4 + size
    except struct.error:
        return []
    return found


def _pages(data: bytes, at: int) -> Iterator[_Page]:
    """Walk whole pages that follow one another from ``at``."""
    while data[at : at + 5] == b"OggS\0" and at + 27 <= len(data):
        flags, position, serial = struct.unpack_from("<BqI", data, at + 5)
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        begin = at + 27 + data[at + 26]
        end = begin + sum(lacing)
        if end > len(data):
            return
        packets = sum(1 for length in lacing if length < 255)
        yield _Page(flags, position, serial, packets, data[begin:end], end)
        at = end


def _codec(body: bytes) -> tuple[str, int, int, int, int, int] | None:
    """Read a codec's first packet: ``(codec, rate, channels, bits, pre-skip, bitrate)``."""
    if body.startswith(b"\x01vorbis") and len(body) >= 28:
        channels, rate, _, nominal = struct.unpack_from("<BIii", body, 11)
        return ("vorbis", rate, channels, 16, 0, max(0, nominal)) if rate and channels else None
    if body.startswith(b"OpusHead") and len(body) >= 19:
        channels, skip = struct.unpack_from("<BH", body, 9)
        return ("opus", 48000, channels, 16, skip, 0) if channels else None
    if body.startswith(b"\x7fFLAC") and len(body) >= 51:
        word = int.from_bytes(body[27:35], "big")  # STREAMINFO from byte 17, its rate 10 bytes on
        rate, channels, bits = word >> 44, (word >> 41 & 7) + 1, (word >> 36 & 31) + 1
        return ("flac", rate, channels, bits, 0, 0) if rate else None
    return None


def _begins_at_zero(pages: list[_Page], serial: int) -> bool:
    """Tell whether the first page with sound ends within what its packets can hold."""
    sound = [page for page in pages if page.serial == serial and page.position > 0]
    return bool(sound) and sound[0].position <= (sound[0].packets + 1) * _LONGEST_PACKET


def _last(fd: int, size: int) -> _Page | None:
    """Find the last whole page in which a packet ends, from the end of the file."""
    reach = _TAIL
    while True:
        begin = max(0, size - reach)
        data = os.pread(fd, reach, begin)
        at = data.rfind(b"OggS\0")
        while at >= 0:
            page = next(_pages(data, at), None)
            if page is not None and page.position >= 0:
                return page
            at = data.rfind(b"OggS\0", 0, at)
        if begin == 0 or reach > 16 * _TAIL:
            return None
        reach *= 4


def _rises(fd: int, size: int, serial: int) -> bool:
    """Tell whether positions rise through the file, by some looks: in a chain they begin anew."""
    before = 0
    for look in range(_LOOKS):
        data = os.pread(fd, _TAIL, size * look // _LOOKS)
        pages = _pages(data, data.find(b"OggS\0"))
        own = (page.position for page in pages if page.serial == serial and page.position >= 0)
        position = next(own, before)
        if position < before:
            return False
        before = position
    return True


def _shapes(fd: int) -> list[tuple[str, int, int]]:
    """Read the whole file, and give codec, rate and channels of each sound stream that begins in it."""
    found, at, data = [], 0, os.pread(fd, _BLOCK, 0)
    while len(data) > 4:
        end = begin = data.find(b"OggS\0")
        for page in _pages(data, begin) if begin >= 0 else ():
            end = page.end
            facts = _codec(page.body) if page.flags & 2 else None
            if facts is not None:
                found.append(facts[:3])
        if begin < 0:
            end = len(data) - 4
        at += end if end > begin else begin or 1  # a page that reaches behind the block, or a damaged one
        data = os.pread(fd, _BLOCK, at)
    return found
