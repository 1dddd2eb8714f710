"""Plain HTTP with the standard library: what the server sees is what the test wrote.

Nothing is normalised, retried or followed: a path is sent as given.
"""

from __future__ import annotations

import http.client
import json as jsonlib
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

_NOTHING = object()


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __repr__(self) -> str:
        return f"<{self.status} {self.headers.get_content_type()} {self.body[:400]!r}>"

    @property
    def json(self) -> Any:
        """The body, which must be JSON and must say so."""
        kind = self.headers.get_content_type()
        assert kind == "application/json", f"{self.status} {kind}: {self.body[:300]!r}"
        return jsonlib.loads(self.body)


class Client:
    """A caller of one server.

    Parameters
    ----------
    url : str
        The server's address with its base path.
    headers : Mapping, optional
        Sent with every request.
    seconds : float
        How long a reply may take.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, seconds: float = 60) -> None:
        self.seconds = seconds
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.base = parts.path.rstrip("/")
        self.headers = dict(headers or {})

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = _NOTHING,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send one request on a connection of its own."""
        sent = {**self.headers, **(headers or {})}
        if json is not _NOTHING:
            data = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        if data is None and method in {"POST", "PUT", "PATCH"}:
            data = b""
        target = self.base + path + ("?" + urlencode(query) if query else "")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.seconds)
        connection._validate_path = lambda _: None  # type: ignore[method-assign] # hostile paths go out as they are
        try:
            connection.request(method, target, body=data, headers=sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.msg, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **kwargs: Any) -> Reply:
        return self.request("GET", path, **kwargs)

    def head(self, path: str, **kwargs: Any) -> Reply:
        return self.request("HEAD", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Reply:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Reply:
        return self.request("PUT", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Reply:
        return self.request("DELETE", path, **kwargs)

    def form(self, path: str, fields: Mapping[str, str], file: bytes) -> Reply:
        """POST multipart/form-data with the file part first, as the document writes it."""
        body, kind = multipart(fields, file)
        return self.post(path, data=body, headers={"Content-Type": kind})

    def chunk(self, index: int, total: int, data: bytes, **fields: str) -> Reply:
        """POST one chunk to ``/api/upload`` with the document's fields."""
        known = {"filename": "file.bin", "sessionId": "s1", "nodeId": "7", "nodeName": "Loader"}
        return self.form(
            "/api/upload", {**known, **fields, "chunkIndex": str(index), "totalChunks": str(total)}, data
        )


def multipart(fields: Mapping[str, str], file: bytes) -> tuple[bytes, str]:
    """Return the body and content type of a form with one file part named ``file``."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + file
        + b"\r\n"
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
