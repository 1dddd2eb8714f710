"""The room's service: its settings, and its doors to the store."""

from __future__ import annotations

import contextlib
import secrets
from typing import Any

import msgspec
from traitlets import Int
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.bursts import Receiver
from jupyter_nodeapi.disk.expiry import Usage
from jupyter_nodeapi.disk.names import safe_component
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import Gone, NotFound
from jupyter_nodeapi.uploads.abandoned import changed_at, sweep
from jupyter_nodeapi.uploads.form import Form
from jupyter_nodeapi.uploads.identity import Identity
from jupyter_nodeapi.uploads.limits import Limits
from jupyter_nodeapi.uploads.listing import list_uploads
from jupyter_nodeapi.uploads.replies import status_reply
from jupyter_nodeapi.uploads.request import identity_of
from jupyter_nodeapi.uploads.schemas import (
    CancelReply,
    ConfigReply,
    ListQuery,
    StatusQuery,
    StatusReply,
    UploadItem,
    UploadQuery,
)
from jupyter_nodeapi.uploads.store import Store
from jupyter_nodeapi.uploads.tus.resumable import Resumable

__all__ = ["Uploads"]

_CHUNK_BYTES = 8 * 2**20
_PARALLEL = 3
_SESSION = "notebook"  # where who names no session has one; on a shared server each user another
_PERMANENT = [400, 401, 403, 404, 409, 410, 413, 415, 422, 507]


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
        self.threads = threads
        self.server_id = secrets.token_hex(16)
        self.receiver = Receiver()
        self.store = Store(temp, threads, space, self.limits)
        self.tus = Resumable(
            temp, self.store.shelf, threads, space, quota=self.store.quota, limits=self.limits
        )

    async def start(self) -> None:
        """Begin; everything is read from the disk when it is first asked for."""

    async def stop(self) -> None:
        """End; whatever was acknowledged is on the disk already."""
        self.receiver.close()
        self.store.close()

    def limits(self) -> Limits:
        """Give the limits that hold now."""
        return Limits(
            chunk_bytes=self.max_chunk_bytes,
            file_bytes=self.max_file_bytes,
            session_bytes=self.session_quota_bytes,
            total_bytes=self.total_quota_bytes,
        )

    def expires_at(self) -> float:
        """Say when an upload expires whose last bytes have come now, in seconds since the epoch."""
        return self.store.clock() + self.partial_ttl_seconds

    def form(self, content_type: str, owner: str, expected: int = 0) -> Form:
        """Open a form; see :class:`Form` for the parameters.

        Raises
        ------
        UnsupportedMedia, InvalidMultipart
            The content type is not form data with a boundary.
        """
        return Form(self.store, content_type, owner, expected, self.max_chunks)

    async def status(self, query: UploadQuery, owner: str) -> StatusReply:
        """Say how far an upload is.

        Raises
        ------
        NotFound
            There is none, or it belongs to somebody else.
        Gone
            It was cancelled.
        """
        identity = _identity(query)
        attempt = await self.store.look(identity, owner)
        if attempt is None:
            raise NotFound("There is no such upload.")
        if attempt.cancelled is not None:
            raise Gone("This upload was cancelled.")
        return status_reply(attempt, await self.threads.run(self._expiry_of, identity))

    def _expiry_of(self, identity: Identity) -> int | None:
        """Say when an upload expires unless more arrives; None when it just has. Blocks."""
        with contextlib.suppress(FileNotFoundError):
            return int(changed_at(self.store.shelf.folder / identity.key)) + self.partial_ttl_seconds
        return None

    async def chunk_status(self, query: StatusQuery, owner: str) -> StatusReply | None:
        """Say whether a chunk is there; None when it should be sent, as for a file nothing is known of."""
        try:
            found = await self.status(query, owner)
        except (NotFound, Gone):
            return None
        index = query.chunk_index or 0
        return found if any(first <= index <= last for first, last in found.received) else None

    async def cancel(self, query: UploadQuery, owner: str) -> CancelReply:
        """Give an upload up; see :meth:`Store.cancel`."""
        await self.store.cancel(_identity(query), owner)
        return CancelReply(success=True, cancelled=True)

    async def listing(self, query: ListQuery, owner: str) -> list[UploadItem]:
        """List what lies under ``/temp/uploads``, as far as the owner may see it."""
        session = safe_component(query.session_id) if query.session_id else None
        arguments = (self.temp, self.store.shelf.folder, owner, session, query.limit)
        return await self.threads.run(list_uploads, *arguments)

    def advice(self, tus_url: str, owner: str = "") -> ConfigReply:
        """Give the limits, and what a client of `owner` does best within them."""
        return ConfigReply(
            server_id=self.server_id,
            chunk_size=min(_CHUNK_BYTES, self.max_chunk_bytes),
            parallel=_PARALLEL,
            max_chunk_size=self.max_chunk_bytes,
            max_file_size=self.max_file_bytes,
            max_chunks=self.max_chunks,
            session_quota=self.session_quota_bytes,
            total_quota=self.total_quota_bytes,
            partial_ttl_seconds=self.partial_ttl_seconds,
            tus_url=tus_url,
            permanent_errors=_PERMANENT,
            default_session=f"{_SESSION}-{owner}" if owner else _SESSION,
        )

    def sweep(self, *, dry_run: bool = False) -> list[str]:
        """Remove unfinished uploads that have expired, and give their keys; blocks.

        Parameters
        ----------
        dry_run : bool
            Only give the keys.
        """
        now = self.store.clock()
        return sweep(self.store.shelf, older_than_seconds=self.partial_ttl_seconds, now=now, dry_run=dry_run)


def _identity(query: UploadQuery) -> Identity:
    """Read the fields of a query as those of a form."""
    return identity_of({name: str(value) for name, value in msgspec.to_builtins(query).items() if value})
