"""Every change of a node file, as plain blocking steps.

::

    draft beside the target ── space? ── lock of the path ── conditions? ── keep the old state ── one rename

A name is resolved to a *place*: through links, for what is read or written; up to the last link, for what is
moved or deleted (the link goes, not what it leads to).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import Root, open_regular
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.files import content
from jupyter_nodeapi.files.conditions import Conditions, etag_of
from jupyter_nodeapi.files.locks import Locks
from jupyter_nodeapi.files.schemas import SaveReply
from jupyter_nodeapi.files.versions import Versions

__all__ = ["Place", "Shelf", "is_folder", "make_parents", "remove", "sync_folder"]


class Place(NamedTuple):
    """Where a name leads: the name as replies give it, and the real path."""

    name: str
    path: Path


class Shelf:
    """The folder of node files.

    Parameters
    ----------
    root : Root
        The folder.
    space : Space
        Asked before anything is written.
    versions : Versions
        Given what is about to be replaced.
    """

    def __init__(self, root: Root, space: Space, versions: Versions) -> None:
        self.root = root
        self.space = space
        self.versions = versions
        self.locks = Locks(root.path)

    def place(self, name: str) -> Place:
        """Give where `name` is read and written, through all links."""
        path = self.root.resolve(name)
        return Place(self.root.name_of(path), Path(os.path.realpath(path)))

    def entry(self, name: str) -> Place:
        """Give where `name` itself is, which may be a link."""
        path = self.root.resolve(name)
        return Place(self.root.name_of(path), Path(os.path.realpath(path.parent), path.name))

    def open(self, name: str, version: str | None = None) -> tuple[Place, int, os.stat_result]:
        """Open a file, or an earlier state of it; the caller closes the descriptor."""
        place = self.place(name)
        path = place.path if version is None else self.versions.find(place.path, version)
        return place, *open_regular(path)

    @contextmanager
    def draft(self, place: Place) -> Iterator[Path]:
        """Give a temporary path on the file system of a place; what is left there in the end is removed."""
        path = self.new_draft(place)
        try:
            yield path
        finally:
            remove(path)

    def new_draft(self, place: Place) -> Path:
        """Give an unused temporary path on the file system of a place."""
        self.root.path.mkdir(parents=True, exist_ok=True)
        parent = place.path.parent
        while not parent.exists():
            parent = parent.parent
        return atomic.sibling(parent / "draft")

    def write(self, place: Place, data: bytes, conditions: Conditions, *, marked: bool = False) -> SaveReply:
        """Make `data` the content of a place."""
        with self.draft(place) as path:
            with self.space.promise(place.path, len(data)), path.open("xb") as file:
                file.write(data)
            if marked:
                content.mark(path)
            return self.publish(path, place, conditions)

    def publish(self, draft: Path, place: Place, conditions: Conditions) -> SaveReply:
        """Make a finished file the content of a place, if the conditions hold."""
        now = time.time_ns()  # finer than the file system's own clock: every save has another ETag
        os.utime(draft, ns=(now, now))
        atomic.keep_mode(draft, place.path)
        atomic.settle(draft)
        with self.locks.hold(place.path):
            self.put(draft, place, conditions)
            facts = place.path.lstat()
        sync_folder(place.path.parent)
        return SaveReply(place.name, facts.st_size, etag_of(facts))

    def put(self, source: Path, place: Place, conditions: Conditions) -> None:
        """Rename what is settled to a place whose lock is held; exactly one of many gets a new name."""
        conditions.check(place.path)
        make_parents(place.path)
        if not conditions.new:
            self.keep(place.path)
        try:
            atomic.rename(source, place.path, replace=not conditions.new)
        except FileExistsError:
            raise conditions.taken() from None

    def keep(self, path: Path) -> None:
        """Keep what is about to go, a file or everything in a folder."""
        if is_folder(path):
            self.versions.keep_all(path)
        else:
            self.versions.keep(path)

    def restore(self, name: str, version: str) -> SaveReply:
        """Make an earlier state the current one; what is there now becomes an earlier one."""
        place = self.place(name)
        kept = self.versions.find(place.path, version)
        with self.draft(place) as path:
            with self.space.promise(place.path, kept.stat().st_size):
                shutil.copy2(kept, path)
            return self.publish(path, place, Conditions())


def is_folder(path: Path) -> bool:
    """Say whether there is a folder at `path`, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, unless it is moved or deleted meanwhile."""
    with suppress(FileNotFoundError, NotADirectoryError):
        atomic.fsync_folder(path)


def make_parents(path: Path) -> None:
    """Make the missing folders above `path`, durably."""
    missing = []
    folder = path.parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    path.parent.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_folder(made.parent)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, if it is there."""
    if is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
