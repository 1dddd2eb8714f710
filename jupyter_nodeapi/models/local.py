"""Bytes from a folder of this machine: reflinked, hard-linked or copied, never from elsewhere.

A source may name a file by path or ``file:`` URL. It counts only when its *real* path is a regular file
under one of the allowed folders. The descriptor that was checked is the one that is linked or copied: no
second look at the name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_nodeapi.disk.roots import open_regular
from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.models.failures import SourceRefused
from jupyter_nodeapi.models.hashes import Digest, read_blocks
from jupyter_nodeapi.models.partial import Partial
from jupyter_nodeapi.models.schemas import PlannedFile

__all__ = ["bring", "locate", "path_of"]

_FICLONE = 0x40049409  # linux/fs.h


def path_of(url: str, folder: Path | None) -> Path:
    """Give the path that a local source means; a relative one starts at the registry file's folder.

    Raises
    ------
    SourceRefused
        A ``file:`` URL of another host, a NUL, or a relative path without a registry file.
    """
    text = url
    if url.lower().startswith("file:"):
        parts = urlsplit(url)
        if parts.netloc not in {"", "localhost"}:
            raise SourceRefused("A file: URL must not name another host.", code="address_not_allowed")
        text = unquote(parts.path)
    if not text or "\0" in text or text.startswith(("//", "\\\\")):
        raise SourceRefused("This is not a path of a local file.", code="address_not_allowed")
    path = Path(text)
    if path.is_absolute():
        return path
    if folder is None:
        raise SourceRefused(
            "A relative local path needs a registry file beside it.", code="address_not_allowed"
        )
    return folder / path


def locate(path: Path, allowed: Sequence[Path]) -> Path:
    """Give the real path of a local source that lies in an allowed folder.

    Raises
    ------
    NotFound
        There is no such regular file or folder there. What lies elsewhere reads the same.
    """
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(base)) for base in allowed):
        raise _absent()
    if real.is_relative_to("/proc") or real.is_relative_to("/dev") or real.is_relative_to("/sys"):
        raise _absent()
    if not (real.is_file() or real.is_dir()):
        raise _absent()
    return real


def bring(
    file: PlannedFile, source: Path, partial: Partial, check: Callable[[], None], moved: Callable[[int], None]
) -> Digest:
    """Put a local file into the place of an entered `partial`, and verify it.

    Parameters
    ----------
    file : PlannedFile
        What is known of the file.
    source : Path
        What :func:`locate` gave.
    partial : Partial
        Where it goes.
    check, moved : callable
        Asked between blocks, raises when the work was stopped; told the bytes that were read.

    Raises
    ------
    SourceRefused
        Its size or digest is not what the registry says.
    """
    try:
        fd, _ = open_regular(source)
    except NotFound:
        raise _absent() from None
    digest = Digest(file)
    try:
        partial.begin(0, etag=None, total=None)
        linked = partial.adopt(lambda target: _reflink(fd, target) or _hardlink(fd, target))

        def take(block: memoryview) -> None:
            check()
            if not linked:
                partial.add(block, digest.size)
            digest.update(block)
            moved(digest.size)

        read_blocks(fd, take)
    finally:
        os.close(fd)
    if fault := digest.fault():
        partial.begin(0, etag=None, total=None)
        raise _other(fault)
    partial.finish()
    return digest


def _other(fault: str) -> SourceRefused:
    what = "size" if fault == "size_mismatch" else "checksum"
    return SourceRefused(f"The local file has another {what} than its registry entry says.", code=fault)


def _absent() -> NotFound:
    return NotFound(
        "The local file of this model is not there.",
        code="file_not_found",
        hint="It must be a regular file under c.Models.shared_dirs or beside its registry file.",
    )


def _reflink(fd: int, target: Path) -> bool:
    """Share the blocks of the open file with a new file `target`, where the file system can."""
    copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        fcntl.ioctl(copy, _FICLONE, fd)
    except OSError:
        os.unlink(target)  # noqa: PTH108
        return False
    finally:
        os.close(copy)
    return True


def _hardlink(fd: int, target: Path) -> bool:
    """Give the open file itself a second name, if the system lets us: linkat through /proc/self/fd."""
    with contextlib.suppress(OSError):
        os.link(f"/proc/self/fd/{fd}", target, follow_symlinks=True)
        return True
    return False
