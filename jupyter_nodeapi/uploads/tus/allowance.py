"""What one request may still add to its upload: asked for each piece, since a length may be told or not.

::

    open(announced) ── room(piece) ... room(piece) ── settle(kept)
       413, 507           413, 507                      gives back what was dropped again
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from jupyter_nodeapi.errors import TooLarge
from jupyter_nodeapi.uploads.quota import Quota

__all__ = ["Allowance"]


class Allowance:
    """The limits of one request.

    Parameters
    ----------
    session : str
        Whose quota it is.
    room : int or None
        Bytes that the upload lacks; None while its length is not known.
    most : int or None
        Bytes until the largest file there may be; None without a limit.
    quota : Quota
        Counts what is kept.
    """

    def __init__(self, session: str, room: int | None, most: int | None, *, quota: Quota) -> None:
        self._session = session
        self._room = room
        self._most = most
        self._quota = quota
        self._accepted = self._written = self._waiting = 0

    async def open(self, announced: int) -> None:
        """Make sure that as many bytes as are announced may come; 0 when nobody has said.

        Raises
        ------
        TooLarge, InsufficientStorage
            They may not.
        """
        self._check(announced)
        await self._quota.check(self._session, announced)

    @contextlib.asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Hold room for ``size`` more bytes while they come; :meth:`came` is told before the block ends.

        Raises
        ------
        TooLarge, InsufficientStorage
            They are too many; what came before them stays.
        """
        self._check(self._accepted + size)
        with self._quota.held(self._session, size):
            await self._quota.check(self._session, 0)
            yield

    def came(self, accepted: int, written: int) -> None:
        """Count the bytes that are written, and hold room for those that only were accepted."""
        self._accepted = accepted
        self._quota.count(self._session, written - self._written)
        self._quota.hold(self._session, accepted - written - self._waiting)
        self._written, self._waiting = written, accepted - written

    def settle(self, kept: int) -> None:
        """Count only what was kept in the end."""
        self.came(kept, kept)

    def _check(self, size: int) -> None:
        if self._room is not None and size > self._room:
            raise TooLarge("These are more bytes than the upload has.")
        if self._most is not None and size > self._most:
            raise TooLarge("The file becomes larger than a file may be.")
