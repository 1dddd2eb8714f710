"""Which session a result counts for: written into the file's own attributes, so that every rename carries it.

::

    AudioTrim/<result>    user.nodeapi.session = <name of the session's folder>

Where a file system has no attributes, a result counts for all sessions together and for none of them alone.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX

__all__ = ["RESULTS", "mark", "size"]

RESULTS = "AudioTrim"
"""The folder of results, under ``/temp``."""

_ATTRIBUTE = "user.nodeapi.session"


def mark(file: Path, session: str) -> None:
    """Let a finished file count for a session, before it gets its name."""
    if session and hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):
            os.setxattr(file, _ATTRIBUTE, session.encode())


def size(temp: Path, session: str | None) -> int:
    """Give the bytes of the results of one session, or of all for None. Blocks.

    Parameters
    ----------
    temp : Path
        The folder behind ``/temp``.
    session : str, optional
        The name of its folder.
    """
    total = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(temp / RESULTS) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                ours = not entry.name.startswith(TEMP_PREFIX) and entry.is_file(follow_symlinks=False)
                if ours and session in {None, _session_of(entry.path)}:
                    total += entry.stat().st_size
    return total


def _session_of(path: str) -> str:
    if not hasattr(os, "getxattr"):
        return ""
    try:
        return os.getxattr(path, _ATTRIBUTE, follow_symlinks=False).decode()
    except OSError:
        return ""
