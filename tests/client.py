"""A small synchronous client of a test server."""

from __future__ import annotations

import asyncio
import json as jsonlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse


@dataclass(frozen=True)
class Reply:
    """One answer of the server."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return jsonlib.loads(self.body)


class Api:
    """A synchronous client with the server's token.

    ``await api.fetch(...)`` gives the same inside a coroutine, ``api.gather([...])`` runs several at once.
    """

    def __init__(self, base: str, token: str, loop: asyncio.AbstractEventLoop) -> None:
        self.base = base
        self.token = token
        self.loop = loop
        self.app: Any = None

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        token: bool = True,
        raw: bool = False,
        producer: Any = None,
        timeout: float = 20,
    ) -> Reply:
        """Send one request; ``raw`` sends the path as it stands, without quoting it."""
        body = jsonlib.dumps(json).encode() if json is not None else data
        sent = {"Authorization": f"token {self.token}"} if token else {}
        url = self.base + (path if raw else quote(path.lstrip("/"), safe="/%"))
        if params:
            url += "?" + urlencode(params)
        request = HTTPRequest(
            url,
            method=method,
            body=body,
            body_producer=producer,
            headers={**sent, **(headers or {})},
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=timeout,
        )
        client = AsyncHTTPClient(force_instance=True, max_body_size=2**31, max_buffer_size=2**31)
        try:
            response: HTTPResponse = await client.fetch(request, raise_error=False)
        finally:
            client.close()
        if response.code == 599:
            assert response.error is not None
            raise response.error
        return Reply(response.code, response.headers, response.body or b"")

    def request(self, method: str, path: str, **options: Any) -> Reply:
        """Send one request and wait."""
        return self.loop.run_until_complete(self.fetch(method, path, **options))

    def gather(self, coroutines: Any) -> list[Reply]:
        """Send several requests at once."""

        async def together() -> list[Reply]:
            return await asyncio.gather(*coroutines)

        return self.loop.run_until_complete(together())

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine on the server's loop."""
        return self.loop.run_until_complete(coroutine)

    def get(self, path: str, **options: Any) -> Reply:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Reply:
        """POST."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Reply:
        """PUT."""
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        """DELETE."""
        return self.request("DELETE", path, **options)
