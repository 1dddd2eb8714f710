"""Widgets without their scripts: what the kernel's half promises needs no Node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_nodeapi_widgets import NodeApi

from tests.widgets.faulty_server import served

KEY = "s3cret-key"


@pytest.fixture
def told(api: Any) -> Iterator[Callable[[Callable[[NodeApi], Any]], Any]]:
    """Run what blocks in a thread, while the server runs on its loop here."""
    client = NodeApi(api.base, api.token)
    yield lambda work: api.run(asyncio.to_thread(work, client))
    client.close()


@pytest.fixture
def faulty() -> Iterator[tuple[NodeApi, Any]]:
    """A client of a server that answers what its handler, the second, has lined up."""
    with served() as server:
        client = NodeApi(f"http://127.0.0.1:{server.server_port}/", KEY, timeout=5)
        yield client, server.RequestHandlerClass
        client.close()


@pytest.fixture(scope="session")
def built_widgets(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the classes load: with the scripts that were built, else with empty ones."""
    from jupyter_nodeapi_widgets import _base

    if not (_base._STATIC / "model_picker.js").is_file():
        folder = tmp_path_factory.mktemp("static")
        for name in ("model_picker", "download_progress", "uploader", "audio_trimmer"):
            (folder / f"{name}.js").write_text("export default { render() {} }")
            (folder / f"{name}.css").write_text("")
        _base._STATIC = folder
