"""A server extension that downloads as other people's code does, in a thread of the very same process.

``POST /bench/<peer> {"target": ..., "folder": ...}`` answers when the file is there. So neither an
interpreter's start nor an import is counted, and the event loop beside both can be compared.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web


def hf_hub_download(target: str, folder: str, sha256: str) -> None:
    """Download as huggingface_hub does; it verifies nothing."""
    import huggingface_hub

    repository, _, name = target.rpartition("/")
    huggingface_hub.hf_hub_download(repository, name, local_dir=folder, token=False)


def requests_and_hashlib(target: str, folder: str, sha256: str) -> None:
    """Download as the usual recipe does, hashing as it goes."""
    import requests

    digest = hashlib.sha256()
    with requests.get(target, stream=True, timeout=60) as reply, (Path(folder) / "x").open("wb") as file:
        for block in reply.iter_content(1 << 20):
            file.write(block)
            digest.update(block)
    if sha256 and digest.hexdigest() != sha256:
        raise ValueError("wrong bytes")


PEERS = {"hf": hf_hub_download, "requests": requests_and_hashlib}


class PeerHandler(APIHandler):
    """One download."""

    auth_resource = "bench"

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Download, and say how many seconds it took."""
        arguments: Any = self.get_json_body()
        begun = time.perf_counter()
        await asyncio.to_thread(PEERS[name], **arguments)
        self.finish({"seconds": time.perf_counter() - begun})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "_peers"}]


def _load_jupyter_server_extension(app: Any) -> None:
    pattern = url_path_join(app.web_app.settings["base_url"], "/bench/(hf|requests)")
    app.web_app.add_handlers(".*$", [(pattern, PeerHandler)])
