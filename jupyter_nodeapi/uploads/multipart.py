"""Form data, parsed as it arrives: bytes in, events out, nothing kept but a few bytes.

::

    PREAMBLE -- delimiter --> LINE -- CRLF --> HEADERS -- empty line --> BODY -- delimiter --> LINE
                                `---- "--" --> EPILOGUE

A pure state machine after RFC 7578 (form data) and RFC 2046 section 5.1.1 (delimiters): no I/O, and
however the body is cut, the concatenated events are the same. A block of a part is searched for the
delimiter once, and only ``len(delimiter) - 1`` bytes are held back between two blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jupyter_nodeapi.errors import InvalidMultipart, TooLarge
from jupyter_nodeapi.uploads.disposition import boundary_of, name_of_part
from jupyter_nodeapi.uploads.finding import find

__all__ = ["Event", "Field", "FileData", "FileEnd", "FileStart", "Limits", "Parser"]

_LINE_BYTES = 256


@dataclass(frozen=True, slots=True)
class Field:
    """A part without a file: one whole value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FileStart:
    """A part that carries a file begins."""

    name: str


@dataclass(frozen=True, slots=True)
class FileData:
    """Bytes of the file; a view of what was fed, to be used before the next ``feed``."""

    data: bytes | memoryview


@dataclass(frozen=True, slots=True)
class FileEnd:
    """The file is whole."""


Event: TypeAlias = Field | FileStart | FileData | FileEnd
_Step: TypeAlias = tuple[int, list[Event]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one form may hold.

    Parameters
    ----------
    parts : int
        Number of parts.
    header_bytes : int
        Bytes of all headers of one part; also of the preamble.
    field_bytes : int
        Bytes of one field's value.
    """

    parts: int = 100
    header_bytes: int = 8192
    field_bytes: int = 16384


class Parser:
    """One form body.

    Parameters
    ----------
    content_type : str
        The request's ``Content-Type``, with its boundary.
    limits : Limits, optional
        What the form may hold.

    Raises
    ------
    UnsupportedMedia
        When the body is said to be something else than form data.
    InvalidMultipart
        When there is no usable boundary.
    """

    def __init__(self, content_type: str, limits: Limits | None = None) -> None:
        self._delimiter = b"\r\n--" + boundary_of(content_type)
        self._limits = limits or Limits()
        self._state: Callable[[int], _Step] = self._preamble
        self._data: bytes | bytearray = b""
        self._end = 0
        # The first delimiter lacks the CRLF that belongs to every other one: pretend it was there.
        self._held = b"\r\n"
        self._skipped = 0
        self._parts = 0
        self._name = ""
        self._is_file = False
        self._value = bytearray()
        self.complete = False

    def feed(self, data: bytes | bytearray, size: int | None = None) -> Iterator[Event]:
        """Give the events that these bytes complete; iterate to the end before the next call.

        Parameters
        ----------
        data : bytes or bytearray
            The next bytes of the body.
        size : int, optional
            How many of them count; default: all.

        Raises
        ------
        InvalidMultipart, TooLarge
            When the form is malformed or over a limit; after the events before that place.
        """
        self._data, self._end = data, len(data) if size is None else size
        place = 0
        while place < self._end:
            place, events = self._state(place)
            yield from events
        self._data = b""

    def close(self) -> None:
        """Say that the body has ended.

        Raises
        ------
        InvalidMultipart
            When the closing delimiter has not come.
        """
        if not self.complete:
            raise InvalidMultipart("The form ends before its closing delimiter.", code="truncated_body")

    def _preamble(self, place: int) -> _Step:
        pieces, found, place = self._cut(place)
        self._skipped += sum(len(piece) for piece in pieces)
        if self._skipped > self._limits.header_bytes:
            raise InvalidMultipart("The form does not begin with its boundary.")
        if found:
            self._state = self._line
        return place, []

    def _line(self, place: int) -> _Step:
        text, place = self._until(place, b"\r\n", _LINE_BYTES, closing=b"--")
        if text is None:
            return place, []
        if text == b"--":
            self.complete = True
            self._state = self._epilogue
            return place, []
        if text.strip(b" \t"):
            raise InvalidMultipart("A delimiter is followed by other characters.")
        self._parts += 1
        if self._parts > self._limits.parts:
            raise InvalidMultipart(f"The form has more than {self._limits.parts} parts.")
        # The empty line that ends the headers needs a CRLF before it, also when there are none.
        self._held = b"\r\n"
        self._state = self._headers
        return place, []

    def _headers(self, place: int) -> _Step:
        text, place = self._until(place, b"\r\n\r\n", self._limits.header_bytes)
        if text is None:
            return place, []
        self._name, self._is_file = name_of_part(text)
        self._value.clear()
        self._state = self._body
        return place, [FileStart(self._name)] if self._is_file else []

    def _body(self, place: int) -> _Step:
        pieces, found, place = self._cut(place)
        events: list[Event] = []
        if self._is_file:
            events += [FileData(piece) for piece in pieces]
        else:
            self._gather(pieces)
        if found:
            events.append(FileEnd() if self._is_file else Field(self._name, self._text()))
            self._state = self._line
        return place, events

    def _epilogue(self, place: int) -> _Step:
        return self._end, []

    def _gather(self, pieces: list[bytes | memoryview]) -> None:
        for piece in pieces:
            self._value += piece
        if len(self._value) > self._limits.field_bytes:
            limit = self._limits.field_bytes
            raise TooLarge(f"A field of the form is longer than {limit} bytes.", field=self._name)

    def _text(self) -> str:
        try:
            return self._value.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidMultipart("A field of the form is not UTF-8.", field=self._name) from None

    def _cut(self, place: int) -> tuple[list[bytes | memoryview], bool, int]:
        """Give the pieces before the delimiter, whether it was found, and the place after it."""
        mark, data, end = self._delimiter, self._data, self._end
        pieces: list[bytes | memoryview] = []
        if self._held:
            # Whatever begins in the bytes held back ends within this seam.
            seam = self._held + bytes(data[place : min(end, place + len(mark) - 1)])
            found = seam.find(mark)
            if found >= 0:
                after = place + found + len(mark) - len(self._held)
                self._held = b""
                return [seam[:found]] if found else [], True, after
            if end - place < len(mark):
                edge = max(0, len(seam) - len(mark) + 1)
                self._held = seam[edge:]
                return [seam[:edge]] if edge else [], False, end
            pieces.append(self._held)
            self._held = b""
        found = find(data, mark, place, end)
        edge = found if found >= 0 else max(place, end - len(mark) + 1)
        if edge > place:
            pieces.append(memoryview(data)[place:edge])
        if found >= 0:
            return pieces, True, found + len(mark)
        self._held = bytes(data[edge:end])
        return pieces, False, end

    def _until(
        self, place: int, mark: bytes, limit: int, *, closing: bytes | None = None
    ) -> tuple[bytes | None, int]:
        """Give the short text before the mark (None: not yet whole) and the place after it."""
        known = len(self._held)
        text = self._held + bytes(self._data[place : min(self._end, place + limit + len(mark))])
        if closing and text.startswith(closing):
            self._held = b""
            return closing, place + len(closing) - known
        found = text.find(mark)
        if found > limit or (found < 0 and len(text) >= limit + len(mark)):
            raise InvalidMultipart("The headers of a part are too long.")
        if found < 0:
            self._held = text
            return None, self._end
        self._held = b""
        return text[:found], place + found + len(mark) - known
