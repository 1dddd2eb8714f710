"""The words of this room on the wire.

Times are seconds since the epoch; sizes are bytes; an ``etag`` is given as the ``ETag`` header has it, in
quotes, and goes back as it is in ``If-Match``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

__all__ = [
    "DeleteQuery",
    "DoneReply",
    "FileItem",
    "FolderRequest",
    "ListQuery",
    "MoveRequest",
    "PathQuery",
    "ReadQuery",
    "ReadReply",
    "RestoreRequest",
    "SaveReply",
    "SaveRequest",
    "VersionItem",
    "WriteQuery",
]

MAX_PAGE = 10_000


class SaveRequest(msgspec.Struct, frozen=True):
    """What to save where; ``content`` is any JSON value."""

    path: str
    content: Any
    overwrite: bool = True


class SaveReply(msgspec.Struct, frozen=True):
    """What is there now."""

    path: str
    size: int
    etag: str
    success: bool = True


class ReadQuery(msgspec.Struct, frozen=True):
    """Which file; ``version`` asks for an earlier one."""

    path: str
    version: str | None = None


class ReadReply(msgspec.Struct, frozen=True):
    """The mirror of a save."""

    path: str
    content: msgspec.Raw
    size: int
    modified: float
    etag: str
    success: bool = True


class ListQuery(msgspec.Struct, frozen=True):
    """Which folder, and which part of what is in it."""

    path: str = ""
    recursive: bool = False
    glob: Annotated[str, msgspec.Meta(max_length=1024)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=8192)] | None = None


class FileItem(msgspec.Struct, frozen=True):
    """One file or folder of a listing; a folder has no size."""

    name: str
    path: str
    type: Literal["file", "directory"]
    size: int | None
    modified: float


class PathQuery(msgspec.Struct, frozen=True):
    """Which file."""

    path: str


class WriteQuery(msgspec.Struct, frozen=True):
    """Where the raw bytes go."""

    path: str
    overwrite: bool = True


class MoveRequest(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """What to move or copy where."""

    source: str
    target: str
    overwrite: bool = False


class FolderRequest(msgspec.Struct, frozen=True):
    """Which folder to make; its parents are made too."""

    path: str


class DeleteQuery(msgspec.Struct, frozen=True):
    """What to delete; a folder that is not empty only with ``recursive``."""

    path: str
    recursive: bool = False


class DoneReply(msgspec.Struct, frozen=True):
    """It is done; ``path`` is where the thing is, or was."""

    path: str
    success: bool = True


class VersionItem(msgspec.Struct, frozen=True):
    """One earlier state of a file; ``replaced`` is when it stopped being the current one."""

    version: str
    size: int
    modified: float
    replaced: float
    etag: str


class RestoreRequest(msgspec.Struct, frozen=True):
    """Which earlier state becomes the current one again."""

    path: str
    version: str
