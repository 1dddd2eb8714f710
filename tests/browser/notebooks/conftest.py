"""One server for JupyterLab and Notebook 7 a process of tests, one browser a module, one page a story."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from .application import Application
from .lab_server import LabServer


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server process with both applications, the extension and real kernels."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
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


@pytest.fixture
def lab(lab_server: LabServer, profile: BrowserContext) -> Iterator[Application]:
    """JupyterLab 4."""
    yield from _application("lab", lab_server, profile)


@pytest.fixture
def notebook7(lab_server: LabServer, profile: BrowserContext) -> Iterator[Application]:
    """Notebook 7."""
    yield from _application("notebook7", lab_server, profile)


@pytest.fixture(params=["lab", "notebook7"])
def either(
    request: pytest.FixtureRequest, lab_server: LabServer, profile: BrowserContext
) -> Iterator[Application]:
    """JupyterLab 4, then Notebook 7."""
    yield from _application(request.param, lab_server, profile)


def _application(name: str, server: LabServer, profile: BrowserContext) -> Iterator[Application]:
    yield Application(name, server, profile)
    profile.set_offline(False)
    for page in profile.pages:
        page.close(run_before_unload=False)
    server.forget()
