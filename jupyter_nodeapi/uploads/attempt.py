"""How far one attempt at a file is: the sum of its journal's records.

::

    begun ── chunk ... chunk ──> complete ── publishing ── done ── (chunks sent again)
      └──────────────────────── cancelled

Chunk ``i`` lies at ``i * chunk_size``; the size of a chunk is said by the client or learnt from the first
chunk that is not the last. A last chunk that comes before it is known is *parked* in a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_nodeapi.uploads.journal import Begun, Cancelled, Chunk, Done, Publishing, Record

__all__ = ["Attempt", "Ranges", "ranges"]

Ranges = list[tuple[int, int]]


class Attempt:
    """One attempt at a file.

    Parameters
    ----------
    begun : Begun
        What is uploaded.
    """

    def __init__(self, begun: Begun) -> None:
        self.begun = begun
        self.total = begun.total
        self.total_size = begun.total_size
        self.chunk_size = begun.chunk_size
        self.chunks: dict[int, Chunk] = {}
        self.size = 0
        self.publishing: str | None = None
        self.done: Done | None = None
        self.cancelled: Cancelled | None = None
        self.journaled = False

    @classmethod
    def replay(cls, records: Iterable[Record]) -> Attempt | None:
        """Give the attempt that a journal tells of, or None for an empty journal."""
        attempt: Attempt | None = None
        for record in records:
            if isinstance(record, Begun):
                attempt = cls(record)
                attempt.journaled = True
            elif attempt is not None:
                attempt.apply(record)
        return attempt

    def apply(self, record: Record) -> None:
        """Take one more record into account."""
        match record:
            case Chunk():
                self._count(record)
            case Publishing(path=path):
                self.publishing = path
            case Done():
                self.done = record
            case Cancelled():
                self.cancelled = record
            case Begun():
                raise AssertionError("An attempt begins once.")

    def _count(self, chunk: Chunk) -> None:
        old = self.chunks.get(chunk.index)
        self.size += chunk.length - (old.length if old else 0)
        self.chunks[chunk.index] = chunk
        if chunk.index < self.total - 1:
            self.chunk_size = chunk.length

    @property
    def parked(self) -> Chunk | None:
        """The last chunk while it lies in a file of its own."""
        chunk = self.chunks.get(self.total - 1)
        return chunk if chunk is not None and chunk.parked else None

    @property
    def has_all(self) -> bool:
        """Whether every chunk has arrived."""
        return len(self.chunks) == self.total

    @property
    def complete(self) -> bool:
        """Whether every chunk has arrived and lies in its place."""
        return self.has_all and self.parked is None

    def offset_of(self, index: int, chunk_size: int | None = None) -> int | None:
        """Give the place of a chunk in the file, in bytes; None while it cannot be known."""
        if index == 0:
            return 0
        size = self.chunk_size or chunk_size
        return None if size is None else index * size

    def received(self) -> Ranges:
        """Give the chunks that are there, as inclusive ranges."""
        return ranges(sorted(self.chunks))

    def missing(self) -> Ranges:
        """Give the chunks that are not there, as inclusive ranges."""
        gaps: Ranges = []
        place = 0
        for first, last in self.received():
            if first > place:
                gaps.append((place, first - 1))
            place = last + 1
        if place < self.total:
            gaps.append((place, self.total - 1))
        return gaps


def ranges(numbers: Iterable[int]) -> Ranges:
    """Give rising numbers as inclusive ranges."""
    found: Ranges = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
