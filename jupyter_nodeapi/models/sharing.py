"""Whether a models folder that several users share will let each of them install, and how to put it right.

What decides is how a *new* folder is made there (``mkdir``, setgid and default ACLs: inode(7), acl(5))::

    setgid on every folder     the folders in it get the team's group, not the maker's own
    umask 002 or default ACL   the group may write into them
    no sticky bit              one may replace and take over what another has left unfinished
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jupyter_nodeapi.models.names import STORE

__all__ = ["Advice", "advise", "umask"]

_DEFAULT_ACL = "system.posix_acl_default"


class Advice(NamedTuple):
    """What will go wrong, and the command that puts it right."""

    message: str
    fix: str


def umask() -> int:
    """Give this process's umask, without the call that would change it for an instant (proc(5), status)."""
    with contextlib.suppress(OSError, LookupError):
        rows = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return next((int(row.split()[1], 8) for row in rows if row.startswith("Umask:")), 0)
    return 0


def advise(models_dir: Path, umask: int) -> Iterator[Advice]:
    """Look at a models folder; give nothing where it is well, absent, or one user's alone.

    Parameters
    ----------
    models_dir : Path
        The folder.
    umask : int
        That of the server.
    """
    try:
        facts = models_dir.stat()
    except OSError:
        return
    if not _shared(facts):
        return
    folder, group = shlex.quote(str(models_dir)), _group(facts.st_gid)
    every = f"find {folder} -type d -exec"
    if facts.st_mode & stat.S_ISVTX:
        yield Advice(
            "it is sticky: one user cannot replace what another has left", f"{every} chmod -t {{}} +"
        )
    if not facts.st_mode & stat.S_ISGID:
        yield Advice("new folders in it get their maker's own group", f"{every} chmod g+rwxs {{}} +")
    if umask & 0o020 and not _has_default_acl(models_dir):
        acl = shlex.quote(f"g:{group}:rwX,d:g:{group}:rwx")
        yield Advice("what this server makes in it only its user may write", f"setfacl -R -m {acl} {folder}")
    closed = [path for path in _own_folders(models_dir) if not os.access(path, os.W_OK | os.X_OK)]
    if closed and os.access(models_dir, os.W_OK):
        yield Advice(
            f"{len(closed)} folders in it cannot be written, such as {closed[0].name}",
            f"chgrp -R {shlex.quote(group)} {folder} && {every} chmod g+rwxs {{}} +",
        )


def _shared(facts: os.stat_result) -> bool:
    """Say whether others than this user are meant to write there; a group of one is nobody else."""
    if facts.st_mode & stat.S_IWOTH or facts.st_uid != os.geteuid():
        return bool(facts.st_mode & (stat.S_IWOTH | stat.S_IWGRP))
    return bool(facts.st_mode & stat.S_IWGRP) and not _private(facts.st_gid)


def _private(gid: int) -> bool:
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return gid == user.pw_gid and group.gr_name == user.pw_name


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _has_default_acl(folder: Path) -> bool:
    try:
        return bool(os.getxattr(folder, _DEFAULT_ACL))
    except (OSError, AttributeError):  # none, not supported by the file system, or not by the system
        return False


def _own_folders(models_dir: Path) -> Iterator[Path]:
    """Give the folders in which an installation makes something: the categories and our own."""
    for place in (models_dir, models_dir / STORE):
        with contextlib.suppress(OSError):
            yield from sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink())
