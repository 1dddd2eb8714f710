"""The service of the node files: what the handlers and other programs call.

::

    <libs>/my_node/config.json          as clients name it, "my_node/config.json"
    <libs>/.nodeapi-versions/...        earlier states, see versions
    <libs>/.nodeapi-locks/..            see locks
    <libs>/**/.nodeapi-<24 hex>         drafts; what a crash leaves is swept after a day
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traitlets import Int
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import NotFound, TooLarge
from jupyter_nodeapi.files import content, listing, tree
from jupyter_nodeapi.files.conditions import Conditions, etag_of
from jupyter_nodeapi.files.incoming import Incoming
from jupyter_nodeapi.files.schemas import DoneReply, FileItem, ReadReply, SaveReply, VersionItem
from jupyter_nodeapi.files.shelf import Place, Shelf, remove
from jupyter_nodeapi.files.versions import Versions

__all__ = ["Library"]

DRAFT_TTL_SECONDS = 86_400
_DRAFT = re.compile(re.escape(TEMP_PREFIX) + r"[0-9a-f]{24}")
_RAW = "Use GET or PUT /api/files/raw?path=..., which streams."


class Library(LoggingConfigurable):
    """The files that nodes save.

    Parameters
    ----------
    root : Root
        The libs directory; made when it is first written to.
    threads : Threads
        Where all of it runs.
    space : Space
        Asked before anything is written.
    **kwargs
        As for any configurable.
    """

    max_file_bytes = Int(64 * 2**20, min=1, help="Largest node file that is saved or read, in bytes.").tag(
        config=True
    )
    versions = Int(
        5, min=0, help="How many earlier states of each node file are kept for restoring; 0 keeps none."
    ).tag(config=True)

    deleted_ttl_seconds = Int(
        30 * 86_400, min=0, help="How long what a deleted node file held can be restored, in seconds."
    ).tag(config=True)

    def __init__(self, root: Root, threads: Threads, space: Space, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.root = root
        self.threads = threads
        self.shelf = Shelf(root, space, Versions(root.path, lambda: self.versions))

    async def start(self) -> None:
        """Start; there is nothing to do until somebody saves."""

    async def stop(self) -> None:
        """Stop; whatever is under way ends whole or not at all."""

    async def save(self, path: str, value: Any, conditions: Conditions | None = None) -> SaveReply:
        """Save a JSON value or a text, whole or not at all.

        Raises
        ------
        TooLarge
            It has more than ``max_file_bytes`` bytes.
        Conflict, PreconditionFailed
            The conditions do not hold.
        """
        return await self.threads.run(self._save, path, value, conditions or Conditions())

    async def read(self, path: str, version: str | None = None) -> ReadReply:
        """Give the content of a file, or of an earlier state of it, as a JSON value.

        Raises
        ------
        NotFound, TooLarge
            There is no such file, or it has more than ``max_file_bytes`` bytes.
        UnsupportedMedia, Unprocessable
            It holds no UTF-8 text, or should hold JSON and does not.
        """
        return await self.threads.run(self._read, path, version)

    async def list(
        self,
        path: str = "",
        *,
        recursive: bool = False,
        glob: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> tuple[Sequence[FileItem], int, str | None]:
        """Give what is in a folder, sorted by path: one page, how many there are in all, the next cursor.

        Raises
        ------
        NotFound
            There is no such folder.
        """

        def listed() -> tuple[Sequence[FileItem], int, str | None]:
            items = listing.scan(self.root, path, recursive=recursive, glob=glob)
            page, following = listing.page(items, limit, cursor)
            return page, len(items), following

        return await self.threads.run(listed)

    async def open(self, path: str, version: str | None = None) -> tuple[Place, int, os.stat_result]:
        """Open a file, or an earlier state of it, for reading; the caller closes the descriptor."""
        return await self.threads.run(self.shelf.open, path, version)

    async def receive(self, path: str, size: int, conditions: Conditions) -> Incoming:
        """Open a sink for the raw bytes of a file; `size` is what is known of their number, or 0."""
        return await self.threads.run(self._receive, path, size, conditions)

    async def move(self, source: str, target: str, *, overwrite: bool = False) -> DoneReply:
        """Give a file or folder another name; see :func:`.tree.move`."""
        return await self.threads.run(tree.move, self.shelf, source, target, overwrite=overwrite)

    async def copy(self, source: str, target: str, *, overwrite: bool = False) -> DoneReply:
        """Copy a file or folder; see :func:`.tree.copy`."""
        return await self.threads.run(tree.copy, self.shelf, source, target, overwrite=overwrite)

    async def make_folder(self, path: str) -> DoneReply:
        """Make a folder and its parents; see :func:`.tree.make_folder`."""
        return await self.threads.run(tree.make_folder, self.shelf, path)

    async def delete(
        self, path: str, conditions: Conditions | None = None, *, recursive: bool = False
    ) -> DoneReply:
        """Delete a file or folder; see :func:`.tree.delete`."""
        asked = conditions or Conditions()
        return await self.threads.run(tree.delete, self.shelf, path, asked, recursive=recursive)

    async def list_versions(self, path: str) -> Sequence[VersionItem]:
        """Give the earlier states of a file, the latest first, also when it was deleted.

        Raises
        ------
        NotFound
            There is no such file and never was one that is remembered.
        """
        return await self.threads.run(self._list_versions, path)

    async def restore(self, path: str, version: str) -> SaveReply:
        """Make an earlier state the current one; what is there now becomes an earlier one."""
        return await self.threads.run(self.shelf.restore, path, version)

    def sweep(self, *, dry_run: bool = False) -> Sequence[Path]:
        """Remove drafts that a crash has left and states of files deleted long ago, and give their paths.

        Blocks, so only in a thread.

        Parameters
        ----------
        dry_run : bool
            Only give the paths.
        """
        swept = self.shelf.versions.forget(self.deleted_ttl_seconds, dry_run=dry_run)
        limit = time.time() - DRAFT_TTL_SECONDS
        for place, inner, names in os.walk(self.root.path):
            for name in [*inner, *names]:
                path = Path(place, name)
                if _DRAFT.fullmatch(name) and _modified(path) < limit:
                    swept.append(path)
                    if not dry_run:
                        remove(path)
            inner[:] = [name for name in inner if not name.startswith(TEMP_PREFIX)]
        return swept

    def _save(self, path: str, value: Any, conditions: Conditions) -> SaveReply:
        place = self.shelf.place(path)
        data = content.encode(place.name, value)
        if len(data) > self.max_file_bytes:
            raise self._too_large(len(data))
        marked = not isinstance(value, str) and not content.is_json_name(place.name)
        return self.shelf.write(place, data, conditions, marked=marked)

    def _read(self, path: str, version: str | None) -> ReadReply:
        place, fd, facts = self.shelf.open(path, version)
        with os.fdopen(fd, "rb") as file:
            if facts.st_size > self.max_file_bytes:
                raise self._too_large(facts.st_size)
            named = content.is_json_name(place.name)
            is_json = named or content.is_marked(fd)
            value = content.decode(file.read(), is_json=is_json, must_be_json=named)
        return ReadReply(place.name, value, facts.st_size, facts.st_mtime, etag_of(facts))

    def _receive(self, path: str, size: int, conditions: Conditions) -> Incoming:
        place = self.shelf.place(path)
        return Incoming(self.shelf, self.threads, place, conditions, size)

    def _list_versions(self, path: str) -> Sequence[VersionItem]:
        place = self.shelf.place(path)
        items = self.shelf.versions.items(place.path)
        if not items and not place.path.is_file():
            raise NotFound
        return items

    def _too_large(self, size: int) -> TooLarge:
        limit = self.max_file_bytes
        return TooLarge(
            f"The file has {size} bytes; the limit is {limit}.", hint=_RAW, size=size, limit=limit
        )


def _modified(path: Path) -> float:
    """Give when a draft was last written to; one that is published meanwhile counts as new."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return math.inf
