"""How much a session, and all together, may keep.

::

    measured (a walk over the disk) + recorded since  ──>  what is used
    over the quota by that count: measured again before anything is refused

Counting what was recorded is cheap and forgets what was removed; so a count is trusted only while it is in
the sender's favour, and never for longer than a minute. Bytes that were accepted hold room until they are
written or recorded: no measurement knows of them, and many senders would all fit into the same room.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import InsufficientStorage
from jupyter_nodeapi.uploads.limits import Limits

__all__ = ["Quota"]

_TRUSTED_SECONDS = 60.0


class Quota:
    """Counts bytes by session.

    Parameters
    ----------
    threads : Threads
        Where the disk is walked.
    limits : callable
        Gives the limits that hold now.
    measure : callable
        Gives the bytes of one session by its folder's name, or of all for None; blocks.
    """

    def __init__(
        self, threads: Threads, limits: Callable[[], Limits], measure: Callable[[str | None], int]
    ) -> None:
        self._threads = threads
        self._limits = limits
        self._measure = measure
        self._counts: dict[str | None, tuple[float, int]] = {}
        self._held = Counter[str | None]()

    async def check(self, session: str, size: int) -> None:
        """Make sure that ``size`` more bytes may be kept.

        Raises
        ------
        InsufficientStorage
            They may not; the upload goes on when something has been removed.
        """
        limits = self._limits()
        for key, limit in ((session, limits.session_bytes), (None, limits.total_bytes)):
            if limit is not None and await self._exceeds(key, size, limit):
                raise InsufficientStorage(
                    "This would exceed the quota for uploads.",
                    code="quota_exceeded",
                    hint="Remove some uploads and go on: nothing sent so far is lost.",
                    quota=limit,
                )

    @contextlib.contextmanager
    def held(self, session: str, size: int) -> Iterator[None]:
        """Hold room for ``size`` bytes that are on their way."""
        self.hold(session, size)
        try:
            yield
        finally:
            self.hold(session, -size)

    def hold(self, session: str, size: int) -> None:
        """Hold room for ``size`` bytes more; a negative size gives it back."""
        self._held.update({session: size, None: size})
        self._held += Counter()  # what holds nothing is forgotten

    def count(self, session: str, size: int) -> None:
        """Take ``size`` recorded bytes into account; a negative size gives bytes back."""
        for key in (session, None):
            if key in self._counts:
                measured_at, used = self._counts[key]
                self._counts[key] = (measured_at, max(0, used + size))

    async def _exceeds(self, key: str | None, size: int, limit: int) -> bool:
        measured_at, used = self._counts.get(key, (0.0, 0))
        fresh = key in self._counts and time.monotonic() - measured_at < _TRUSTED_SECONDS
        if fresh and used + self._held[key] + size <= limit:
            return False
        used = await self._threads.run(self._measure, key)
        self._counts[key] = (time.monotonic(), used)
        return used + self._held[key] + size > limit
