"""Files appear whole or not at all.

Bytes go to a temporary name in the target's folder, are fsynced, get their final name by one rename
(or, when they must not replace anything, by one call that refuses: exactly one of any number of writers
wins), and the folder is fsynced last::

    <folder>/.nodeapi-<random>   ── fsync ── rename / link ──>   <folder>/<name>   ── fsync(folder)

A crash leaves the old state or the new one, and perhaps a ``.nodeapi-`` file, which listings skip and
the sweeper removes.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jupyter_nodeapi.disk.rename import exchange, rename_new

__all__ = [
    "TEMP_PREFIX",
    "Sync",
    "fsync_file",
    "fsync_folder",
    "keep_mode",
    "publish",
    "read_json",
    "rename",
    "settle",
    "sibling",
    "write",
    "write_json",
]

TEMP_PREFIX = ".nodeapi-"
"""Begins the names of our own files inside the served folders: never listed, never nameable by a client."""

Sync: TypeAlias = Literal["all", "bytes", "none"]
"""What must be on the disk when a write returns: content and name, the content, or nothing."""

# What network and user-space file systems answer to fsync of a folder: they do it by themselves, or never.
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EISDIR}


def sibling(path: Path) -> Path:
    """Give an unused temporary name in the folder of `path`."""
    return path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(12)}")


def fsync_file(path: Path) -> None:
    """Wait until the bytes of the regular file `path` are on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def fsync_folder(path: Path) -> None:
    """Wait until the names in the folder `path` are on the disk, where its file system can say so."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(fd)


def write(path: Path, data: bytes, *, replace: bool = True, sync: Sync = "all") -> None:
    """Make `data` the content of `path`, whole or not at all.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    data : bytes
        The content.
    replace : bool
        Whether a file of that name may be there already.
    sync : str
        ``all``: nothing takes it back. ``bytes``: a power cut may take it back, and leaves the old content
        whole. ``none``: a power cut may leave it empty; a kill never. For notes of a process about itself.

    Raises
    ------
    FileExistsError
        With ``replace=False``, for every writer but the one that was first.
    """
    temporary = sibling(path)
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if sync != "none":
            settle(temporary)
        rename(temporary, path, replace=replace)
        if sync == "all":
            fsync_folder(path.parent)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def publish(source: Path, target: Path, *, replace: bool = True) -> None:
    """Give a finished file or folder its final name, durably.

    Parameters
    ----------
    source : Path
        The finished file or folder, on the file system of `target`. Afterwards it is gone.
    target : Path
        The final name; its folder must exist.
    replace : bool
        Whether something of that name may be there already. A folder that is replaced is removed whole.

    Raises
    ------
    FileExistsError
        With ``replace=False``, for every publisher but the one that was first; `source` is kept.
    """
    settle(source)
    rename(source, target, replace=replace)
    fsync_folder(target.parent)
    if source.parent != target.parent:
        fsync_folder(source.parent)


def keep_mode(source: Path, target: Path) -> None:
    """Give a finished file the permissions of the file that it will replace, if there is one.

    A script stays a program and a private file private. What a writer loses in place is lost here too:
    the set-user and set-group bits. The owner can always read, or the file could not be settled.

    Parameters
    ----------
    source : Path
        The finished file, before it is settled.
    target : Path
        The name that it will get.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        mode = target.lstat().st_mode
        if stat.S_ISREG(mode):
            source.chmod(mode & 0o777 | stat.S_IRUSR)


def settle(source: Path) -> None:
    """Wait until a file, or all that is in a folder, is on the disk: the first third of :func:`publish`."""
    if _is_folder(source):
        _fsync_tree(source)
    elif not source.is_symlink():
        fsync_file(source)


def rename(source: Path, target: Path, *, replace: bool = True) -> None:
    """Give it its final name, without waiting for the disk: the second third of :func:`publish`.

    For callers that hold a lock meanwhile; they settle before, and fsync the folders after.

    Raises
    ------
    FileExistsError
        As in :func:`publish`.
    """
    folder = _is_folder(source)
    if not replace:
        rename_new(source, target, folder=folder)
    elif folder and os.path.lexists(target):
        _swap(source, target)
    else:
        os.replace(source, target)  # noqa: PTH105 - Path.replace is this with one more call


def read_json(path: Path) -> Any:
    """Give the JSON value in `path`; raises ``ValueError`` when it is not JSON."""
    return json.loads(path.read_bytes())


def write_json(path: Path, value: Any) -> None:
    """Make the JSON of `value` the content of `path`, whole or not at all."""
    write(path, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _fsync_tree(folder: Path) -> None:
    """Wait for every file and every name in `folder`, the innermost first."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(place, name)
            if stat.S_ISREG(path.lstat().st_mode):
                fsync_file(path)
        fsync_folder(Path(place))


def _swap(source: Path, target: Path) -> None:
    """Put the folder `source` where `target` is, and remove what was there."""
    if exchange(source, target):
        old = source
    else:  # two renames: for an instant there is nothing under the name
        old = sibling(target)
        os.replace(target, old)  # noqa: PTH105
        os.replace(source, target)  # noqa: PTH105
    if _is_folder(old):
        shutil.rmtree(old)
    else:
        old.unlink()
