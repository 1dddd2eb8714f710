"""Bytes from a URL into a partial file: resumed where that is safe, hashed as they pass, never believed.

::

    re-hash what is safe ─> request (Range, If-Range) ─┬─ 206 at our offset ──> go on
                                                       ├─ 200 ───────────────> begin at zero with this answer
                                                       ├─ 206 elsewhere, 416 ─> begin at zero, once more
                                                       └─ anything else ──────> say why
    read 1 MiB ─> pwrite + sha256 ─> every 32 MiB or 5 s: fsync, record, look at the disk
    end ─> size and digest fit ─> whole        else throw away; the second time for good

Protocol: RFC 9110 (range requests, section 14; If-Range, 13.1.5).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import msgspec
import urllib3

from jupyter_nodeapi.models.answers import check_answer
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from jupyter_nodeapi.models.hashes import BLOCK, Digest, read_blocks
from jupyter_nodeapi.models.partial import Partial
from jupyter_nodeapi.models.schemas import PlannedFile
from jupyter_nodeapi.models.transport import Answer, Client, network_errors

__all__ = ["Hooks", "fetch"]

_SMALL = 64 << 10
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Hooks(msgspec.Struct, frozen=True):
    """What a transfer tells and asks while it runs.

    Attributes
    ----------
    moved : callable
        Told how many bytes of the file are here now.
    check : callable
        Asked between blocks; raises when the work was stopped.
    room : callable
        Asked now and then with the bytes still to come (None when unknown); raises when the disk is too full.
    pace : callable
        Told how many bytes have come; waits where they came too fast.
    most : int
        Bytes to read at once, at most.
    clock : callable
        Seconds that only go forward.
    """

    moved: Callable[[int], None]
    check: Callable[[], None]
    room: Callable[[int | None], None]
    pace: Callable[[int], None] = lambda _: None
    most: int = BLOCK
    clock: Callable[[], float] = time.monotonic


def fetch(file: PlannedFile, url: str, partial: Partial, client: Client, hooks: Hooks) -> Digest:
    """Bring one file here, whole and verified, into an entered `partial`.

    Parameters
    ----------
    file : PlannedFile
        What is known of the file.
    url : str
        Where it is.
    partial : Partial
        Where it goes; what is safe in it is not fetched again.
    client : Client
        Opens the response.
    hooks : Hooks
        Progress, stop and space.

    Returns
    -------
    Digest
        Of the whole file.

    Raises
    ------
    SourceUnavailable
        Cut, stalled, busy, or wrong bytes for the first time; what arrived is kept where it is good.
    SourceRefused
        For good: refused, or wrong bytes twice.
    """
    digest = _rehash(file, partial, hooks)
    expected = file.size if file.size is not None else partial.state.total
    if not partial.state.whole and not (digest.size and digest.size == expected):
        digest = _transfer(file, url, partial, client, hooks=hooks, digest=digest)
    if fault := digest.fault():
        raise _wrong(fault, partial.discard())
    partial.finish()
    return digest


def _rehash(file: PlannedFile, partial: Partial, hooks: Hooks) -> Digest:
    """Read what is safe already, before any server is asked: it may have rotted."""
    digest = Digest(file)

    def take(block: memoryview) -> None:
        hooks.check()
        digest.update(block)
        hooks.moved(digest.size)

    if partial.state.safe:
        read_blocks(partial.fd, take, end=partial.state.safe)
    return digest


def _transfer(
    file: PlannedFile, url: str, partial: Partial, client: Client, *, hooks: Hooks, digest: Digest
) -> Digest:
    answer = _ask(url, partial, client, digest.size, known=file.sha256 is not None)
    if answer is None:  # the server cannot go on where we stopped
        answer = client.open(url, {})
    response, hops = answer
    try:
        offset, total = check_answer(response, file, redirected=hops > 0)
        if file.size is not None and total != file.size:
            raise _wrong("size_mismatch", partial.discard())
        if offset != digest.size:
            digest = Digest(file)
        partial.begin(offset, etag=_strong_etag(response), total=total)
        _pump(response, partial, hooks, digest, total=total)
    finally:
        response.close()
    if total is not None and digest.size < total:
        raise SourceUnavailable("The connection ended before the file did.", code="connection_lost")
    return digest


def _ask(url: str, partial: Partial, client: Client, offset: int, *, known: bool) -> Answer | None:
    """Open the URL from `offset` on; None when this server cannot continue there."""
    headers = {}
    etag = partial.state.etag
    if offset and (etag or known):
        headers["Range"] = f"bytes={offset}-"
        if etag:
            headers["If-Range"] = etag
    response, hops = client.open(url, headers)
    start = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    misplaced = response.status == 206 and (start is None or int(start[1]) != offset)
    if headers and (response.status == 416 or misplaced):
        response.close()
        return None
    return response, hops


def _pump(
    response: urllib3.BaseHTTPResponse, partial: Partial, hooks: Hooks, digest: Digest, *, total: int | None
) -> None:
    buffer = memoryview(bytearray(BLOCK))
    size = _SMALL
    while True:
        hooks.check()
        began = hooks.clock()
        with network_errors():
            count = response.readinto(buffer[: min(size, hooks.most)])
        if not count:
            break
        block = buffer[:count]
        size = _next_size(size, hooks.clock() - began)
        if total is not None and digest.size + count > total:
            raise _wrong("size_mismatch", partial.discard())
        partial.add(block, digest.size)
        digest.update(block)
        hooks.moved(digest.size)
        hooks.pace(count)
        if partial.keep_up():
            hooks.room(None if total is None else total - digest.size)


def _next_size(size: int, seconds: float) -> int:
    """Give the size of the next read: large ones cost least, but a slow line must still show progress."""
    if seconds > 1:
        return max(_SMALL, size // 2)
    return min(BLOCK, size * 2) if seconds < 0.25 else size


def _strong_etag(response: urllib3.BaseHTTPResponse) -> str | None:
    """Give the validator of this very server; a weak one cannot vouch for bytes."""
    etag = response.headers.get("ETag", "")
    return etag if re.fullmatch(r'"[^"]*"', etag) else None


def _wrong(fault: str, times: int) -> SourceUnavailable | SourceRefused:
    what = "size" if fault == "size_mismatch" else "checksum"
    message = f"The file that arrived has the wrong {what}."
    if times < 2:
        return SourceUnavailable(message, code=fault, hint="It was thrown away and is fetched anew.")
    return SourceRefused(
        message,
        code=fault,
        hint="It was thrown away twice: the server's file differs from what the registry says.",
    )
