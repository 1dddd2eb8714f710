"""What a request demands of the file before it changes anything (RFC 9110, section 13.1).

::

    overwrite: false    nothing of that name                 else 409
    If-None-Match: *    nothing of that name                 else 412
    If-None-Match: "e"  the file's etag is none of these     else 412
    If-Match: *         something of that name               else 412
    If-Match: "e"       the file's etag is one of these      else 412
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from jupyter_nodeapi.errors import Conflict, InvalidParameter, NodeApiError, PreconditionFailed

__all__ = ["Conditions", "etag_of", "parse_etags"]

_TAG = re.compile(r'\s*(W/)?("[\x21\x23-\x7e\x80-\U0010ffff]*")\s*(,|$)')


def etag_of(facts: os.stat_result) -> str:
    """Give a file's strong ETag: each save makes a new inode and stamps it to the nanosecond."""
    return f'"{facts.st_ino:x}-{facts.st_size:x}-{facts.st_mtime_ns:x}"'


def parse_etags(header: str, name: str) -> frozenset[str]:
    """Give the entity tags of a header; ``*`` is one of them, a weak one keeps its ``W/``.

    Raises
    ------
    InvalidParameter
        The header `name` is malformed.
    """
    if header.strip() == "*":
        return frozenset("*")
    tags = set()
    position = 0
    while position < len(header):
        found = _TAG.match(header, position)
        if found is None:
            raise InvalidParameter(f"{name} holds no entity tag.", field=name, hint='Send "...", in quotes.')
        tags.add((found[1] or "") + found[2])
        position = found.end()
    return frozenset(tags)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must be true of the current file.

    Parameters
    ----------
    overwrite : bool
        Whether there may be a file at all.
    if_match, if_none_match : frozenset of str, optional
        Entity tags, or ``*``.
    """

    overwrite: bool = True
    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None

    @classmethod
    def read(cls, if_match: str | None, if_none_match: str | None, *, overwrite: bool = True) -> Conditions:
        """Read the two headers as they came."""
        return cls(
            overwrite,
            None if if_match is None else parse_etags(if_match, "If-Match"),
            None if if_none_match is None else parse_etags(if_none_match, "If-None-Match"),
        )

    @property
    def new(self) -> bool:
        """Whether nothing of that name may exist, so that exactly one of many writers wins."""
        return not self.overwrite or (self.if_none_match is not None and "*" in self.if_none_match)

    def taken(self) -> NodeApiError:
        """Give the error of a writer that came second."""
        if not self.overwrite:
            return Conflict("Something with this name already exists.", code="exists")
        return PreconditionFailed("Something with this name already exists.")

    def check(self, path: Path) -> None:
        """Compare with what is at `path` now; holds until then only under the path's lock.

        Raises
        ------
        Conflict
            ``overwrite`` is false and the name is taken.
        PreconditionFailed
            A header's condition does not hold.
        """
        try:
            etag = etag_of(path.lstat())
        except (FileNotFoundError, NotADirectoryError):
            etag = None
        if etag is not None and self.new:
            raise self.taken()
        if self.if_match is not None and (etag is None or not self.if_match & {etag, "*"}):
            raise PreconditionFailed(etag=etag)
        weak = {tag.removeprefix("W/") for tag in self.if_none_match or ()}
        if etag is not None and etag in weak:
            raise PreconditionFailed("The file is already in the state that you have.", etag=etag)
