"""What a file really is, from its own bytes and never from its name.

::

    [ID3v2 tag, any size] | magic word, or a chain of frames that agree with each other
                            ^ mpeg audio and adts have no magic word: one sync word proves
                              nothing, so several frames must follow one another exactly

Text of every sort (playlists, ``ffconcat``, SDP, DASH) is nothing of this, and so never
reaches FFmpeg.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from jupyter_nodeapi.audio.headers import adts, mpeg
from jupyter_nodeapi.audio.headers.id3 import end_of_tags
from jupyter_nodeapi.audio.kinds import KINDS, Kind
from jupyter_nodeapi.errors import UnsupportedMedia

__all__ = ["sniff"]

_WINDOW = 65536
_CHAIN = 4

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", "w64"),
    (0, b"caff\x00\x01", "caf"),
    (0, b".snd", "au"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"#!AMR", "amr"),
    (0, b"FLV\x01", "flv"),
    (0, b"wvpk", "wavpack"),
    (0, b"MAC ", "ape"),
    (0, b"TTA1", "tta"),
    (0, b"tBaK", "tak"),
    (0, b"DSD ", "dsf"),
    (0, b"MPCK", "musepack"),
    (0, b"\x00\x00\x01\xba", "mpegps"),
)
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"}


def sniff(fd: int) -> Kind:
    """Say what an open file is.

    Parameters
    ----------
    fd : int
        A regular file; its position is not moved.

    Raises
    ------
    UnsupportedMedia
        It is empty, text, or no sound we know.
    """
    start = end_of_tags(fd)
    name = _named(os.pread(fd, _WINDOW, start)) or _framed(fd, start)
    if name is None:
        raise UnsupportedMedia(
            "This file is not a sound that can be read here.",
            hint="Its bytes decide, not its name. Convert it to wav, flac, mp3, m4a, ogg or opus.",
        )
    return KINDS[name]


def _named(head: bytes) -> str | None:
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _riff(head)
    if head[:4] == b"FORM":
        return "aiff" if head[8:12] in (b"AIFF", b"AIFC") else None
    if head[4:8] in _BOXES:
        return "mp4"
    return _synced(head)


def _synced(head: bytes) -> str | None:
    if head[:2] == b"\x0b\x77" and len(head) > 5:
        return "eac3" if head[5] >> 3 > 10 else "ac3"
    packets = len(head) > 564 and head[0] == head[188] == head[376] == head[564] == 0x47
    return "mpegts" if packets else None


def _riff(head: bytes) -> str | None:
    if head[8:12] == b"AVI ":
        return "avi"
    if head[8:12] != b"WAVE":
        return None
    return "wav" if head[:4] == b"RIFF" else "rf64"


def _framed(fd: int, start: int) -> str | None:
    """Find frames without a magic word, also behind some junk, as broken tags leave it."""
    readers: tuple[tuple[str, Callable[[bytes, int], int]], ...] = (
        ("adts", adts.length_at),
        ("mp3", mpeg.length_at),
    )
    window = os.pread(fd, 2 * _WINDOW, start)
    at = 0
    while 0 <= (at := window.find(b"\xff", at)) < _WINDOW:
        for name, length_at in readers:
            if _chained(window, at, length_at):
                return name
        at += 1
    return None


def _chained(window: bytes, at: int, length_at: Callable[[bytes, int], int]) -> bool:
    """Tell whether frames follow one another from ``at``, or fill the file from its head."""
    first = at
    for count in range(_CHAIN):
        length = length_at(window, at)
        if not length:
            tail = window[at : at + 3]
            return first == 0 and count > 0 and (not tail or tail in (b"TAG", b"APE", b"\x00\x00\x00"))
        if length_at is mpeg.length_at and not mpeg.agree(window, first, at):
            return False
        at += length
    return True
