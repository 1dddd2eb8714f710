"""One real server, a layer of faults in front of it, and one browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.live.real_server import RealServer

from .faults import FaultLayer
from .npm import build

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage"]


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """None: the browser's driver keeps an event loop of its own running."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to do: no server lives in this process."""


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the server shows below ``/static``."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, static: Path) -> Iterator[RealServer]:
    """A server process with the extension and the pages of the clients."""
    config = {"ServerApp": {"extra_static_paths": [str(static)]}}
    server = RealServer(tmp_path_factory.mktemp("server"), config)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def layer(server: RealServer) -> Iterator[FaultLayer]:
    """What the clients take for the server."""
    with FaultLayer(server.url) as layer:
        yield layer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed with the module, because its driver keeps an event loop running."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(static: Path, layer: FaultLayer) -> str:
    """URL of the folder with a page for each client."""
    build(static / "uploaders")
    return f"{layer.url}static/uploaders/"


@pytest.fixture
def member(browser: Browser, layer: FaultLayer, server: RealServer) -> Iterator[BrowserContext]:
    """A browser that has logged in, with cookies as any Jupyter page has them."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{layer.url}login")  # the form sets the cookie against XSRF, as Lab does
    page.goto(f"{layer.url}nodeapi?token={server.token}")
    page.close()
    yield context
    context.close()
