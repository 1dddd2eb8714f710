"""A range of a WAV file, byte for byte: PCM, float and companded samples are never decoded.

::

    RIFF|RF64 size WAVE   fmt_ (as it is)   LIST/INFO, id3_ (as they are)   data: the range

Source of the format: Microsoft's RIFF definition and EBU Tech 3306 (RF64, sizes in ``ds64``).
Whatever does not fit exactly (block codecs, odd sizes) is left to another strategy. What is written goes
to the disk while the rest is copied, since the result is told only when all of it is there.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.times import Span
from jupyter_nodeapi.disk.writeback import begin_writeback
from jupyter_nodeapi.jobs.engines import Stopped

__all__ = ["Wav", "blocks", "cut", "parse", "shorts"]

_PLAIN = {1, 3, 6, 7}
_EXTENSIBLE = 0xFFFE
_MEDIA = bytes.fromhex("000000001000800000aa00389b71")  # what follows the tag in the name of a plain format
_KEPT = {b"LIST", b"id3 ", b"ID3 "}
_KEPT_BYTES = 4 << 20
_LARGEST_CHUNKS = 256
_BLOCK = 512 << 10
_RIFF_LIMIT = 0xFFFFFFFF - 1024


@dataclass(frozen=True, slots=True)
class Wav:
    """Where the samples lie: ``align`` bytes a frame, ``frames`` frames from ``offset``.

    ``tag`` is the format's number, 1 of integers and 3 of floats; ``whole`` says that the chunks are all
    there, one of samples and nothing odd about its length.
    """

    tag: int
    layout: bytes
    rate: int
    channels: int
    align: int
    offset: int
    frames: int
    kept: tuple[tuple[bytes, bytes], ...]
    whole: bool


def _chunks(fd: int) -> Iterator[tuple[bytes, int, int]]:
    """Walk ``(name, offset, length)`` of the chunks; a ``ds64`` gives the length of ``data``."""
    offset, long_data = 12, 0
    for _ in range(_LARGEST_CHUNKS):
        head = os.pread(fd, 8, offset)
        if len(head) < 8:
            return
        name, length = struct.unpack("<4sI", head)
        if name == b"ds64":
            long_data = struct.unpack("<Q", os.pread(fd, 8, offset + 16).ljust(8, b"\0"))[0]
        if name == b"data" and length == 0xFFFFFFFF and long_data:
            length = long_data
        yield name, offset + 8, length
        offset += 8 + length + (length & 1)


def parse(fd: int) -> Wav | None:
    """Find the samples of a WAV or RF64 file; None when they cannot be cut as bytes.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    size = os.fstat(fd).st_size
    end = 8 + int.from_bytes(os.pread(fd, 4, 4), "little")
    layout, data, kept, room, whole = b"", None, [], _KEPT_BYTES, True
    for name, offset, told in _chunks(fd):
        whole &= offset + told <= size
        length = min(told, size - offset)
        if name == b"data" and not told and end <= offset:
            data = (offset, size - offset)  # who recorded it was stopped before the lengths were written
            break
        if name == b"fmt " and length <= 256 and not layout:
            layout = os.pread(fd, length, offset)
        elif name == b"data" and data is None:
            data = (offset, length)
        elif name in {b"fmt ", b"data"}:
            whole = False
        elif name in _KEPT and length <= room:
            room -= length
            kept.append((name, os.pread(fd, length, offset)))
    shape = _shape(layout)
    if shape is None or data is None:
        return None
    tag, channels, rate, align = shape
    whole &= not data[1] % align
    return Wav(tag, layout, rate, channels, align, data[0], data[1] // align, tuple(kept), whole)


def _shape(layout: bytes) -> tuple[int, int, int, int] | None:
    """Read ``(tag, channels, rate, align)`` of a ``fmt_`` chunk whose frames are plain bytes."""
    if len(layout) < 16:
        return None
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", layout)
    if tag == _EXTENSIBLE and layout[26:40] == _MEDIA:
        tag = struct.unpack_from("<H", layout, 24)[0]
    plain = tag in _PLAIN and channels and rate and align
    if not plain or bits % 8 or align != channels * bits // 8:
        return None
    return tag, channels, rate, align


def shorts(wav: Wav) -> bool:
    """Tell whether the samples are integers of 16 bits, so that their bytes are their values.

    Parameters
    ----------
    wav : Wav
        What :func:`parse` found.
    """
    return wav.tag == 1 and wav.align == 2 * wav.channels


def blocks(fd: int, wav: Wav, first: int, last: int, size: int) -> Iterator[memoryview]:
    """Read frames as they are in the file, ``size`` at once, always into the same memory.

    Parameters
    ----------
    fd : int
        The open file; its position is not moved.
    wav : Wav
        What :func:`parse` found in it.
    first, last, size : int
        In frames.
    """
    memory = memoryview(bytearray(size * wav.align))
    for at in range(first, last, size):
        wanted = memory[: min(size, last - at) * wav.align]
        got = os.preadv(fd, [wanted], wav.offset + at * wav.align)
        yield wanted[: got - got % wav.align]
        if got < len(wanted):  # cut short meanwhile
            return


def cut(fd: int, wav: Wav, span: Span, target: str, stopped: Callable[[], bool]) -> int:
    """Write a range of frames as a WAV file of its own (RF64 where it needs 64-bit sizes).

    Parameters
    ----------
    fd : int
        The open source.
    wav : Wav
        What :func:`parse` found in it.
    span : Span
        Which frames.
    target : str
        The file to write.
    stopped : callable
        Asked between blocks.

    Returns
    -------
    int
        Frames written: fewer than asked when the file was cut short meanwhile.
    """
    last = wav.frames if span.last is None else min(span.last, wav.frames)
    length = (last - span.first) * wav.align
    sink = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        _write(sink, _header(wav, length))
        copied = _transfer(fd, sink, wav.offset + span.first * wav.align, length, stopped)
        if copied & 1:
            _write(sink, b"\0")
        if copied != length:
            length = copied - copied % wav.align
            os.lseek(sink, 0, os.SEEK_SET)
            os.ftruncate(sink, _write(sink, _header(wav, length)) + length)
        return length // wav.align
    finally:
        os.close(sink)


def _write(sink: int, data: bytes) -> int:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]
    return len(data)


def _header(wav: Wav, length: int) -> bytes:
    chunks = [(b"fmt ", wav.layout), *wav.kept]
    if struct.unpack_from("<H", wav.layout)[0] != 1:
        chunks.insert(1, (b"fact", struct.pack("<I", min(length // wav.align, 0xFFFFFFFF))))
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1) for name, data in chunks
    )
    total = 4 + len(body) + 8 + length + (length & 1)
    if total <= _RIFF_LIMIT:
        return b"RIFF" + struct.pack("<I", total) + b"WAVE" + body + b"data" + struct.pack("<I", length)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, total + 36, length, length // wav.align, 0)
    most = struct.pack("<I", 0xFFFFFFFF)
    return b"RF64" + most + b"WAVE" + sizes + body + b"data" + most


def _transfer(fd: int, sink: int, offset: int, length: int, stopped: Callable[[], bool]) -> int:
    """Copy bytes inside the kernel where the system can, else through memory."""
    done, direct = 0, hasattr(os, "copy_file_range")
    while done < length:
        if stopped():
            raise Stopped
        size = min(_BLOCK, length - done)
        moved = 0
        if direct:
            try:
                moved = os.copy_file_range(fd, sink, size, offset + done)
            except OSError:  # across file systems, or one that cannot: the plain copy says what is wrong
                direct = False
        if not direct:
            moved = _write(sink, os.pread(fd, size, offset + done))
        if not moved:
            break
        begin_writeback(sink, done, moved)  # the header's few bytes off: whole pages are written anyway
        done += moved
    return done
