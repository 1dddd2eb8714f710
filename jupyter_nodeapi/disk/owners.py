"""Whose a folder is, on a server that several users share.

::

    <folder>/.nodeapi-owner      the name of the user who first wrote into the folder

To anyone else the folder does not exist. The empty owner is the only user of a server of their own: then
nothing is written, and nothing is compared.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import NotFound

__all__ = ["check", "claim", "resolve"]

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


def resolve(root: Root, name: str, owner: str) -> Path:
    """Give the path of `name` under the virtual root, as :meth:`Root.resolve`, for who may know of it.

    Every reader of ``/temp`` asks here: a session is a folder in ``uploads``.

    Raises
    ------
    NotFound, InvalidPath
        It lies in another user's session, or can never be a path here.
    """
    path = root.resolve(name)
    parts = path.relative_to(root.path).parts
    if len(parts) > 1 and parts[0] == "uploads":
        check(root.path / parts[0] / parts[1], owner)
    return path
