"""The uploads that memory knows: one slot for each that is in use, and a few that were lately.

::

    take(key) ── slot.holds 1, 2 ... ── give(slot) ── 0: may be dropped, or retired by the sweeper

Everything about one upload happens under its slot's lock. Sweeping happens in a thread, so the table has a
lock of its own that is never held for longer than one rename.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Gone
from jupyter_nodeapi.uploads.ahead import Ahead
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.uploads.parts import Parts

__all__ = ["Shelf", "Slot"]


class Slot:
    """One upload in memory.

    Attributes
    ----------
    attempt : Attempt or None
        What has arrived; meaningful once ``loaded``.
    owners : set of str
        Users who are known to be let in.
    flying : set of Incoming
        Chunks that are arriving.
    writers : dict of int to Incoming
        Those of them that write in place, by index: at most one for each.
    ahead : Ahead
        What goes to the disk before the file is whole.
    """

    def __init__(self, key: str, parts: Parts, ahead: Ahead) -> None:
        self.key = key
        self.parts = parts
        self.lock = asyncio.Lock()
        self.loaded = False
        self.attempt: Attempt | None = None
        self.owners: set[str] = set()
        self.holds = 0
        self.flying: set[Incoming] = set()
        self.writers: dict[int, Incoming] = {}
        self.ahead = ahead

    def leave(self, incoming: Incoming) -> None:
        """Let a chunk no longer be in flight."""
        self.flying.discard(incoming)
        for index in [index for index, writer in self.writers.items() if writer is incoming]:
            del self.writers[index]

    @contextlib.contextmanager
    def unless_removed(self) -> Iterator[None]:
        """Forget what had arrived when the disk has it no longer.

        Raises
        ------
        Gone
            Somebody has removed it: by hand, or to tidy up.
        """
        try:
            yield
        except FileNotFoundError:
            self.attempt = None
            raise Gone("What had arrived of this upload was removed from the server's disk.") from None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written down and nothing is arriving."""
        attempt = self.attempt
        return attempt is not None and not attempt.journaled and not self.flying


class Shelf:
    """The table of slots.

    Parameters
    ----------
    folder : Path
        Where the parts of all uploads lie.
    flushers : Threads
        Where unfinished files are synced.
    idle : int
        How many slots that nobody holds are kept.

    Attributes
    ----------
    spools : set of str
        Names of the files in the folder that chunks are arriving in.
    """

    def __init__(self, folder: Path, flushers: Threads, idle: int = 256) -> None:
        self.folder = folder
        self.spools: set[str] = set()
        self._flushers = flushers
        self._idle = idle
        self._slots: OrderedDict[str, Slot] = OrderedDict()
        self._mutex = threading.Lock()

    def take(self, key: str) -> Slot:
        """Give the upload's slot and hold it."""
        with self._mutex:
            slot = self._slots.get(key)
            if slot is None:
                slot = self._slots[key] = Slot(key, Parts(self.folder / key), Ahead(self._flushers))
            self._slots.move_to_end(key)
            slot.holds += 1
            return slot

    def give(self, slot: Slot) -> None:
        """Hold a slot no longer."""
        with self._mutex:
            slot.holds -= 1
            if len(self._slots) > self._idle:
                oldest = next((each for each in self._slots.values() if each.holds == 0), None)
                if oldest is not None:
                    del self._slots[oldest.key]

    def retire(self, key: str) -> Path | None:
        """Move an upload's folder out of the way unless it is held; gives where it is now, to be removed."""
        grave = self.folder / f"gone-{secrets.token_hex(8)}"
        with self._mutex:
            slot = self._slots.get(key)
            if slot is not None and slot.holds:
                return None
            self._slots.pop(key, None)
            (self.folder / key).rename(grave)
            return grave
