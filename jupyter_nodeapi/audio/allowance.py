"""Results count for the session of their trim, as its uploads do.

How large a result is, nobody knows before it is there: a session that is full already is refused before any
work, and a result that is too much is taken back before anybody is told of it, in the background too.
"""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import msgspec

from jupyter_nodeapi.audio.spec import TrimSpec
from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import safe_component
from jupyter_nodeapi.errors import InsufficientStorage

__all__ = ["Allowance", "Quota", "session_of"]


class Quota(Protocol):
    """What a session, and all together, may keep."""

    async def check(self, session: str, size: int) -> None:
        """Make sure that so many more bytes may be kept, or raise ``InsufficientStorage``."""

    def count(self, session: str, size: int) -> None:
        """Take so many kept bytes into account; a negative size gives bytes back."""


class Allowance:
    """Asks the quota before and after a trim.

    Parameters
    ----------
    quota : Quota, optional
        None lets every session keep everything.
    threads : Threads
        Where a result is taken back.
    """

    def __init__(self, quota: Quota | None, threads: Threads) -> None:
        self._quota = quota
        self._threads = threads

    async def ask(self, spec: TrimSpec) -> None:
        """Refuse a session that has no room left.

        Raises
        ------
        InsufficientStorage
            ``quota_exceeded``.
        """
        if self._quota is not None and spec.session:
            await self._quota.check(spec.session, 1)

    async def settle(self, spec: dict[str, Any], done: dict[str, Any]) -> None:
        """Count a result, or take it back.

        Parameters
        ----------
        spec : dict
            A :class:`~jupyter_nodeapi.audio.spec.TrimSpec` as plain data.
        done : dict
            The fields of the reply.

        Raises
        ------
        InsufficientStorage
            ``quota_exceeded``.
        """
        order = msgspec.convert(spec, TrimSpec)
        if self._quota is None or not order.session:
            return
        self._quota.count(order.session, done["size"])
        try:
            await self._quota.check(order.session, 0)
        except (InsufficientStorage, asyncio.CancelledError):
            result = Path(order.folder) / PurePosixPath(done["filePath"]).name
            await self._threads.run(owners.remove, result)
            self._quota.count(order.session, -done["size"])
            raise


def session_of(session_id: str, file_path: str) -> str:
    """Give the folder name of the session that is named, or that the source lies in; empty for none.

    Parameters
    ----------
    session_id : str
        As the client says, perhaps nothing.
    file_path : str
        The source, such as ``/temp/uploads/<session>/a.wav``.
    """
    if session_id:
        return safe_component(session_id)
    parts = PurePosixPath(file_path).parts
    return parts[3] if parts[:3] == ("/", "temp", "uploads") and parts[4:] else ""
