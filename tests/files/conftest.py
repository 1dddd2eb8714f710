"""A library in a temporary folder, without a server."""

import asyncio
import json

import pytest

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.files.library import Library


class Sync:
    """A library whose coroutines are run at once."""

    def __init__(self, library):
        self.library = library

    def __getattr__(self, name):
        method = getattr(self.library, name)

        def call(*args, **kwargs):
            return asyncio.run(method(*args, **kwargs))

        return call

    def content(self, path, **kwargs):
        """What a read gives, decoded."""
        return json.loads(bytes(self.read(path, **kwargs).content))


@pytest.fixture
def libs(tmp_path):
    return tmp_path / "libs"


@pytest.fixture
def library(libs):
    threads = Threads(8)
    yield Library(Root(libs), threads, Space(0))
    threads.close()


@pytest.fixture
def sync(library):
    return Sync(library)
