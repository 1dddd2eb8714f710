"""Where the packets of an MP4's sound lie in the file (ISO/IEC 14496-12, 8.7).

::

    stsz   bytes of each packet
    stsc   how many packets a chunk holds, from which chunk on
    stco   where each chunk begins (co64: in 64 bits)
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import mp4

__all__ = ["Packets", "packets_of"]


@dataclass(frozen=True, slots=True)
class _Run:
    """Chunks of equally many packets: the first packet, the first chunk, packets a chunk."""

    packet: int
    chunk: int
    each: int


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets of one track; ``skipped`` media samples come before the first that is presented."""

    sizes: array[int]
    chunks: array[int]
    runs: list[_Run]
    skipped: int

    def place(self, index: int) -> tuple[int, int]:
        """Give offset and bytes of one packet.

        Parameters
        ----------
        index : int
            From 0; of a damaged table an ``IndexError`` tells.
        """
        run = self.runs[bisect_right(self.runs, index, key=lambda one: one.packet) - 1]
        within = (index - run.packet) // run.each
        first = run.packet + within * run.each
        return self.chunks[run.chunk + within] + sum(self.sizes[first:index]), self.sizes[index]


def packets_of(fd: int) -> Packets | None:
    """Read the tables of the first sound track; None where there are none, as in fragmented files.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    try:
        track = mp4.sound_track(mp4.moov_of(fd))
        table = mp4.find(track, b"mdia", b"minf", b"stbl") if track is not None else None
        if track is None or table is None:
            return None
        return _packets(track, dict(mp4.boxes(table)))
    except (ValueError, KeyError, struct.error, IndexError):
        return None


def _packets(track: memoryview, table: dict[bytes, memoryview]) -> Packets | None:
    fixed, count = struct.unpack_from(">II", table[b"stsz"], 4)
    sizes = mp4.numbers(table[b"stsz"][12 : 12 + 4 * count])
    if fixed or not sizes:
        return None
    edits = mp4.find(track, b"edts", b"elst")
    begin = (
        struct.unpack_from(">q" if edits[0] == 1 else ">i", edits, 16 if edits[0] == 1 else 12)
        if edits
        else (0,)
    )
    return Packets(sizes, _chunks(table), list(_runs(table[b"stsc"])), max(0, begin[0]))


def _chunks(table: dict[bytes, memoryview]) -> array[int]:
    if b"stco" in table:
        count = struct.unpack_from(">I", table[b"stco"], 4)[0]
        return mp4.numbers(table[b"stco"][8 : 8 + 4 * count])
    count = struct.unpack_from(">I", table[b"co64"], 4)[0]
    return array("Q", (one for (one,) in struct.iter_unpack(">Q", table[b"co64"][8 : 8 + 8 * count])))


def _runs(table: memoryview) -> Iterator[_Run]:
    count = struct.unpack_from(">I", table, 4)[0]
    packet, before, each = 0, 0, 0
    for first, held, _ in struct.iter_unpack(">III", table[8 : 8 + 12 * count]):
        if not held or first <= before:
            raise ValueError("damaged table")
        packet += (first - 1 - before) * each if each else 0
        yield _Run(packet, first - 1, held)
        before, each = first - 1, held
