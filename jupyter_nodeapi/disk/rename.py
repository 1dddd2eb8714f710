"""Two renames that Python does not have: one that refuses to replace, one that swaps.

Linux has both as ``renameat2(2)``. Where the C library, the kernel or the file system lacks them (NFS
answers EINVAL), a hard link and a folder that is made first give the same promise: of any number of
writers exactly one gets the name.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["exchange", "rename_new"]

_AT_FDCWD = -100
_NOREPLACE = 1
_EXCHANGE = 2
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


def rename_new(source: Path, target: Path, *, folder: bool) -> None:
    """Rename `source` to `target`, which must not exist: exactly one of many callers succeeds.

    Raises
    ------
    FileExistsError
        Something has that name; `source` is as it was.
    """
    if _renameat2(source, target, _NOREPLACE):
        return
    if folder:
        _claim_folder(source, target)
    else:
        _link_file(source, target)


def exchange(source: Path, target: Path) -> bool:
    """Swap two names in one step; ``False``, with nothing changed, where the system cannot."""
    return _renameat2(source, target, _EXCHANGE)


@functools.cache
def _libc_renameat2() -> Callable[..., int] | None:
    libc = ctypes.CDLL(None, use_errno=True)
    function = getattr(libc, "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function


def _renameat2(source: Path, target: Path, flags: int) -> bool:
    """Call it; ``False`` where it is not known here."""
    function = _libc_renameat2()
    if function is None:
        return False
    if function(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(source), None, str(target))


def _link_file(source: Path, target: Path) -> None:
    """Give a second name to the file, which link(2) refuses when it is taken; then the first name goes."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim_file(source, target)
        return
    source.unlink()


def _claim_file(source: Path, target: Path) -> None:
    """Claim the name by an empty file, where there are no links (exFAT, some user-space systems)."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666))
    _take(source, target, target.unlink)


def _claim_folder(source: Path, target: Path) -> None:
    """Claim the name by an empty folder, which rename(2) replaces in one step."""
    target.mkdir()
    _take(source, target, target.rmdir)


def _take(source: Path, target: Path, release: Callable[[], None]) -> None:
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError:
        with contextlib.suppress(OSError):
            release()
        raise
