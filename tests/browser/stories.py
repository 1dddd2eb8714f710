"""What every client has to bring over: four sizes under four faults, and how to see that it did."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.real_server import RealServer

from .faults import Fault, FaultLayer

MIB = 2**20
SIZES = (3_450_000, 3 * MIB, 10, 0)
FOLDER = "/temp/uploads/abc123/LoadVideo_7"

# In its mode with mandatory chunks Fine Uploader leaves empty files out.
_NEVER_SENDS = {("Fine Uploader", 0)}


@dataclass(frozen=True)
class Story:
    """One file of one client under one fault."""

    client: str
    size: int
    fault: Fault

    @property
    def name(self) -> str:
        """A file name that is not ASCII, needs quoting, and belongs to this story alone."""
        return f"my vidéo (1) {self.client} {self.size} {self.fault.name}.mp4"

    def file(self, folder: Path) -> Path:
        """Write the file, with bytes of its own."""
        path = folder / self.name
        path.write_bytes(random.Random(self.name).randbytes(self.size))
        return path


def stories(clients: list[str]) -> list[object]:
    """Give pytest's parameters: the hardest story of each client first, the others of the matrix marked."""
    hardest = (SIZES[0], Fault.LOST_FIRST)
    plan = [hardest, *((size, fault) for size in SIZES for fault in Fault if (size, fault) != hardest)]
    return [
        pytest.param(
            Story(client, size, fault),
            id=f"{client} {size} {fault.name}",
            marks=() if (size, fault) == hardest else pytest.mark.matrix,
        )
        for size, fault in plan
        for client in clients
        if (client, size) not in _NEVER_SENDS
    ]


def check(story: Story, shown: str, file: Path, server: RealServer, layer: FaultLayer) -> None:
    """Hold the file on the disk against the one that was sent, and the fault against its promise."""
    assert shown == f"{FOLDER}/{story.name}"
    stored = server.data_dir / "temp" / shown.removeprefix("/temp/")
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(file.read_bytes()).digest()
    if story.fault is Fault.LOST_FIRST:
        assert layer.fates("lost"), "no answer was lost"
    if story.size > 2 * MIB and story.fault in {Fault.BUSY, Fault.LOST} and "XHR" not in story.client:
        assert layer.fates("busy") or layer.fates("lost"), "nothing went wrong"
