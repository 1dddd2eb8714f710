"""Our own server, by its form and by tus, and the contents API that every Jupyter server has."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from _server import RealServer
from _traffic import Lane, Request, head

from peers.base import MIB, Peer, Run, Stored
from peers.form import form
from peers.scripts import tus_lane

__all__ = ["Contents", "Multipart", "Tus"]


class _Jupyter(Peer):
    """A real ``jupyter server``."""

    light = "/api/downloads"
    extension = True

    def start(self) -> None:
        config = {"ServerApp": {"jpserver_extensions": {"jupyter_nodeapi": self.extension}}}
        self._server = RealServer(self.folder, config, caged=False)
        self._server.start()
        self.port = self._server.client.port
        self.headers = dict(self._server.client.headers)

    @property
    def pid(self) -> int:
        return self._server.pid

    def stop(self) -> None:
        self._server.stop()

    def found(self, name: str) -> Path:
        """Give where a file lies."""
        return next(path for path in self.folder.rglob(name) if path.is_file())


class Multipart(_Jupyter):
    """Chunks of one file, in any order."""

    name = "jupyter_nodeapi, form"
    durable = True

    def lane(self, run: Run, lane: int) -> Lane:
        fields = {"filename": run.name, "sessionId": "bench", "nodeId": "1", "nodeName": "Loader"}
        fields |= {"totalChunks": str(run.total)}
        for index, offset, length in run.chunks(lane):
            chunk = {**fields, "chunkIndex": str(index)}
            yield form("/api/upload", chunk, "file", (offset, length), self.headers)

    def stored(self, run: Run) -> list[Stored]:
        return [Stored(self.found(run.name), 0, run.size)]


class Tus(_Jupyter):
    """One file a connection, one PATCH a chunk."""

    name = "jupyter_nodeapi, tus"
    durable = True

    def lane(self, run: Run, lane: int) -> Lane:
        yield from tus_lane(run, lane, "/api/upload/tus", f"{lane}-{run.name}", self.headers)

    def stored(self, run: Run) -> list[Stored]:
        shares = [(lane, *run.share(lane)) for lane in range(run.lanes)]
        return [Stored(self.found(f"{lane}-{run.name}"), *share) for lane, *share in shares]


class Contents(_Jupyter):
    """What JupyterLab does: base64 in JSON, 1 MiB at a time, one after another; parallel is several files."""

    name = "Jupyter contents API"
    light = "/api"
    extension = False

    def lane(self, run: Run, lane: int) -> Lane:
        offset, length = run.share(lane)
        path = f"/api/contents/{lane}-{run.name}"
        source = os.open(self.folder.parent / "source", os.O_RDONLY)
        for number, (place, piece) in enumerate(run.pieces(lane, MIB), start=1):
            data = base64.b64encode(os.pread(source, piece, offset + place))
            which = -1 if place + piece == length else number
            body = b'{"type":"file","format":"base64","chunk":%d,"content":"%s"}' % (which, data)
            opening = head("PUT", path, len(body), {**self.headers, "Content-Type": "application/json"})
            yield Request(opening, closing=body)
        os.close(source)

    def stored(self, run: Run) -> list[Stored]:
        shares = [(lane, *run.share(lane)) for lane in range(run.lanes)]
        return [Stored(self.folder / "work" / f"{lane}-{run.name}", *share) for lane, *share in shares]
