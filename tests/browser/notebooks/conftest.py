"""One server for JupyterLab and Notebook 7 a process of tests, one browser a module, one notebook a story."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .application import Application
from .lab_server import LabServer
from .slow_models import ZOO, SlowServer, hub


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server process with both applications, the extension and real kernels."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowServer]:
    """The same with models that come slowly enough to be watched, and ten thousand more."""
    with hub() as source:
        server = SlowServer(tmp_path_factory.mktemp("slow"), source, ZOO)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """The browser's profile: one a module, so that the applications' scripts come from its cache."""
    sharp = 2 if os.environ.get("NODEAPI_SCREENSHOTS") else 1
    context = browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=sharp)
    yield context
    context.close()


@pytest.fixture(scope="module")
def desks() -> dict[int, Page]:
    """JupyterLab's pages, which are kept from story to story."""
    return {}


@pytest.fixture
def lab(lab_server: LabServer, profile: BrowserContext, desks: dict[int, Page]) -> Iterator[Application]:
    """JupyterLab 4."""
    application = Application("lab", lab_server, profile, desks)
    yield application
    application.tidy()


@pytest.fixture
def slow_lab(
    slow_server: SlowServer, profile: BrowserContext, desks: dict[int, Page]
) -> Iterator[Application]:
    """JupyterLab 4 on the server of slow models."""
    application = Application("lab", slow_server, profile, desks)
    yield application
    application.tidy()


@pytest.fixture
def slow_notebook7(
    slow_server: SlowServer, profile: BrowserContext, desks: dict[int, Page]
) -> Iterator[Application]:
    """Notebook 7 on the server of slow models."""
    application = Application("notebook7", slow_server, profile, desks)
    yield application
    application.tidy()


@pytest.fixture(params=["lab", "notebook7"])
def either(
    request: pytest.FixtureRequest, lab_server: LabServer, profile: BrowserContext, desks: dict[int, Page]
) -> Iterator[Application]:
    """JupyterLab 4, then Notebook 7."""
    application = Application(request.param, lab_server, profile, desks)
    yield application
    application.tidy()
