"""Bytes from a URL into a partial file: resumed where that is safe, hashed as they pass, never believed.

::

    re-hash what is safe ─> request (Range, If-Range) ─┬─ 206 at our offset ──> go on
                                                       ├─ 200 ───────────────> begin at zero with this answer
                                                       ├─ 206 elsewhere, 416 ─> begin at zero, once more
                                                       └─ anything else ──────> say why
    read 1 MiB ─> pwrite + sha256 ─> every 32 MiB or 5 s: fsync, record, look at the disk
      (or over several connections: parallel.py)
    end ─> size and digest fit ─> whole        else throw away; the second time for good

Protocol: RFC 9110 (range requests, section 14; If-Range, 13.1.5).
"""

from __future__ import annotations

import contextlib
import re

import urllib3

from jupyter_nodeapi.models.answers import check_answer
from jupyter_nodeapi.models.blocks import Hooks, blocks
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable, cut_short
from jupyter_nodeapi.models.hashes import Digest, read_blocks
from jupyter_nodeapi.models.parallel import Body, gather
from jupyter_nodeapi.models.partial import Partial
from jupyter_nodeapi.models.schemas import PlannedFile
from jupyter_nodeapi.models.transport import Answer, Client

__all__ = ["fetch"]

_WORTH = 64 << 20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


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
    return _Transfer(file, url, partial, client, hooks).run()


class _Transfer:
    """One attempt to bring one file."""

    def __init__(self, file: PlannedFile, url: str, partial: Partial, client: Client, hooks: Hooks) -> None:
        self._file = file
        self._url = url
        self._partial = partial
        self._client = client
        self._hooks = hooks
        self._digest = Digest(file)
        self._total = file.size if file.size is not None else partial.state.total

    def run(self) -> Digest:
        """Hash what is here, bring what is missing, and believe none of it before the digest fits."""
        self._rehash()
        if not self._partial.state.whole and not (self._digest.size and self._digest.size == self._total):
            self._receive()
        if fault := self._digest.fault():
            raise _wrong(fault, self._partial.discard())
        self._partial.finish()
        return self._digest

    def _rehash(self) -> None:
        """Read what is safe already, before any server is asked: it may have rotted."""

        def take(block: memoryview) -> None:
            self._hooks.check()
            self._digest.update(block)
            self._hooks.moved(self._digest.size)

        if self._partial.state.safe:
            read_blocks(self._partial.fd, take, end=self._partial.state.safe)

    def _receive(self) -> None:
        self._hooks.begin()
        answer = self._ask(self._digest.size)
        if answer is None:  # the server cannot go on where we stopped
            answer = self._client.open(self._url, {})
        response, hops = answer
        try:
            offset, total = check_answer(response, self._file, redirected=hops > 0)
            if self._file.size is not None and total != self._file.size:
                raise _wrong("size_mismatch", self._partial.discard())
            if offset != self._digest.size:
                self._digest = Digest(self._file)
            self._total = total
            self._partial.begin(offset, etag=_strong_etag(response), total=total)
            if total is not None and (connections := self._connections(response, total - offset)) > 1:
                self._spread(Body(response, offset, total), connections)
            else:
                self._pump(response)
        finally:
            response.close()
        if total is not None and self._digest.size < total:
            raise cut_short()

    def _ask(self, offset: int) -> Answer | None:
        """Open the URL from `offset` on; None when this server cannot continue there."""
        headers = {}
        etag = self._partial.state.etag
        if offset and (etag or self._file.sha256 is not None):
            headers["Range"] = f"bytes={offset}-"
            if etag:
                headers["If-Range"] = etag
        response, hops = self._client.open(self._url, headers)
        start = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        misplaced = response.status == 206 and (start is None or int(start[1]) != offset)
        if headers and (response.status == 416 or misplaced):
            response.close()
            return None
        return response, hops

    def _pump(self, response: urllib3.BaseHTTPResponse) -> None:
        """Take the body as it comes."""
        for block in blocks(response, self._hooks):
            if self._total is not None and self._digest.size + len(block) > self._total:
                raise _wrong("size_mismatch", self._partial.discard())
            self._partial.add(block, self._digest.size)
            self._passed(block)

    def _connections(self, response: urllib3.BaseHTTPResponse, left: int) -> int:
        """Give over how many connections to bring what is left, if parts of it can be had and vouched for."""
        parts = response.status == 206 or response.headers.get("Accept-Ranges", "").lower() == "bytes"
        sure = self._file.sha256 is not None or self._partial.state.etag is not None
        return min(self._hooks.connections, left // _WORTH) if parts and sure else 1

    def _spread(self, body: Body, connections: int) -> None:
        """Take the body together with parts that are asked for beside it."""

        def take(block: memoryview) -> None:
            self._partial.reached(self._digest.size + len(block))
            self._passed(block)

        gather(
            body,
            self._part,
            self._partial.fd,
            take,
            hooks=self._hooks,
            connections=connections,
            abort=self._client.abort,
        )

    def _part(self, start: int, end: int) -> Body:
        etag = self._partial.state.etag
        validator = {"If-Range": etag} if etag else {}
        headers = {"Range": f"bytes={start}-{end - 1}", **validator}
        response, hops = self._client.open(self._url, headers)
        with contextlib.ExitStack() as undo:
            undo.callback(response.close)
            if check_answer(response, self._file, redirected=hops > 0) != (start, self._total):
                raise SourceUnavailable("The model's server gave another part than it was asked for.")
            undo.pop_all()
        return Body(response, start, end)

    def _passed(self, block: memoryview) -> None:
        """Account for the next block, which has been written."""
        self._digest.update(block)
        self._hooks.moved(self._digest.size)
        if self._partial.keep_up():
            self._hooks.room(None if self._total is None else self._total - self._digest.size)


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
