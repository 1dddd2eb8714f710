"""What every test may ask for: a server with the extension, and a small client that speaks to it."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from hypothesis import settings

from tests.client import Api

pytest_plugins = ["pytest_jupyter.jupyter_server"]

settings.register_profile("nodeapi", deadline=None)  # a busy machine is no failure
settings.load_profile("nodeapi")

# A suite that a shell runs in the background inherits an ignored SIGINT, by which people and Hubs stop servers.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
            "jpserver_extensions": {"jupyter_nodeapi": True, "jupyter_server_terminals": False},
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
    """A client of the test server; the extension's start hook has run, and pytest-jupyter stops it after."""
    loop = jp_serverapp.io_loop.asyncio_loop
    client = Api(
        f"http://127.0.0.1:{http_server_port[1]}{jp_base_url}", jp_serverapp.identity_provider.token, loop
    )
    client.app = app
    loop.run_until_complete(app._start_jupyter_server_extension(jp_serverapp))
    return client
