"""Ogg (RFC 3533) with Vorbis, Opus (RFC 7845) or FLAC in it: codec, rate, and what is presented.

::

    [first pages: one codec header each] ... [pages of packets, each with its end position] ... [last page]
     rate, channels, pre-skip                 first position: where the stream begins           the end

The end is the position of the last page that is whole: a file cut short presents less than
it was made for. A stream that begins late or is chained of several is not counted here: recordings
of radio are chains, one stream a title.
"""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Stream", "comments", "parse"]

_HEAD = 1 << 18
_TAIL = 1 << 17
_BLOCK = 1 << 20
_OVERLAP = 4096  # more than any page that begins a stream
_LOOKS = 16
_LINKS = 10_000
_BEGINS = 2  # the flag of a stream's first page
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
    """One page: ``flags`` may say :data:`_BEGINS`; at ``position`` -1 no packet ends."""

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
    heads = list(itertools.takewhile(lambda page: page.flags & _BEGINS, pages))
    page, facts = next(((page, facts) for page in heads if (facts := _codec(page.body))), (None, None))
    if page is None or facts is None:
        return None
    codec, rate, channels, bits, skip, bitrate = facts
    last = _last(fd, size)
    if last is not None and (_begins_again(pages, heads, last) or not _rises(fd, size, page.serial, last)):
        shapes = [facts[:3], *_shapes_behind(fd, pages[len(heads) - 1].end)]
        return Stream(codec, rate, channels, bits, None, bitrate, len(shapes) > 1, len(set(shapes)) > 1)
    known = codec in {"vorbis", "opus"} and _begins_at_zero(pages, page.serial)
    frames = max(0, last.position - skip) if known and last and last.serial == page.serial else None
    if not bitrate and frames:
        bitrate = int(size * 8 * rate / frames)
    return Stream(codec, rate, channels, bits, frames, bitrate)


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


def _begins_again(pages: list[_Page], heads: list[_Page], last: _Page) -> bool:
    """Tell whether another stream ends the file, or begins among its first pages."""
    later = pages[len(heads) :]
    return last.serial not in {one.serial for one in heads} or any(page.flags & _BEGINS for page in later)


def _rises(fd: int, size: int, serial: int, last: _Page) -> bool:
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
    return last.serial != serial or last.position >= before


def _shapes_behind(fd: int, at: int) -> list[tuple[str, int, int]]:
    """Read the rest of a file; gives codec, rate and channels of the sound streams that begin in it."""
    facts = (_codec(body) for body in itertools.islice(_beginnings(fd, at), _LINKS))
    return [each[:3] for each in facts if each is not None]


def _beginnings(fd: int, at: int) -> Iterator[bytes]:
    """Give the body of each page that begins a stream; whatever lies between them is passed by."""
    while len(data := os.pread(fd, _BLOCK, at)) > 27:
        begin = -1
        while (begin := data.find(b"OggS\0\x02", begin + 1)) >= 0:
            page = next(_pages(data[begin : begin + _OVERLAP], 0), None)
            if page is not None and begin < _BLOCK - _OVERLAP:
                yield page.body
        at += _BLOCK - _OVERLAP
