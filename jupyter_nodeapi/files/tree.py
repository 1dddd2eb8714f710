"""Moving, copying, making and deleting, as plain blocking steps over a shelf."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import open_regular
from jupyter_nodeapi.errors import Conflict, NotFound
from jupyter_nodeapi.files.conditions import Conditions
from jupyter_nodeapi.files.schemas import DoneReply
from jupyter_nodeapi.files.shelf import Place, Shelf, is_folder, make_parents, remove, sync_folder

__all__ = ["copy", "delete", "make_folder", "move"]


def move(shelf: Shelf, source_name: str, target_name: str, *, overwrite: bool) -> DoneReply:
    """Give a file or folder, with its earlier states, another name.

    Raises
    ------
    NotFound
        There is no such source.
    Conflict
        The target exists and may not be overwritten, or one of the two is inside the other.
    """
    source, target = shelf.entry(source_name), shelf.entry(target_name)
    conditions = Conditions(overwrite=overwrite)
    with shelf.locks.hold(source.path, target.path):
        if not os.path.lexists(source.path):
            raise NotFound
        _refuse_nesting(source, target)
        if source.path == target.path:
            conditions.check(target.path)
            return DoneReply(target.name)
        shelf.put(source.path, target, conditions)
        shelf.versions.follow(source.path, target.path)
    for parent in {source.path.parent, target.path.parent}:
        sync_folder(parent)
    return DoneReply(target.name)


def copy(shelf: Shelf, source_name: str, target_name: str, *, overwrite: bool) -> DoneReply:
    """Copy a file or a folder; the copy appears whole, and its earlier states are its own.

    Raises
    ------
    NotFound
        There is no such source.
    Conflict
        The target exists and may not be overwritten, or one of the two is inside the other.
    """
    source, target = shelf.place(source_name), shelf.place(target_name)
    conditions = Conditions(overwrite=overwrite)
    _refuse_nesting(source, target)
    conditions.check(target.path)
    with shelf.draft(target) as draft:
        if is_folder(source.path):
            with shelf.space.promise(target.path, _size(source.path)):
                shutil.copytree(source.path, draft, symlinks=True, ignore=_skipped)
        else:
            fd, facts = open_regular(source.path)
            os.close(fd)
            with shelf.space.promise(target.path, facts.st_size):
                shutil.copy2(source.path, draft)
        if source.path != target.path:
            atomic.settle(draft)
            with shelf.locks.hold(target.path):
                shelf.put(draft, target, conditions)
            sync_folder(target.path.parent)
    return DoneReply(target.name)


def make_folder(shelf: Shelf, name: str) -> DoneReply:
    """Make a folder and its parents; one that is there already is fine.

    Raises
    ------
    Conflict
        There is a file of that name.
    """
    place = shelf.place(name)
    if not place.path.is_dir():
        if os.path.lexists(place.path):
            raise Conflict("There is a file with this name.", code="exists")
        make_parents(place.path / "inside")
    return DoneReply(place.name)


def delete(shelf: Shelf, name: str, conditions: Conditions, *, recursive: bool) -> DoneReply:
    """Delete a file, a link or a folder; what files held can be restored for as long as versions are kept.

    Raises
    ------
    NotFound
        There is nothing of that name.
    Conflict
        It is a folder that is not empty, and `recursive` is false.
    """
    place = shelf.entry(name)
    with shelf.locks.hold(place.path):
        if not os.path.lexists(place.path):
            raise NotFound
        conditions.check(place.path)
        if is_folder(place.path) and not recursive and any(place.path.iterdir()):
            raise Conflict(
                "The folder is not empty.", code="not_empty", hint="Add recursive=true to delete all."
            )
        shelf.keep(place.path)
        gone = atomic.sibling(place.path)
        place.path.rename(gone)  # one step, however much is in it
        sync_folder(gone.parent)
    remove(gone)
    return DoneReply(place.name)


def _refuse_nesting(source: Place, target: Place) -> None:
    if source.path in target.path.parents or target.path in source.path.parents:
        raise Conflict(
            "One of the two paths is inside the other.", code="nested", hint="Choose another target."
        )


def _size(folder: Path) -> int:
    """Give the bytes of all files in a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        total += sum(Path(place, name).lstat().st_size for name in names)
    return total


def _skipped(folder: str, names: list[str]) -> set[str]:
    """Name what a copy leaves out: our own files, and what is neither file, folder nor link."""
    return {name for name in names if name.startswith(atomic.TEMP_PREFIX) or not _copied(Path(folder, name))}


def _copied(path: Path) -> bool:
    return path.is_symlink() or path.is_file() or path.is_dir()
