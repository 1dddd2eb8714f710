"""What lies under ``/temp/uploads``: finished files, and what is on its way there. Blocks."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from jupyter_nodeapi.disk import owners, sessions
from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.uploads.parts import Parts
from jupyter_nodeapi.uploads.schemas import UploadItem
from jupyter_nodeapi.uploads.tus.record import DATA, identity_of, peek
from jupyter_nodeapi.uploads.tus.record import PREFIX as TUS_PREFIX

__all__ = ["list_uploads", "measure"]


def list_uploads(root: Root, partial: Path, owner: str, session: str | None, limit: int) -> list[UploadItem]:
    """Give files and unfinished uploads by session and path.

    Parameters
    ----------
    root : Root
        The virtual root ``/temp``.
    partial : Path
        Where the parts of unfinished uploads lie.
    owner : str
        Who asks; other users' sessions are left out.
    session : str, optional
        Name of the folder of the only session to list.
    limit : int
        The most items to give.
    """
    base = root.path / "uploads"
    names = [session] if session else _folders(base)
    visible = [name for name in names if _may_see(base / name, owner)]
    finished = (item for name in visible for item in _finished(root, base / name))
    items = list(islice(finished, limit))
    return items + list(islice(_unfinished(root, partial, set(visible)), limit - len(items)))


def measure(root: Root, partial: Path, session: str | None) -> int:
    """Give the bytes of one session, or of all: uploads, finished or not, and what was cut of them."""
    uploads = sum(item.size for item in list_uploads(root, partial, "", session, sys.maxsize))
    return uploads + sessions.size(root.path, session)


def _folders(base: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(base) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(TEMP_PREFIX)
        )
    return []


def _may_see(folder: Path, owner: str) -> bool:
    try:
        owners.check(folder, owner)
    except NotFound:
        return False
    return True


def _finished(root: Root, folder: Path) -> Iterator[UploadItem]:
    for place, inner, names in os.walk(folder):
        inner.sort()
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith(TEMP_PREFIX) or path.is_symlink():
                continue
            with contextlib.suppress(FileNotFoundError):
                facts = path.stat()
                yield UploadItem(root.name_of(path), True, facts.st_size, facts.st_mtime)


def _unfinished(root: Root, partial: Path, sessions: set[str]) -> Iterator[UploadItem]:
    for name in _folders(partial):
        parts = Parts(partial / name)
        with contextlib.suppress(FileNotFoundError):
            if name.startswith(TUS_PREFIX):
                yield from _unfinished_tus(root, parts, sessions)
                continue
            attempt = parts.peek()
            if attempt is None or attempt.done or attempt.cancelled:
                continue
            target = attempt.begun.target
            if target.partition("/")[0] in sessions:
                modified = parts.journal.path.stat().st_mtime
                yield UploadItem(f"{root.prefix}/uploads/{target}", False, attempt.size, modified)


def _unfinished_tus(root: Root, parts: Parts, sessions: set[str]) -> Iterator[UploadItem]:
    """Give an upload by tus; parts of a file that is put together later are files of their own until then."""
    identity = identity_of(peek(parts))
    if identity.session_folder in sessions:
        facts = (parts.folder / DATA).stat()
        yield UploadItem(f"{root.prefix}/uploads/{identity.path}", False, facts.st_size, facts.st_mtime)
