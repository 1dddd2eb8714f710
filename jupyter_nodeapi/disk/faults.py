"""Errors of the machine, said in the API's words: one table from the system's numbers to our errors."""

from __future__ import annotations

import errno
from collections.abc import Callable

from jupyter_nodeapi.errors import (
    Conflict,
    InsufficientStorage,
    InvalidPath,
    NodeApiError,
    NotFound,
    ReadOnly,
    Unavailable,
)

__all__ = ["from_os_error"]

_Make = Callable[[], NodeApiError]


def _scarce() -> NodeApiError:
    return Unavailable("The server is out of file descriptors or memory.", retry_after=5)


def _exists() -> NodeApiError:
    return Conflict("Something with this name already exists.", code="exists")


def _in_use() -> NodeApiError:
    return Conflict("The folder is not empty or is in use.", code="in_use")


_OF_THE_MACHINE: dict[_Make, tuple[int, ...]] = {
    InsufficientStorage: (errno.ENOSPC, errno.EDQUOT),
    ReadOnly: (errno.EACCES, errno.EPERM, errno.EROFS),
    NotFound: (errno.ENOENT,),
    InvalidPath: (
        errno.ENAMETOOLONG,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ELOOP,
        errno.EINVAL,
        errno.EILSEQ,
    ),
    _scarce: (errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    _exists: (errno.EEXIST,),
    _in_use: (errno.ENOTEMPTY, errno.EBUSY, errno.EXDEV),
}
_BY_NUMBER = {number: make for make, numbers in _OF_THE_MACHINE.items() for number in numbers}


def from_os_error(error: OSError | ValueError) -> NodeApiError:
    """Say an error of the machine in the API's words, without the system's own text.

    Parameters
    ----------
    error : OSError or ValueError
        What a file operation raised; ``ValueError`` comes from NUL bytes and lone surrogates.
    """
    if not isinstance(error, OSError):
        return InvalidPath()
    return _BY_NUMBER.get(error.errno or 0, NodeApiError)()
