"""Digests of files that a person put there, so that each is read once.

::

    <data_dir>/models/hashes.json    {"<name>": [size, mtime_ns, "<sha256>"]}

What is small is read on sight, up to a bound for each look at the whole. The rest waits in
:attr:`Memo.pending` for a thread of its own: a listing must not take as long as reading everything.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.models.hashes import Digest, read_blocks
from jupyter_nodeapi.models.index import Facts
from jupyter_nodeapi.models.schemas import PlannedFile

__all__ = ["Memo"]

_AT_ONCE_BYTES = 32 << 20


class Memo:
    """Remembers the SHA-256 of files as long as their size and mtime stay.

    Parameters
    ----------
    record : Path
        Where it is kept; a place that cannot be written to only costs reading again.
    open_file : callable
        Gives a descriptor and facts of a file by its name in ``models_dir``.
    """

    def __init__(self, record: Path, open_file: Callable[[str], tuple[int, os.stat_result]]) -> None:
        self._record = record
        self._open = open_file
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, int, str]] | None = None
        self.pending: set[str] = set()
        self.version = 0
        self._left = _AT_ONCE_BYTES

    def get(self, name: str, facts: Facts) -> str | None:
        """Give the digest of a file; None while it waits to be read."""
        with self._lock:
            found = self._load().get(name)
        if found and found[:2] == facts:
            return found[2]
        if facts.size <= self._left:
            self._left -= facts.size
            return self.read(name)
        self.pending.add(name)
        return None

    def begin(self) -> None:
        """Say that a new look at the whole begins."""
        self._left = _AT_ONCE_BYTES

    def read(self, name: str) -> str | None:
        """Read a file and remember its digest; None when it is gone or changed meanwhile."""
        self.pending.discard(name)
        digest = Digest(PlannedFile(path=name, locations=()))
        try:
            fd, before = self._open(name)
        except (NotFound, OSError):
            return None
        try:
            read_blocks(fd, digest.update)
            after = os.fstat(fd)
        finally:
            os.close(fd)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return None
        self._keep(name, (after.st_size, after.st_mtime_ns, digest.sha256))
        return digest.sha256

    def read_pending(self, stopping: Callable[[], bool]) -> None:
        """Read what waits, until there is nothing left or the server stops."""
        for name in sorted(self.pending):
            if not stopping():
                self.read(name)

    def _keep(self, name: str, row: tuple[int, int, str]) -> None:
        with self._lock:
            known = self._load()
            known[name] = row
            self.version += 1
            with contextlib.suppress(OSError):
                self._record.parent.mkdir(parents=True, exist_ok=True)
                atomic.write_json(self._record, known)

    def _load(self) -> dict[str, tuple[int, int, str]]:
        if self._known is None:
            try:
                rows = atomic.read_json(self._record)
                self._known = {
                    str(name): (int(row[0]), int(row[1]), str(row[2])) for name, row in rows.items()
                }
            except (OSError, ValueError, TypeError, LookupError, AttributeError):
                self._known = {}
        return self._known
