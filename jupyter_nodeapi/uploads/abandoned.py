"""Unfinished uploads expire a while after their last chunk; never one that is arriving. Blocks.

Memory of finished and cancelled uploads, and spools that a kill left behind, go the same way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from pathlib import Path

from jupyter_nodeapi.uploads.shelf import Shelf

__all__ = ["changed_at", "sweep"]

log = logging.getLogger(__name__)


def sweep(shelf: Shelf, *, older_than_seconds: float, now: float, dry_run: bool = False) -> list[str]:
    """Remove what has expired and give the keys of the uploads among it.

    Parameters
    ----------
    shelf : Shelf
        The uploads; those that are held stay.
    older_than_seconds : float
        An upload expires this long after its last chunk.
    now : float
        Seconds since the epoch.
    dry_run : bool
        Only give the keys.
    """
    swept = []
    with contextlib.suppress(FileNotFoundError), os.scandir(shelf.folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            try:
                if _is_older(entry, now - older_than_seconds) and (
                    path.is_dir() if dry_run else _remove(shelf, path)
                ):
                    swept.append(entry.name)
            except FileNotFoundError:
                pass
            except OSError as error:
                log.warning("An expired upload cannot be removed: %s", error)
    return swept


def changed_at(path: Path) -> float:
    """Give when anything in an upload's folder last changed, in seconds since the epoch.

    Raises
    ------
    FileNotFoundError
        It is not there, or is being removed.
    """
    times = [path.stat().st_mtime]
    if path.is_dir():
        times += [entry.stat().st_mtime for entry in os.scandir(path)]
    return max(times)


def _is_older(entry: os.DirEntry[str], than: float) -> bool:
    # With thousands of uploads a look into each folder would be felt; its own time is mostly answer enough.
    return entry.stat().st_mtime < than and changed_at(Path(entry.path)) < than


def _remove(shelf: Shelf, path: Path) -> bool:
    if not path.is_dir():
        if path.name not in shelf.spools:
            path.unlink()
        return False
    grave = shelf.retire(path.name)
    if grave is None:
        return False
    shutil.rmtree(grave)
    return True
