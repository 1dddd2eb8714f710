"""Whose a folder is, on a server that several users share.

::

    <session>/.nodeapi-owner               the name of the user who first wrote into the folder
    AudioTrim/.nodeapi-owner-<result>      the name of the user whose trim this is

To anyone else the folder does not exist. The empty owner is the only user of a server of their own: then
nothing is written, and nothing is compared.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import NotFound

__all__ = ["check", "claim", "mark", "remove", "resolve"]

_NAME = f"{atomic.TEMP_PREFIX}owner"


def claim(folder: Path, owner: str) -> None:
    """Make `folder`, and make it the owner's if it is nobody's yet; one of any number of claimants wins.

    Raises
    ------
    NotFound
        It belongs to somebody else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not owner:
        return
    if not (folder / _NAME).exists():
        with contextlib.suppress(FileExistsError):
            atomic.write(folder / _NAME, owner.encode(), replace=False)
    check(folder, owner)


def check(folder: Path, owner: str) -> None:
    """Make sure that `owner` may know of `folder`; a folder that nobody claimed is everybody's.

    Raises
    ------
    NotFound
        It belongs to somebody else.
    """
    if not owner:
        return
    try:
        found = (folder / _NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    if found != owner.encode():
        raise NotFound


def mark(file: Path, owner: str) -> None:
    """Make a single file the owner's; on a shared server an unmarked one is nobody's, and seen by none."""
    if owner:
        atomic.write(_mark_of(file), owner.encode())


def remove(file: Path) -> None:
    """Remove a single file, and with it whose it was."""
    file.unlink(missing_ok=True)
    _mark_of(file).unlink(missing_ok=True)


def _mark_of(file: Path) -> Path:
    return file.with_name(f"{_NAME}-{file.name}")


def _check_mark(file: Path, owner: str) -> None:
    if not owner:
        return
    try:
        found = _mark_of(file).read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    if found != owner.encode():
        raise NotFound


def resolve(root: Root, name: str, owner: str) -> Path:
    """Give the path of `name` under the virtual root, as :meth:`Root.resolve`, for who may know of it.

    Every reader of ``/temp`` asks here: a session is a folder in ``uploads``, a trim a file in ``AudioTrim``.

    Raises
    ------
    NotFound, InvalidPath
        It is another user's, or can never be a path here.
    """
    path = root.resolve(name)
    parts = path.relative_to(root.path).parts
    if len(parts) > 1 and parts[0] == "uploads":
        check(root.path / parts[0] / parts[1], owner)
    elif len(parts) > 1:
        _check_mark(path, owner)
    return path
