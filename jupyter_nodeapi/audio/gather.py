"""Small pieces of a long sound, gathered into one short stream that a decoder reads in one go.

::

    mp4 with AAC   two packets a look, by the tables of the file, each with an ADTS header before it
    adts, mp3      some frames a look, at even steps through the bytes
    ac3, eac3      some kilobytes a look: decoders find the next frame
    all others     not gathered

A decoder that is opened at many places of an hour-long file reads its index anew at each of them. What is
gathered is good for a picture for now, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from jupyter_nodeapi.audio.headers import adts, mpeg
from jupyter_nodeapi.audio.headers.mp4_packets import Packets, packets_of
from jupyter_nodeapi.audio.kinds import KINDS
from jupyter_nodeapi.audio.source import Source

__all__ = ["Gathered", "gather"]

_RAW = {"ac3", "eac3"}
#: How a frame is known, and how many decoders need to get into the stream and be sure of the last ones.
_FRAMED: dict[str, tuple[Callable[[bytes, int], int], int]] = {
    "adts": (adts.length_at, 4),
    "mp3": (mpeg.length_at, 6),
}
_SLICE = 4096
_WINDOW = 3 * _SLICE
_LOOKS = 500
_PACKET = 1024


@dataclass(frozen=True, slots=True)
class Gathered:
    """A stream of ``looks`` pieces of about one length, and what it is."""

    source: Source
    data: bytes
    looks: int


def gather(fd: int, source: Source, share: tuple[float, float], looks: int) -> Gathered | None:
    """Gather pieces at even steps through a part of a sound; None where that cannot be done.

    Parameters
    ----------
    fd : int
        The open file; its position is not moved.
    source : Source
        What it is.
    share : (float, float)
        The part of it, ``(0, 1)`` for all.
    looks : int
        Pieces at most.
    """
    looks = min(looks, _LOOKS)
    if source.kind.name in _RAW or source.kind.name in _FRAMED:
        return _slices(fd, source, share, looks)
    if source.kind.name == "mp4" and source.codec == "aac" and source.rate in adts.RATES:
        return _packets(fd, source, share, looks)
    return None


def _slices(fd: int, source: Source, share: tuple[float, float], looks: int) -> Gathered | None:
    size = os.fstat(fd).st_size
    begin, end = (round(size * one) for one in share)
    looks = min(looks, (end - begin) // _SLICE)
    pieces: list[bytes] = []
    for place in (begin + (end - begin) * look // looks for look in range(looks)):
        piece = _piece(fd, place, source.kind.name)
        pieces += [piece] if piece else pieces[-1:]
    return Gathered(source, b"".join(pieces), len(pieces)) if pieces else None


def _piece(fd: int, place: int, kind: str) -> bytes:
    """Give some bytes near a place, of whole frames where we know them; none where there are no frames."""
    if kind in _RAW:
        return os.pread(fd, _SLICE, place)
    length_at, frames = _FRAMED[kind]
    window, begin = os.pread(fd, _WINDOW, place), -1
    while (begin := window.find(b"\xff", begin + 1)) >= 0:
        end = begin
        for _ in range(frames):
            length = length_at(window, end)
            end += length
            if not length or end > len(window):
                break
        else:
            return window[begin:end]
    return b""


def _packets(fd: int, source: Source, share: tuple[float, float], looks: int) -> Gathered | None:
    packets = packets_of(fd)
    if packets is None or source.frames is None:
        return None
    first, last = (packets.skipped + one * source.frames for one in share)
    data = bytearray()
    try:
        for look in range(looks):
            index = int(first + (last - first) * look / looks) // _PACKET
            _add(data, fd, packets, max(0, index - 1), source)
            _add(data, fd, packets, index, source)
    except IndexError:  # a damaged table
        return None
    return Gathered(replace(source, kind=KINDS["adts"]), bytes(data), looks)


def _add(data: bytearray, fd: int, packets: Packets, index: int, source: Source) -> None:
    offset, size = packets.place(min(index, len(packets.sizes) - 1))
    data += _adts(source, size) + os.pread(fd, size, offset)


def _adts(source: Source, size: int) -> bytes:
    """Write the head of one frame of AAC-LC (ISO/IEC 13818-7, 6.2)."""
    channels = 7 if source.channels == 8 else source.channels
    word = (
        0xFFF1 << 40
        | 1 << 38
        | adts.RATES.index(source.rate) << 34
        | channels << 30
        | (size + 7) << 13
        | 0x7FF << 2
    )
    return word.to_bytes(7, "big")
