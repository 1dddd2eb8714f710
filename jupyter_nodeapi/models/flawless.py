"""Registry files that were found flawless once are not looked through again at each start.

::

    <data_dir>/registries/flawless.json    {"rules": "<version>", "digests": ["<sha256>", ...]}

Nothing of a registry is kept here, only that bytes of this digest passed every check of this very version:
whoever can write a registry cannot make another one pass for it.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from jupyter_nodeapi import __version__
from jupyter_nodeapi.disk import atomic

__all__ = ["Flawless"]

_WORTH_BYTES = 64 << 10
_KEPT = 64


class Flawless:
    """Remembers the digests of flawless registry files.

    Parameters
    ----------
    record : Path, optional
        Where; without one, or where it cannot be written, each start looks through everything.
    """

    def __init__(self, record: Path | None) -> None:
        self._record = record
        self._known: list[str] | None = None

    def knows(self, data: bytes) -> bool:
        """Say whether these very bytes passed every check already."""
        return len(data) >= _WORTH_BYTES and _digest(data) in self._load()

    def add(self, data: bytes) -> None:
        """Remember that these bytes passed; small ones are looked through faster than remembered."""
        if len(data) < _WORTH_BYTES or self._record is None:
            return
        known = self._known = [*self._load(), _digest(data)][-_KEPT:]
        with contextlib.suppress(OSError):
            self._record.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_json(self._record, {"rules": __version__, "digests": known})

    def _load(self) -> list[str]:
        if self._known is None:
            self._known = []
            if self._record is not None:
                with contextlib.suppress(OSError, ValueError, TypeError, LookupError):
                    found = atomic.read_json(self._record)
                    if found["rules"] == __version__:
                        self._known = [str(digest) for digest in found["digests"]]
        return self._known


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
