"""The room's service: its settings, and its doors to the store."""

from __future__ import annotations

from typing import Any

from traitlets import Int
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Usage
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.uploads.expire import sweep
from jupyter_nodeapi.uploads.form import Form
from jupyter_nodeapi.uploads.recorder import Limits
from jupyter_nodeapi.uploads.store import Store

__all__ = ["Uploads"]


class Uploads(LoggingConfigurable):
    """Receives files of any size in chunks.

    Parameters
    ----------
    temp : Root
        The virtual root ``/temp``; uploads lie under ``uploads`` in it.
    threads : Threads
        Where everything that blocks happens.
    space : Space
        The disk.
    usage : Usage
        What is in use and never swept.
    """

    max_file_bytes = Int(
        None, allow_none=True, min=0, help="Largest file in bytes. Default: no limit but the disk."
    ).tag(config=True)
    max_chunk_bytes = Int(64 * 2**20, min=1, help="Largest chunk in bytes.").tag(config=True)
    session_quota_bytes = Int(
        None, allow_none=True, min=0, help="Bytes that one session may keep, unfinished uploads included."
    ).tag(config=True)
    total_quota_bytes = Int(
        None, allow_none=True, min=0, help="Bytes that all sessions together may keep."
    ).tag(config=True)
    max_chunks = Int(100_000, min=1, help="Most chunks of one file.").tag(config=True)
    partial_ttl_seconds = Int(
        86_400, min=1, help="Seconds after its last chunk when an unfinished upload expires."
    ).tag(config=True)

    def __init__(self, temp: Root, threads: Threads, space: Space, usage: Usage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temp = temp
        self.usage = usage
        self.store = Store(temp, threads, space, self.limits)

    async def start(self) -> None:
        """Begin; everything is read from the disk when it is first asked for."""

    async def stop(self) -> None:
        """End; whatever was acknowledged is on the disk already."""

    def limits(self) -> Limits:
        """Give the limits that hold now."""
        return Limits(chunk_bytes=self.max_chunk_bytes, file_bytes=self.max_file_bytes)

    def form(self, content_type: str, owner: str, expected: int = 0) -> Form:
        """Open a form; see :class:`Form` for the parameters.

        Raises
        ------
        UnsupportedMedia, InvalidMultipart
            The content type is not form data with a boundary.
        """
        return Form(self.store, content_type, owner, expected, self.max_chunks)

    def sweep(self, *, dry_run: bool = False) -> list[str]:
        """Remove unfinished uploads that have expired, and give their keys; blocks.

        Parameters
        ----------
        dry_run : bool
            Only give the keys.
        """
        now = self.store.clock()
        return sweep(self.store.shelf, older_than_seconds=self.partial_ttl_seconds, now=now, dry_run=dry_run)
