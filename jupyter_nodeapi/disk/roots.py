"""One confined-path function for every folder that clients may name.

::

    name "my_node/a.json"     ──┐ shape: every part passes check_component
    name "/temp/uploads/s/f"  ──┤ prefix: a virtual root takes only its own names
                                ├ real path: links followed, still inside the root (or a followed folder)
                                └──> absolute path under Root.path

A name that can never be a path here is 400; one that is well-formed and leads out by a link is 404, as
if nothing were there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from jupyter_nodeapi.disk.names import check_component, safe_component
from jupyter_nodeapi.errors import InvalidPath, NotFound

__all__ = ["Root", "check_component", "open_regular", "safe_component"]

MAX_PATH_BYTES = 4096

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ENODEV}


class Root:
    """One folder, and the names of what is in it.

    Parameters
    ----------
    path : Path
        The folder; it need not exist yet.
    prefix : str
        ``"/temp"`` makes the root virtual: all its names begin with ``/temp/``.
    follow : sequence of Path
        Folders outside into which links may lead.
    """

    def __init__(self, path: Path, *, prefix: str = "", follow: Sequence[Path] = ()) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - keeps links, unlike resolve()
        self.prefix = prefix
        self.follow = tuple(follow)

    def resolve(self, name: str) -> Path:
        """Give the absolute path that `name` means.

        The path need not exist. It is under :attr:`path` by its spelling, and by its real path there or in
        one of the followed folders.

        Raises
        ------
        InvalidPath
            The name can never be a path here.
        NotFound
            It belongs to another root, or a link on the way leads out.
        """
        return self._confine(self._parts(name))

    def resolve_folder(self, name: str) -> Path:
        """Give the absolute path of a folder: as :meth:`resolve`, where ``""`` is the root itself."""
        local = name[len(self.prefix) :] if self.prefix and name.startswith(self.prefix) else name
        if local in {"", ".", "/"} and (local != "/" or self.prefix):
            return self.path
        return self.resolve(name.removesuffix("/"))

    def name_of(self, path: Path) -> str:
        """Give the name that clients use for `path`, the inverse of :meth:`resolve`.

        Raises
        ------
        NotFound
            The path is outside.
        """
        for base in (self.path, Path(os.path.realpath(self.path))):
            if path.is_relative_to(base):
                local = path.relative_to(base).as_posix()
                if local == ".":
                    return self.prefix
                return f"{self.prefix}/{local}" if self.prefix else local
        raise NotFound

    def open(self, name: str) -> tuple[int, os.stat_result]:
        """Open the regular file `name` for reading; the caller closes the descriptor.

        Raises
        ------
        NotFound
            It is missing, or is a folder, FIFO, device or socket, or a link that leads out.
        """
        return open_regular(Path(os.path.realpath(self.resolve(name))))

    def _parts(self, name: str) -> list[str]:
        """Split a name into raw components, each of them checked."""
        try:
            size = len(name.encode())
        except UnicodeEncodeError:
            raise InvalidPath("A path must be valid Unicode.") from None
        if size > MAX_PATH_BYTES:
            raise InvalidPath(f"A path has at most {MAX_PATH_BYTES} bytes.")
        local = name
        if self.prefix:
            if "\0" in name or "\\" in name:
                raise InvalidPath
            if not name.startswith(f"{self.prefix}/"):
                raise NotFound
            local = name[len(self.prefix) + 1 :]
        parts = local.split("/")
        for part in parts:
            check_component(part)
        return parts

    def _confine(self, parts: list[str]) -> Path:
        path = self.path.joinpath(*map(check_component, parts))
        raw = self.path.joinpath(*parts)
        if raw != path and not os.path.lexists(path) and os.path.lexists(raw):
            path = raw  # put there by hand under a name that is not NFC-normal
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(os.path.realpath(base)) for base in (self.path, *self.follow)):
            raise NotFound
        return path


def open_regular(path: Path) -> tuple[int, os.stat_result]:
    """Open the regular file at an absolute path that is already confined; never waits, follows no link.

    Returns
    -------
    tuple of (int, os.stat_result)
        The descriptor, which the caller closes, and what fstat says about it.

    Raises
    ------
    NotFound
        There is no regular file.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):  # opening a device can already do something
            raise NotFound
        fd = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in _ABSENT:
            raise NotFound from None
        raise
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode):
        os.close(fd)
        raise NotFound
    return fd, facts
