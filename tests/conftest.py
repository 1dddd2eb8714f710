"""What every test may ask for: a server with the extension, and a small client that speaks to it."""

from __future__ import annotations

import asyncio
import json as jsonlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

pytest_plugins = ["pytest_jupyter.jupyter_server"]


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


@pytest.fixture
def nodeapi_config() -> dict[str, Any]:
    """Settings of our classes; override it in a module or a class."""
    return {}


@pytest.fixture
def jp_server_config(tmp_path: Any, nodeapi_config: dict[str, Any]) -> dict[str, Any]:
    """A server that loads the extension, loudly, with everything under ``tmp_path``."""
    app = {"data_dir": str(tmp_path / "nodeapi"), **nodeapi_config.get("NodeApiApp", {})}
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_nodeapi": True},
            "reraise_server_extension_failures": True,
            "allow_unauthenticated_access": False,
        },
        **{name: value for name, value in nodeapi_config.items() if name != "NodeApiApp"},
        "NodeApiApp": app,
    }


@pytest.fixture
def app(jp_serverapp: Any) -> Any:
    """The extension app, started: its services are attributes."""
    return jp_serverapp.extension_manager.extension_points["nodeapi"].app


@pytest.fixture
def api(app: Any, jp_serverapp: Any, jp_base_url: str, http_server: Any, http_server_port: Any) -> Any:
    """A client of the test server; the extension's start hook has run, and its stop hook runs after."""
    loop = jp_serverapp.io_loop.asyncio_loop
    client = Api(
        f"http://127.0.0.1:{http_server_port[1]}{jp_base_url}", jp_serverapp.identity_provider.token, loop
    )
    client.app = app
    loop.run_until_complete(app._start_jupyter_server_extension(jp_serverapp))
    yield client
    loop.run_until_complete(app.stop_extension())
