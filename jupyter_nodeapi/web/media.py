"""Ranged reads of files, safe to open in a browser (RFC 9110, sections 13 and 14).

A file of ours may hold anything, so it is never given a chance to run: ``nosniff``, a sandbox without
scripts, and everything that is not plainly audio, video, an image or text is a download.
"""

from __future__ import annotations

import mimetypes
import os
import re
from dataclasses import dataclass, replace
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from jupyter_nodeapi.errors import RangeNotSatisfiable
from jupyter_nodeapi.web.handler import Handler, threads
from jupyter_nodeapi.web.route import Operation

__all__ = ["Range", "etag_of", "parse_range", "ranged", "send_file"]

_BLOCK = 2**20
_INLINE = re.compile(r"(audio|video)/[\w.+-]+|image/(png|jpeg|gif|webp|avif|bmp)|text/plain|application/json")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes ``start`` (inclusive) to ``stop`` (exclusive)."""

    start: int
    stop: int


def ranged(operation: Operation) -> Operation:
    """Add how else :func:`send_file` may answer: with a part, "not modified", or that nothing lies there."""
    also = {**operation.also, 206: bytes, 304: None}
    return replace(operation, also=also, errors=(*operation.errors, RangeNotSatisfiable))


def parse_range(header: str | None, size: int) -> Range | None:
    """Read a ``Range`` header of one byte range.

    Parameters
    ----------
    header : str or None
        The header's value. Units other than bytes, several ranges and broken syntax are ignored, as RFC 9110
        allows: the whole file is sent.
    size : int
        Length of the file in bytes.

    Raises
    ------
    RangeNotSatisfiable
        When the range starts at or behind ``size``.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match.group(1) == match.group(2) == "" or max(map(len, match.groups())) > 18:
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
        if int(last) == 0:
            raise RangeNotSatisfiable(size=size)
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(size=size)
    return Range(start, stop)


def etag_of(stat: os.stat_result) -> str:
    """Give a strong ETag of a file: another inode, size or modification gives another one."""
    return f'"{stat.st_ino:x}-{stat.st_size:x}-{stat.st_mtime_ns:x}"'


async def send_file(
    handler: Handler,
    fd: int,
    stat: os.stat_result,
    *,
    filename: str,
    content_type: str | None = None,
    etag: str | None = None,
) -> None:
    """Answer GET or HEAD with a file, whole or in part, and close ``fd``.

    Parameters
    ----------
    handler : Handler
        The request being answered.
    fd : int
        An open descriptor of a regular file; closed here, whatever happens.
    stat : os.stat_result
        Its status, from ``fstat``.
    filename : str
        The name a download is saved under.
    content_type : str, optional
        Guessed from ``filename`` by default.
    etag : str, optional
        Default: :func:`etag_of`.

    Raises
    ------
    RangeNotSatisfiable
        When the range lies behind the end.
    """
    try:
        etag = etag or etag_of(stat)
        kind = _describe(handler, stat, filename, content_type, etag)
        if _not_modified(handler, stat, etag):
            handler.set_status(304)
            handler.clear_header("Content-Length")
        else:
            await _answer(handler, fd, _part(handler, stat, etag))
        await handler.finish(set_content_type=kind)
    except StreamClosedError:
        return
    finally:
        os.close(fd)


async def _answer(handler: Handler, fd: int, part: Range) -> None:
    handler.set_header("Content-Length", str(part.stop - part.start))
    if handler.request.method != "HEAD":
        await _copy(handler, fd, part)


def _describe(handler: Handler, stat: os.stat_result, name: str, content_type: str | None, etag: str) -> str:
    """Set every header but the length; give the content type."""
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    inline = _INLINE.fullmatch(kind) is not None
    kind = kind if inline else "application/octet-stream"
    handler.set_header("Content-Type", kind)
    handler.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
    disposition = "inline" if inline else "attachment"
    handler.set_header("Content-Disposition", f"{disposition}; filename*=UTF-8''{quote(name, safe='')}")
    handler.set_header("Accept-Ranges", "bytes")
    handler.set_header("Cache-Control", "private, no-cache")
    handler.set_header("Last-Modified", formatdate(stat.st_mtime, usegmt=True))
    handler.set_header("Etag", etag)
    return kind


def _not_modified(handler: Handler, stat: os.stat_result, etag: str) -> bool:
    given = handler.request.headers.get("If-None-Match")
    if given is not None:
        names = [name.strip().removeprefix("W/") for name in given.split(",")]
        return etag in names or "*" in names
    return _same_date(handler.request.headers.get("If-Modified-Since"), stat)


def _same_date(header: str | None, stat: os.stat_result) -> bool:
    """Say whether the file is not younger than an HTTP date; a broken one is ignored."""
    try:
        return header is not None and int(stat.st_mtime) <= parsedate_to_datetime(header).timestamp()
    except (TypeError, ValueError, OverflowError):
        return False


def _part(handler: Handler, stat: os.stat_result, etag: str) -> Range:
    headers = handler.request.headers
    condition = headers.get("If-Range")
    unchanged = condition is None or condition.strip() in {etag, formatdate(stat.st_mtime, usegmt=True)}
    asked = headers.get("Range") if handler.request.method == "GET" else None  # RFC 9110, 14.2
    part = parse_range(asked, stat.st_size) if unchanged else None
    if part is None:
        return Range(0, stat.st_size)
    handler.set_status(206)
    handler.set_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{stat.st_size}")
    return part


async def _copy(handler: Handler, fd: int, part: Range) -> None:
    """Send the bytes block by block; a file that shrinks meanwhile cuts the connection, never the truth."""
    position = part.start
    while position < part.stop:
        block = await threads.run(os.pread, fd, min(_BLOCK, part.stop - position), position)
        if not block:
            handler.log.warning("A file became shorter while it was being sent")
            handler.detach().close()
            raise StreamClosedError
        handler.write(block)
        await handler.flush()
        position += len(block)
