"""ID3v2 tags (id3.org, ID3v2.4 section 3.1): only their size: what it takes to get past them."""

from __future__ import annotations

import os

__all__ = ["end_of_tags"]


def end_of_tags(fd: int, offset: int = 0) -> int:
    """Offset of the first byte after the tags that begin at a place.

    Parameters
    ----------
    fd : int
        An open file; its position is not moved.
    offset : int
        The place; it is given back where no tag begins.
    """
    for _ in range(8):
        head = os.pread(fd, 10, offset)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        offset += 10 + size + (10 if head[5] & 0x10 else 0)
    return offset
