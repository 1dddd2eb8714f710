"""Matroska and WebM (RFC 9559): the first sound track, from the head of the file.

::

    EBML header | Segment -+- Info: timecode scale, duration (milliseconds: an estimate, no count)
                           `- Tracks -> TrackEntry(type 2): codec, rate, channels
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio.headers import whole_rate

__all__ = ["Track", "parse"]

_HEAD = 1 << 20
_LONGEST_SECONDS = 1e8  # three years: anything longer is no duration
_SEGMENT, _INFO, _TRACKS, _ENTRY, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675
_SCALE, _DURATION, _TYPE, _CODEC, _AUDIO = 0x2AD7B1, 0x4489, 0x83, 0x86, 0xE1
_RATE, _OUTPUT_RATE, _CHANNELS, _DEPTH = 0xB5, 0x78B5, 0x9F, 0x6264
_CODECS = {
    "A_OPUS": "opus",
    "A_VORBIS": "vorbis",
    "A_AAC": "aac",
    "A_FLAC": "flac",
    "A_MPEG/L3": "mp3",
    "A_MPEG/L2": "mp2",
    "A_AC3": "ac3",
    "A_EAC3": "eac3",
    "A_ALAC": "alac",
    "A_TTA1": "tta",
    "A_WAVPACK4": "wavpack",
    "A_PCM/INT/LIT": "pcm",
    "A_PCM/INT/BIG": "pcm",
    "A_PCM/FLOAT/IEEE": "pcm",
}


@dataclass(frozen=True, slots=True)
class Track:
    """The first sound track; ``seconds`` is the container's own word."""

    codec: str
    rate: int
    channels: int
    bits: int
    floating: bool
    seconds: float | None


def parse(fd: int) -> tuple[bool, Track | None]:
    """Tell whether the tracks are in the head of the file, and give the first of sound.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    data = memoryview(os.pread(fd, _HEAD, 0))
    segment = next((body for name, body in _elements(data) if name == _SEGMENT), None)
    if segment is None:
        return False, None
    seconds: float | None = None
    seen = False
    for name, body in _elements(segment):
        if name == _INFO:
            seconds = _seconds(body)
        elif name == _TRACKS:
            seen = True
            for kind, entry in _elements(body):
                if kind == _ENTRY and (track := _track(entry, seconds)) is not None:
                    return True, track
        elif name == _CLUSTER:
            break
    return seen, None


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at + 2 <= len(data):
        name, at = _number(data, at, marked=True)
        size, at = _number(data, at, marked=False)
        if at <= 0:
            return
        end = len(data) if size < 0 else min(len(data), at + size)
        yield name, data[at:end]
        at = end


def _number(data: memoryview, at: int, *, marked: bool) -> tuple[int, int]:
    """Read a variable-size integer: ``(value, next)``; -1 for an unknown size, next -1 at the end."""
    if at < 0 or at >= len(data) or not data[at]:
        return -1, -1
    length = 9 - data[at].bit_length()
    if at + length > len(data):
        return -1, -1
    value = int.from_bytes(data[at : at + length], "big")
    if not marked:
        value &= (1 << 7 * length) - 1
        value = -1 if value == (1 << 7 * length) - 1 else value
    return value, at + length


def _float(body: memoryview) -> float:
    layout = {4: ">f", 8: ">d"}.get(len(body))
    return float(struct.unpack(layout, body)[0]) if layout else 0.0


def _seconds(info: memoryview) -> float | None:
    fields = dict(_elements(info))
    scale = int.from_bytes(fields.get(_SCALE, memoryview(b"\x0f\x42\x40")), "big")
    duration = _float(fields.get(_DURATION, memoryview(b"")))
    seconds = duration * scale / 1e9
    return seconds if 0 < seconds < _LONGEST_SECONDS else None


def _track(entry: memoryview, seconds: float | None) -> Track | None:
    fields = dict(_elements(entry))
    if int.from_bytes(fields.get(_TYPE, b""), "big") != 2:
        return None
    name = bytes(fields.get(_CODEC, b"")).decode("ascii", "replace").rstrip("\0")
    audio = dict(_elements(fields.get(_AUDIO, memoryview(b""))))
    rate = whole_rate(_float(audio.get(_OUTPUT_RATE, audio.get(_RATE, memoryview(b"")))) or 8000.0)
    codec = _CODECS.get(name) or ("aac" if name.startswith("A_AAC") else "unknown")
    return Track(
        codec=codec,
        rate=48000 if codec == "opus" else rate,
        channels=int.from_bytes(audio.get(_CHANNELS, b"\x01"), "big"),
        bits=int.from_bytes(audio.get(_DEPTH, b""), "big") or 16,
        floating=name == "A_PCM/FLOAT/IEEE",
        seconds=seconds,
    )
