"""The tests' Hub in a process of its own, full of large models, and the registry entries that name them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from _server import MIB, SPAWN

sys.path.insert(0, str(Path(__file__).parents[1]))

__all__ = ["COUNT", "ONE", "WARM", "Place", "entries", "many", "running_hub"]

COUNT = 20
OWNER = "org/bench"
ONE, WARM = "one.safetensors", "warm.safetensors"


def many(number: int) -> str:
    """Name one of the many smaller files."""
    return f"many{number:02}.safetensors"


class Place(NamedTuple):
    """Where the Hub is, and the SHA-256 of its one large file."""

    hub: str
    cdn: str
    sha256: str

    @property
    def url(self) -> str:
        """The large file, for those who only speak HTTP."""
        return f"{self.hub}/{OWNER}/resolve/main/{ONE}"


@contextlib.contextmanager
def running_hub(size: int, each: int) -> Iterator[Place]:
    """Serve one file of `size` bytes and twenty of `each`."""
    told, done = SPAWN.SimpleQueue(), SPAWN.Event()
    process = SPAWN.Process(target=_serve, args=(size, each, told, done), daemon=True)
    process.start()
    try:
        yield Place(*told.get())
    finally:
        done.set()
        process.join(10)


def _serve(size: int, each: int, told: Any, done: Any) -> None:
    from tests.hf_hub.server import Hub

    block = os.urandom(MIB)
    files = {ONE: block * (size // MIB), WARM: block}
    files |= {many(n): os.urandom(MIB) * (each // MIB) for n in range(COUNT)}
    with Hub() as hub:
        repository = hub.add(OWNER, files)
        repository.info(blobs=True)  # every digest is known before anybody asks
        told.put((hub.hub_url, hub.cdn_url, repository.sibling(ONE, blobs=True)["lfs"]["sha256"]))
        done.wait()


def entries() -> list[dict[str, Any]]:
    """Give a model for each file; its id is the file's name."""
    return [
        {
            "id": name,
            "name": name,
            "category": "Bench",
            "source": {"type": "huggingface", "url": OWNER},
            "files": [{"path": name}],
        }
        for name in (ONE, WARM, *map(many, range(COUNT)))
    ]
