"""A store without a server, and a clock that is set by hand."""

import asyncio
from pathlib import Path

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Usage
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.uploads.request import request_of
from jupyter_nodeapi.uploads.service import Uploads

FIELDS = {"filename": "f.bin", "sessionId": "s", "nodeId": "7", "nodeName": "Loader"}
PATH = "/temp/uploads/s/Loader_7/f.bin"


class Bench:
    """The service on a folder; ``restart`` makes another one that knows only what is on the disk."""

    def __init__(self, folder: Path, **settings):
        self.root = Root(folder / "temp", prefix="/temp")
        self.settings = settings
        self.now = 1_000_000.0
        self.threads = Threads(4)
        self.restart()

    def restart(self):
        self.uploads = Uploads(self.root, self.threads, Space(0), Usage(), **self.settings)
        self.store = self.uploads.store
        self.store.clock = self.store._recorder._clock = lambda: self.now

    def request(self, index, total, **fields):
        given = {**FIELDS, "chunkIndex": str(index), "totalChunks": str(total), **fields}
        return request_of(
            {name: value for name, value in given.items() if value is not None}, max_chunks=100_000
        )

    async def send(self, index, total, data, *, owner="", file_first=False, split=1 << 20, **fields):
        request = self.request(index, total, **fields)
        incoming = await (self.store.spool() if file_first else self.store.begin(request, owner))
        try:
            for start in range(0, len(data), split):
                await incoming.write(data[start : start + split])
            return await self.store.commit(incoming, request, owner)
        finally:
            await self.store.abandon(incoming)

    async def code(self, *args, **kwargs):
        """Send and give the refusal's code, or None."""
        try:
            await self.send(*args, **kwargs)
        except NodeApiError as error:
            return error.code
        return None

    def file(self, path=PATH) -> bytes:
        return self.root.resolve(path).read_bytes()

    def leftovers(self):
        """Give what lies in the partial folder beside journals."""
        return sorted(
            path.name
            for path in self.store.shelf.folder.rglob("*")
            if path.is_file() and path.name != "journal"
        )


def run(coroutine):
    return asyncio.run(coroutine)
