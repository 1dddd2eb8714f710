"""What can be uploaded, as one thing: a name, a size, and bytes from anywhere in it.

::

    path                 read where it lies                 stamp: device, inode, size, time of change
    bytes, bytearray     as they are                        stamp: hash of the bytes
    an array             as a .npy file (format 1.0 or 2.0) stamp: hash of the bytes
    a file object        from where it stands; one that cannot seek goes through a temporary file

The stamp tells two contents apart, so that an upload that broke off is only continued with the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from jupyter_nodeapi_widgets.client.errors import ApiError

__all__ = ["Source", "source_of"]

_BLOCK = 1 << 20
_LETTERS = {
    "b": "i",
    "h": "i",
    "i": "i",
    "l": "i",
    "q": "i",
    "B": "u",
    "H": "u",
    "I": "u",
    "L": "u",
    "Q": "u",
}
_LETTERS |= {"e": "f", "f": "f", "d": "f", "?": "b"}


class Source:
    """Bytes to upload; a context manager.

    Parameters
    ----------
    name : str
        The file's name.
    size : int
        In bytes.
    stamp : str
        Equal only for equal bytes.
    """

    def __init__(self, name: str, size: int, stamp: str) -> None:
        self.name = name
        self.size = size
        self.stamp = hashlib.blake2b(f"{size} {stamp}".encode(), digest_size=12).hexdigest()

    def read(self, offset: int, size: int) -> bytes:
        """Give `size` bytes from `offset`; may be called from several threads."""
        raise NotImplementedError

    def pieces(self) -> Iterator[bytes]:
        """Give the bytes one after the other, in pieces of at most 1 MiB."""
        for offset in range(0, self.size, _BLOCK):
            yield self.read(offset, min(_BLOCK, self.size - offset))

    def close(self) -> None:
        """Let the file go."""

    def __enter__(self) -> Source:  # noqa: PYI034  (Self is younger than our oldest Python)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _File(Source):
    """A part of an open file, from `start` on."""

    def __init__(self, file: IO[bytes], name: str, size: int, stamp: str, start: int = 0) -> None:
        super().__init__(name, size, stamp)
        self._file = file
        self._start = start
        self._lock = threading.Lock()
        self._ours = False

    @classmethod
    def at(cls, path: Path, name: str | None) -> _File:
        file = path.open("rb")
        known = os.fstat(file.fileno())
        stamp = f"{known.st_dev} {known.st_ino} {known.st_mtime_ns}"
        made = cls(file, name or path.name, known.st_size, stamp)
        made._ours = True
        return made

    def read(self, offset: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(self._start + offset)
            pieces = []
            while size > 0 and (piece := self._file.read(size)):
                pieces.append(piece)
                size -= len(piece)
        if size > 0:
            raise ApiError("The file became shorter while it was uploaded.", code="source_changed")
        return b"".join(pieces)

    def close(self) -> None:
        if self._ours:
            self._file.close()


class _Bytes(Source):
    """Bytes in memory, in one or two pieces; they are not copied."""

    def __init__(self, name: str, *pieces: bytes | memoryview) -> None:
        self._pieces = [memoryview(piece).cast("B") for piece in pieces]
        digest = hashlib.blake2b(digest_size=16)
        for piece in self._pieces:
            digest.update(piece)
        super().__init__(name, sum(len(piece) for piece in self._pieces), digest.hexdigest())

    def read(self, offset: int, size: int) -> bytes:
        found = []
        for piece in self._pieces:
            part = piece[max(0, offset) : max(0, offset + size)]
            found.append(bytes(part))
            offset -= len(piece)
        return b"".join(found)


def source_of(thing: Any, name: str | None = None) -> Source:
    """Give what is to be uploaded.

    Parameters
    ----------
    thing : path, bytes-like, array or binary file object
        An array is anything with ``__array_interface__`` or ``__array__``, or a typed buffer.
    name : str, optional
        The file's name; default: the thing's own, else ``data.bin`` or ``array.npy``.

    Raises
    ------
    TypeError
        It is none of these, or an array of objects.
    OSError
        The path cannot be read.
    """
    if isinstance(thing, (str, os.PathLike)):
        return _File.at(Path(thing), name)
    if isinstance(thing, (bytes, bytearray)):
        return _Bytes(name or "data.bin", thing if isinstance(thing, bytes) else memoryview(thing))
    if hasattr(thing, "read"):
        return _from_file(thing, name)
    if not hasattr(thing, "__array_interface__") and hasattr(thing, "__array__"):
        thing = thing.__array__()
    if hasattr(thing, "__array_interface__"):
        return _Bytes(name or "array.npy", *_array(thing))
    try:
        view = memoryview(thing)
    except TypeError:
        raise TypeError("Give a path, bytes, an array or a binary file object.") from None
    if view.format == "B" and view.ndim == 1:
        return _Bytes(name or "data.bin", view)
    return _Bytes(name or "array.npy", *_typed(view))


def _array(array: Any) -> tuple[bytes, bytes | memoryview]:
    """Give head and body of a .npy file; the body is not copied where the array is in C order."""
    told = array.__array_interface__
    kind = str(told["typestr"])
    if kind[1] in "OmM" and kind[1] == "O":
        raise TypeError("An array of objects cannot be uploaded; give it a type of numbers or of texts.")
    descr = told.get("descr") if kind[1] == "V" else kind
    try:
        view = memoryview(array)
        body: bytes | memoryview = view if view.c_contiguous and view.nbytes else array.tobytes()
    except (TypeError, ValueError, BufferError):  # times have no buffer
        body = array.tobytes()
    return _head(descr, tuple(told["shape"])), body


def _typed(view: memoryview) -> tuple[bytes, bytes | memoryview]:
    letter = view.format.lstrip("@=<>!")
    if letter not in _LETTERS or view.format[0] in "<>!":
        raise TypeError(f"A buffer of the type {view.format!r} cannot be uploaded.")
    order = "|" if view.itemsize == 1 else ("<" if sys.byteorder == "little" else ">")
    body = view if view.c_contiguous and view.nbytes else view.tobytes()
    return _head(f"{order}{_LETTERS[letter]}{view.itemsize}", tuple(view.shape or (view.nbytes,))), body


def _head(descr: Any, shape: tuple[int, ...]) -> bytes:
    """Give the head of a .npy file, as numpy's own format document says; padded to 64 bytes."""
    text = repr({"descr": descr, "fortran_order": False, "shape": tuple(int(n) for n in shape)}).encode(
        "latin-1"
    )
    wide = len(text) + 11 > 0xFFFF
    lead = 12 if wide else 10
    text += b" " * (-(lead + len(text) + 1) % 64) + b"\n"
    size = struct.pack("<I" if wide else "<H", len(text))
    return b"\x93NUMPY" + (b"\x02\x00" if wide else b"\x01\x00") + size + text


def _from_file(file: Any, name: str | None) -> Source:
    if isinstance(file, io.TextIOBase):
        raise TypeError("Open the file in binary mode: open(path, 'rb').")
    own = getattr(file, "name", None)
    called = name or (Path(own).name if isinstance(own, str) else "data.bin")
    start = None
    with contextlib.suppress(OSError, AttributeError):
        start = file.tell() if file.seekable() else None
    if start is not None:
        size = file.seek(0, os.SEEK_END) - start
        return _File(file, called, max(0, size), secrets.token_hex(8), start)
    spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the source)
    while piece := file.read(_BLOCK):
        spool.write(piece)
    made = _File(spool, called, spool.tell(), secrets.token_hex(8))
    made._ours = True  # noqa: SLF001
    return made
