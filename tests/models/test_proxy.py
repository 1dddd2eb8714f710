"""Downloads go through the proxy that the environment names, and the rule on addresses still holds."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from jupyter_nodeapi.errors import Forbidden
from jupyter_nodeapi.models.failures import SourceUnavailable
from tests.models.conftest import entry

DATA = os.urandom(200_000)


class _Proxy(BaseHTTPRequestHandler):
    """Passes plain requests on by their absolute address, and tunnels the others."""

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        self.server.seen.append(self.path)
        parts = urlsplit(self.path)
        with socket.create_connection((parts.hostname, parts.port)) as upstream:
            upstream.sendall(
                f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
            )
            while block := upstream.recv(65536):
                self.wfile.write(block)
        self.close_connection = True

    def do_CONNECT(self):
        self.server.seen.append(self.path)
        self.send_error(502)


@pytest.fixture
def proxy(hub, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    server.daemon_threads = True
    server.seen = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    hub.plain["m.pth"] = DATA
    yield server
    server.shutdown()
    server.server_close()


def test_a_plain_request_goes_through_the_proxy(online, hub, proxy):
    url = f"{hub.cdn_url}/plain/m.pth"
    online(entry(source={"type": "url", "url": url}))
    assert proxy.seen == [url]
    assert (online.models_dir / "Things/m.pth").read_bytes() == DATA


def test_an_encrypted_one_asks_it_for_a_tunnel(online, proxy):
    with pytest.raises(SourceUnavailable):
        online(entry(source={"type": "url", "url": "https://models.example/m.pth"}))
    assert proxy.seen == ["models.example:443"]


@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1", "[::1]", "localhost", "10.0.0.1"])
def test_a_private_address_is_not_even_named_to_the_proxy(online, proxy, host):
    with pytest.raises(Forbidden):
        online(entry(source={"type": "url", "url": f"https://{host}/m.pth"}))
    assert proxy.seen == []


def test_a_host_that_the_environment_excepts_is_reached_directly(online, hub, proxy, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    online(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/m.pth"}))
    assert proxy.seen == []


def test_a_proxy_that_is_gone_may_come_back(online, hub, monkeypatch):
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(SourceUnavailable):
            online(entry(source={"type": "url", "url": f"{hub.cdn_url}/plain/m.pth"}))
