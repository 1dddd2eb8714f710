"""One Hub for all of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .real_hub import RealHub, find_chp


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHub]:
    """A Hub with ann's and bob's servers running."""
    chp = find_chp()
    if chp is None:
        pytest.fail("JupyterHub's proxy is missing; `make test` installs it with npm")
    hub = RealHub(tmp_path_factory.mktemp("hub"), chp)
    hub.start()
    try:
        hub.spawn("ann")
        hub.spawn("bob")
        yield hub
    finally:
        hub.stop()
