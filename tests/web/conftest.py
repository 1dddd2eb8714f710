"""A server with three small handlers on the floor and no room above it."""

import asyncio
import os

import msgspec
import pytest
from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.errors import Conflict
from jupyter_nodeapi.web import Handler, StreamHandler, send_file
from tests.client import Api


class Note(msgspec.Struct, kw_only=True):
    text: str
    size: int = 0


class Query(msgspec.Struct, kw_only=True):
    limit: int = 5
    deep: bool = False
    name: str | None = None


class EchoHandler(Handler):
    room = "test"
    body_limit = 1000

    @web.authenticated
    @authorized
    async def get(self):
        self.reply(self.query(Query), etag='"e1"')

    @web.authenticated
    @authorized
    async def post(self):
        self.reply(await self.body(Note), 201)

    @web.authenticated
    @authorized
    async def delete(self):
        raise OSError(28, "No space left on device", "/secret/path")

    @web.authenticated
    @authorized
    async def put(self):
        raise RuntimeError("/secret/path")


class Sinks(list):
    """Those that were made, and what each fails with when it is closed."""

    last_words: Exception | None = None
    slow_seconds = 0.0


class GatheringSink:
    made = Sinks()

    def __init__(self):
        self.data = bytearray()
        self.closed = asyncio.Event()
        self.complete = None
        GatheringSink.made.append(self)

    async def feed(self, data):
        await asyncio.sleep(self.made.slow_seconds)
        self.data += data
        if b"REFUSE" in self.data:
            raise Conflict("The sink says no.")

    async def close(self, complete):
        assert self.complete is None
        await asyncio.sleep(self.made.slow_seconds)
        self.complete = complete
        self.closed.set()
        if self.made.last_words:
            raise self.made.last_words


class SinkHandler(StreamHandler):
    room = "test"
    body_limit = 200 * 2**20

    async def begin(self):
        if self.get_query_argument("full", ""):
            raise OSError(28, "No space left on device")
        return GatheringSink()

    @web.authenticated
    @authorized
    async def post(self):
        sink = self.sink
        await self.close_sink()
        self.reply({"size": len(sink.data)})


class FileHandler(Handler):
    room = "test"

    def initialize(self, path):
        self.path = path

    async def _send(self):
        fd = os.open(self.path, os.O_RDONLY)
        await send_file(self, fd, os.fstat(fd), filename=self.path.name)

    @web.authenticated
    @authorized
    async def get(self):
        await self._send()

    @web.authenticated
    @authorized
    async def head(self):
        await self._send()


@pytest.fixture
def jp_server_config():
    off = {"jupyter_server_terminals": False}
    return {"ServerApp": {"allow_unauthenticated_access": False, "jpserver_extensions": off}}


@pytest.fixture
def served_file(tmp_path):
    path = tmp_path / "a näme.wav"
    path.write_bytes(bytes(range(256)) * 20_000)
    return path


@pytest.fixture
def floor(jp_serverapp, jp_base_url, http_server, http_server_port, served_file, tmp_path):
    page = tmp_path / "evil.html"
    page.write_text("<script>alert(1)</script>")
    base = jp_base_url.rstrip("/")
    jp_serverapp.web_app.add_handlers(
        ".*$",
        [
            (base + "/test/echo", EchoHandler),
            (base + "/test/sink", SinkHandler),
            (base + "/test/file", FileHandler, {"path": served_file}),
            (base + "/test/page", FileHandler, {"path": page}),
        ],
    )
    GatheringSink.made = Sinks()
    url = f"http://127.0.0.1:{http_server_port[1]}{jp_base_url}"
    return Api(url, jp_serverapp.identity_provider.token, jp_serverapp.io_loop.asyncio_loop)


@pytest.fixture
def sinks():
    return GatheringSink.made
