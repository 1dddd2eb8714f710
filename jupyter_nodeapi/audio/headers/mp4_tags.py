"""The tags of iTunes' kind in MP4: ``moov/udta/meta/ilst``, one box a tag, its value in a ``data`` box.

::

    ilst
    |- ©nam ── data     type 1: UTF-8
    |- trkn ── data     0 0 | number | of | 0 0
    `- covr ── data     type 13: JPEG, 14: PNG
"""

from __future__ import annotations

import struct

from jupyter_nodeapi.audio.headers.mp4 import boxes, find, moov_of

__all__ = ["cover", "texts"]

_NAMES = {
    b"\xa9nam": "title",
    b"\xa9ART": "artist",
    b"\xa9alb": "album",
    b"\xa9day": "date",
    b"\xa9gen": "genre",
    b"\xa9cmt": "comment",
    b"cprt": "copyright",
    b"\xa9too": "software",
}
_UTF8 = 1


def texts(fd: int) -> dict[str, str]:
    """Give the text tags by the names that other formats have for them.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    found = {}
    for name, kind, value in _items(fd):
        if name in _NAMES and kind == _UTF8:
            found[_NAMES[name]] = value.decode("utf-8", "replace")
        elif name == b"trkn" and len(value) >= 4:
            found["tracknumber"] = str(struct.unpack_from(">H", value, 2)[0])
    return found


def cover(fd: int) -> bytes | None:
    """Give the first picture.

    Parameters
    ----------
    fd : int
        An open regular file; its position is not moved.
    """
    return next((value for name, _, value in _items(fd) if name == b"covr"), None)


def _items(fd: int) -> list[tuple[bytes, int, bytes]]:
    """Give ``(name, type, value)`` of each tag; none where the index is damaged."""
    try:
        meta = find(moov_of(fd), b"udta", b"meta")
    except ValueError:
        return []
    items = None if meta is None else find(meta[4:], b"ilst")
    values = [(name, find(body, b"data")) for name, body in boxes(items)] if items is not None else []
    return [
        (name, int.from_bytes(data[1:4], "big"), bytes(data[8:]))
        for name, data in values
        if data is not None and len(data) >= 8
    ]
