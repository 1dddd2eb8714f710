"""Peers that are a few lines on top of a library, written as its documentation writes them."""

from __future__ import annotations

import base64

from _traffic import Lane, Request, head

from peers.base import Peer, Run, Stored, script
from peers.form import form

__all__ = ["AiohttpBody", "AiohttpForm", "Bare", "FastApi", "TusServer"]


class _Put(Peer):
    """``PUT /<name>?offset=<n>``: the chunk is the body."""

    flushes = True

    def lane(self, run: Run, lane: int) -> Lane:
        for _, offset, length in run.chunks(lane):
            yield Request(head("PUT", f"/{run.name}?offset={offset}", length, {}), offset, length)

    def finish(self, run: Run) -> Lane:
        yield Request(head("POST", f"/{run.name}", 0, {}))

    def stored(self, run: Run) -> list[Stored]:
        return [Stored(self.folder / "files" / run.name, 0, run.size)]


class Bare(_Put):
    """The limit: a thread a connection, recv_into and pwrite."""

    name = "bare recv + pwrite"

    def command(self) -> list[str]:
        return [self.tools.python, script("serve_bare.py"), str(self.folder / "files")]


class _Form(_Put):
    """``POST /chunk``: the same form that ours is sent."""

    def lane(self, run: Run, lane: int) -> Lane:
        for _, offset, length in run.chunks(lane):
            fields = {"name": run.name, "offset": str(offset)}
            yield form("/chunk", fields, "file", (offset, length), {})


class AiohttpBody(_Put):
    """Reads of 1 MiB from a bare body, written by a thread."""

    name = "aiohttp, bare body"

    def absent(self) -> str | None:
        return None if self.tools.has("aiohttp") else "aiohttp is not installed"

    def command(self) -> list[str]:
        return [self.tools.python, script("serve_aiohttp.py"), str(self.folder / "files")]


class AiohttpForm(_Form, AiohttpBody):
    """Reads of 1 MiB from a form, written by a thread."""

    name = "aiohttp, form"


class FastApi(_Form):
    """A form with an UploadFile, read and written by the mebibyte."""

    name = "FastAPI"

    def absent(self) -> str | None:
        needs = ("fastapi", "uvicorn", "python_multipart")
        missing = [package for package in needs if not self.tools.has(package)]
        return f"{', '.join(missing)}: not installed" if missing else None

    def command(self) -> list[str]:
        return [self.tools.python, script("serve_fastapi.py"), str(self.folder / "files")]


class TusServer(Peer):
    """Its file store takes one stream a file: parallel means several files."""

    name = "@tus/server"

    def absent(self) -> str | None:
        found = (self.tools.modules / "@tus" / "server").exists()
        return None if found and (self.tools.modules / "@tus" / "file-store").exists() else "not installed"

    def command(self) -> list[str]:
        return ["node", script("serve_tus.mjs"), str(self.folder / "files"), str(self.tools.modules)]

    def lane(self, run: Run, lane: int) -> Lane:
        yield from tus_lane(run, lane, "/files", f"{lane}-{run.name}", {})

    def stored(self, run: Run) -> list[Stored]:
        shares = [(lane, *run.share(lane)) for lane in range(run.lanes)]
        return [Stored(self.folder / "files" / f"{lane}-{run.name}", *share) for lane, *share in shares]


def tus_lane(run: Run, lane: int, path: str, name: str, headers: dict[str, str]) -> Lane:
    """Send a lane's own file by tus 1.0: create, then one PATCH a chunk."""
    offset, length = run.share(lane)
    headers = {**headers, "Tus-Resumable": "1.0.0"}
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    create = {**headers, "Upload-Length": str(length), "Upload-Metadata": metadata}
    reply = yield Request(head("POST", path, 0, create))
    location = "/" + reply.headers["Location"].split("://", 1)[-1].partition("/")[2]
    headers["Content-Type"] = "application/offset+octet-stream"
    for place, piece in run.pieces(lane):
        patch = head("PATCH", location, piece, {**headers, "Upload-Offset": str(place)})
        yield Request(patch, offset + place, piece)
