"""A server that answers what a test lined up, and misbehaves on purpose."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Faulty(BaseHTTPRequestHandler):
    """Answers what the test lined up; takes chunks when nothing is lined up."""

    protocol_version = "HTTP/1.1"
    lined_up: list[tuple[int, dict[str, str], bytes]]
    largest: int
    taken: dict[tuple[str, int], int]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/api/upload/config":
            self.reply(200, b'{"chunkSize": 65536, "maxChunkSize": 1048576, "parallel": 2, "serverId": "x"}')
        elif path == "/api/upload":
            self.reply(404, b'{"code": "not_found", "message": "none"}')
        else:
            status, headers, body = self.lined_up.pop(0)
            self.reply(status, body, headers)

    def do_DELETE(self) -> None:
        self.reply(200, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.lined_up:
            status, headers, answer = self.lined_up.pop(0)
            self.reply(status, answer, headers)
        elif len(body) > self.largest:
            self.reply(413, b"<html>too large</html>")
        else:
            self.take(body)

    def take(self, body: bytes) -> None:
        fields = dict(re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', body))
        index, total, upload = (
            fields[name].decode() for name in (b"chunkIndex", b"totalChunks", b"uploadId")
        )
        self.taken[upload, int(index)] = len(body)
        done = sum(1 for known, _ in self.taken if known == upload) == int(total)
        self.reply(
            200, b'{"completed": true, "filePath": "/temp/x", "size": 1}' if done else b'{"completed": false}'
        )

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(kind: Any = ThreadingHTTPServer, address: Any = ("127.0.0.1", 0)) -> Iterator[Any]:
    """Run one; ``handler`` of what is given is what answers."""
    handler = type("Lined", (Faulty,), {"lined_up": [], "largest": 1 << 30, "taken": {}})
    server: socketserver.BaseServer = kind(address, handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
