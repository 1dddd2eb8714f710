"""What is in a folder: the part of it that clients can name.

Skipped are our own files, names that no path can hold, links that lead out, and what is neither file nor
folder. A recursive listing shows linked folders and does not walk into them, so a loop ends nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from jupyter_nodeapi.disk.roots import Root, check_component
from jupyter_nodeapi.errors import InvalidParameter, NodeApiError, NotFound
from jupyter_nodeapi.files.schemas import FileItem

__all__ = ["matches", "page", "scan"]


def scan(root: Root, folder: str, *, recursive: bool, glob: str | None) -> list[FileItem]:
    """List a folder, sorted by path.

    Parameters
    ----------
    root : Root
        Where it is.
    folder : str
        Its name; ``""`` is the root. A root that was never written to is empty.
    recursive : bool
        Whether to list what is in its folders too.
    glob : str, optional
        See :func:`matches`.

    Raises
    ------
    NotFound
        There is no such folder.
    """
    start = root.resolve_folder(folder)
    if not start.is_dir():
        if start == root.path and not start.exists():
            return []
        raise NotFound("There is no folder of this name.")
    base = "" if start == root.path else f"{root.name_of(start)}/"
    found = [
        item
        for item in _walk(root, start, base, recursive=recursive)
        if glob is None or matches(item.path[len(base) :], glob)
    ]
    return sorted(found, key=lambda item: item.path)


def matches(path: str, pattern: str) -> bool:
    """Say whether a relative path matches a glob.

    ``*``, ``?`` and ``[...]`` match within a name, ``**`` matches any number of folders. A pattern without
    a slash is compared with the last name only.
    """
    if "/" not in pattern:
        return fnmatchcase(path.rsplit("/", 1)[-1], pattern)
    # which of the path's first i names the pattern's parts so far can match: no backtracking
    names = path.split("/")
    reached = {0}
    for part in pattern.split("/"):
        if part == "**":
            reached = set(range(min(reached), len(names) + 1)) if reached else set()
        else:
            reached = {i + 1 for i in reached if i < len(names) and fnmatchcase(names[i], part)}
    return len(names) in reached


def page(
    items: Sequence[FileItem], limit: int | None, cursor: str | None
) -> tuple[Sequence[FileItem], str | None]:
    """Give one page of a sorted listing, and the cursor of the next one.

    A cursor names the last path that was given, so files that come and go meanwhile shift nothing.

    Raises
    ------
    InvalidParameter
        The cursor is not one of ours.
    """
    if cursor is not None:
        last = _decode(cursor)
        items = [item for item in items if item.path > last]
    if limit is None or len(items) <= limit:
        return items, None
    items = items[:limit]
    return items, base64.urlsafe_b64encode(items[-1].path.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidParameter("This cursor was not given by this server.", field="cursor") from None


def _walk(root: Root, folder: Path, base: str, *, recursive: bool) -> Iterator[FileItem]:
    waiting = [(folder, base)]
    while waiting:
        place, prefix = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except OSError:
            if place == folder:
                raise
            continue  # gone, or closed to us: it does not hide the rest
        for entry in entries:
            item = _item(root, entry, prefix)
            if item is None:
                continue
            yield item
            if recursive and item.type == "directory" and not entry.is_symlink():
                waiting.append((Path(entry.path), f"{item.path}/"))


def _item(root: Root, entry: os.DirEntry[str], prefix: str) -> FileItem | None:
    path = f"{prefix}{entry.name}"
    try:
        check_component(entry.name)
        if entry.is_symlink():
            root.resolve(path)
        facts = entry.stat()
    except (NodeApiError, OSError):
        return None
    if stat.S_ISDIR(facts.st_mode):
        return FileItem(entry.name, path, "directory", None, facts.st_mtime)
    if stat.S_ISREG(facts.st_mode):
        return FileItem(entry.name, path, "file", facts.st_size, facts.st_mtime)
    return None
