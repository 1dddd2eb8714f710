"""What a peer is: a process with a port, a way to send it a file, and the place where the file then lies."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from _traffic import Lane

__all__ = ["MIB", "Peer", "Run", "Stored", "Tools"]

MIB = 2**20
_SECONDS = 60


@dataclass(frozen=True)
class Run:
    """One upload of `size` bytes."""

    name: str
    size: int
    chunk: int
    lanes: int

    @property
    def total(self) -> int:
        """How many chunks there are."""
        return -(-self.size // self.chunk)

    def chunks(self, lane: int) -> Iterator[tuple[int, int, int]]:
        """Give index, offset and length of the chunks that a lane sends when all share one file."""
        for index in range(lane, self.total, self.lanes):
            offset = index * self.chunk
            yield index, offset, min(self.chunk, self.size - offset)

    def share(self, lane: int) -> tuple[int, int]:
        """Give offset and length of a lane's own file, for servers that take one file in one stream only."""
        each = self.size // self.lanes
        offset = lane * each
        return offset, self.size - offset if lane == self.lanes - 1 else each

    def pieces(self, lane: int, chunk: int | None = None) -> Iterator[tuple[int, int]]:
        """Give the place in its file and the length of each chunk of a lane's own file."""
        _, length = self.share(lane)
        step = chunk or self.chunk
        for place in range(0, length, step):
            yield place, min(step, length - place)


@dataclass(frozen=True)
class Stored:
    """A file on disk that must hold the source's bytes from `offset` on."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True)
class Tools:
    """Where peers are installed: a Python, a folder with node_modules, an nginx; and whether they fsync."""

    python: str
    modules: Path
    nginx: str
    fsync: bool = False

    def has(self, package: str) -> bool:
        """Say whether the Python has a package."""
        check = f"import importlib.util as u, sys; sys.exit(u.find_spec({package!r}) is None)"
        return subprocess.run([self.python, "-c", check], check=False).returncode == 0


class Peer:
    """One server.

    Attributes
    ----------
    name : str
        What its row is called.
    durable : bool
        Whether it has fsynced the file when it says that the file is whole.
    flushes : bool
        Whether it does so when it is asked to, by ``FSYNC`` in its environment.
    light : str
        What a small GET asks for.
    """

    name: ClassVar[str]
    durable: ClassVar[bool] = False
    flushes: ClassVar[bool] = False
    light: str = "/light"

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.tools = tools
        self.folder = folder
        self.port = 0
        self.headers: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process that answers for all its children."""
        assert self._process is not None
        return self._process.pid

    def absent(self) -> str | None:
        """Say what is missing, if anything is."""
        return None

    def command(self) -> list[str]:
        """Give what starts it; it prints ``PORT <n>`` when it listens."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and return once it listens."""
        (self.folder / "files").mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        with (self.folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                self.command(), env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("PORT "):
                self.port = int(line.split()[1])
                return
        log_text = (self.folder / "log").read_text()[-2000:]
        self.stop()
        raise SystemExit(f"{self.name} did not start:\n{log_text}")

    def environment(self) -> dict[str, str]:
        """Give its environment: its temporary files go to the same disk, and it calls nobody."""
        quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        return {**os.environ, **quiet, "TMPDIR": str(self.folder / "tmp"), "FSYNC": "1" * self.tools.fsync}

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_SECONDS)
        if process.stdout is not None:
            process.stdout.close()

    def lane(self, run: Run, lane: int) -> Lane:
        """Give what one connection sends."""
        raise NotImplementedError

    def finish(self, run: Run) -> Lane | None:
        """Give what is sent after all lanes have ended, if anything is."""
        return None

    def stored(self, run: Run) -> list[Stored]:
        """Give what lies on disk now."""
        raise NotImplementedError


def script(name: str) -> str:
    """Give the path of a server in the folder ``servers``."""
    return str(Path(__file__).parent / "servers" / name)


def default_tools(fsync: bool) -> Tools:
    """Find the tools: a cache folder made as requirements.txt says, or else what is on the path."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter_nodeapi" / "peers"
    python = cache / "bin" / "python"
    return Tools(
        str(python) if python.exists() else sys.executable,
        cache / "node_modules",
        shutil.which("nginx") or "",
        fsync,
    )


@contextlib.contextmanager
def started(peer: Peer) -> Iterator[Peer]:
    """Give a peer while it runs."""
    peer.start()
    try:
        yield peer
    finally:
        peer.stop()
