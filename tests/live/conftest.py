"""Real processes: one server shared by the tests that do not kill it, and a maker for those that do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .models import DOCUMENT_MODEL, WEIGHTS, YOLOX, from_url, write_registry
from .openapi import Documented, documented
from .origin import Origin
from .plain_http import Client
from .real_server import RealServer


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    """Where model files come from."""
    with Origin({DOCUMENT_MODEL: WEIGHTS, "/race.bin": WEIGHTS[::-1]}) as origin:
        yield origin


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, origin: Origin) -> Iterator[RealServer]:
    """One caged server for every test that leaves it alive."""
    home = tmp_path_factory.mktemp("server")
    server = RealServer(
        home,
        {"Models": {"allowed_origins": [origin.url]}},
        {"HF_ENDPOINT": origin.url},
    )
    write_registry(
        home,
        YOLOX,
        from_url("race", f"{origin.url}/race.bin", WEIGHTS[::-1]),
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def client(server: RealServer) -> Client:
    """A caller with the server's token."""
    return server.client


@pytest.fixture(scope="session")
def operations(client: Client) -> list[Documented]:
    """Everything the server documents."""
    return list(documented(client))


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., RealServer]]:
    """Make servers for one test that may kill them."""
    made: list[RealServer] = []

    def make(
        config: dict[str, Any] | None = None,
        *models: dict[str, Any],
        env: dict[str, str] | None = None,
        descriptors: int | None = None,
    ) -> RealServer:
        home = tmp_path / f"server{len(made)}"
        server = RealServer(home, config, env, descriptors=descriptors)
        write_registry(home, *models)
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.stop()
