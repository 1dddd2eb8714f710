"""A web server that model files come from: counts transfers, and can hold one back in the middle.

It speaks as much of the Hugging Face Hub as ``model_info`` and a resolve need, so that the document's own
example, a ``huggingface`` source, installs without the Internet.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from typing_extensions import Self

_COMMIT = "1" * 40
_BLOCK = 64 * 1024


class Origin:
    """Files served on 127.0.0.1.

    Parameters
    ----------
    files : dict
        URL path to bytes. A path ``/<owner>/<repo>/<file>`` is also a file of that Hub repository.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.transfers: Counter[str] = Counter()
        self.gate = threading.Event()
        self.gate.set()
        self.half_sent = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"origin": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def hold(self) -> None:
        """Send the first half of every body and then wait for `release`."""
        self.half_sent.clear()
        self.gate.clear()

    def release(self) -> None:
        self.gate.set()


class _Handler(BaseHTTPRequestHandler):
    origin: Origin
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        repo = re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/[^/]+)?", path)
        if repo:
            self._json(self._repository(repo[1]))
            return
        resolved = re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)
        name = f"/{resolved[1]}/{resolved[2]}" if resolved else path
        if name in self.origin.files:
            self._file(name, self.origin.files[name], body=body)
        else:
            self._json({"error": "not found"}, 404)

    def _repository(self, repo: str) -> dict[str, object]:
        files = {
            n.removeprefix(f"/{repo}/"): d for n, d in self.origin.files.items() if n.startswith(f"/{repo}/")
        }
        siblings = [
            {
                "rfilename": name,
                "size": len(data),
                "blobId": hashlib.sha1(data).hexdigest(),
                "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130},
            }
            for name, data in files.items()
        ]
        return {
            "id": repo,
            "modelId": repo,
            "sha": _COMMIT,
            "private": False,
            "gated": False,
            "siblings": siblings,
        }

    def _json(self, value: object, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def _file(self, name: str, data: bytes, *, body: bool) -> None:
        digest = hashlib.sha256(data).hexdigest()
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked and body else 0
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(data) - first))
        self.send_header("Accept-Ranges", "bytes")
        for header, value in (("ETag", f'"{digest}"'), ("X-Repo-Commit", _COMMIT)):
            self.send_header(header, value)
        self.send_header("X-Linked-Etag", f'"{digest}"')
        self.send_header("X-Linked-Size", str(len(data)))
        self.end_headers()
        if body:
            self.origin.transfers[name] += 1
            self._send(data, first)

    def _send(self, data: bytes, first: int) -> None:
        half = max(first, len(data) // 2)
        try:
            self._write(data, first, half)
            self.origin.half_sent.set()
            self.origin.gate.wait(60)
            self._write(data, half, len(data))
        except OSError:
            self.close_connection = True

    def _write(self, data: bytes, first: int, last: int) -> None:
        for start in range(first, last, _BLOCK):
            self.wfile.write(data[start : min(start + _BLOCK, last)])
        self.wfile.flush()
