"""What the upload routes answer, under the names of the API."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = [
    "CancelReply",
    "ChunkForm",
    "ChunkReply",
    "ConfigReply",
    "ListQuery",
    "StatusQuery",
    "StatusReply",
    "UploadItem",
    "UploadQuery",
]

_ExpiresAt = Annotated[
    int,
    msgspec.Meta(
        description="When an unfinished upload expires, in seconds since the epoch; more bytes put it off."
    ),
]
_ServerId = Annotated[
    str,
    msgspec.Meta(
        description="Random, made once per process. Another one than before: the server was started again;"
        " unfinished uploads survive that, so ask how far they are."
    ),
]
_DefaultSession = Annotated[
    str, msgspec.Meta(description="A session of the user's own, for clients that have no reason for another.")
]


class ChunkReply(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The answer to a chunk; with the file's path once the set is complete."""

    success: bool
    completed: bool
    chunk_index: int
    received_chunks: int
    total_chunks: int
    received_bytes: int
    file_path: str | msgspec.UnsetType = msgspec.UNSET
    size: int | msgspec.UnsetType = msgspec.UNSET


class ChunkForm(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The fields of the form, for the reader of the OpenAPI document; ``request`` reads them."""

    file: Annotated[str, msgspec.Meta(extra_json_schema={"format": "binary"})]
    filename: str
    chunk_index: Annotated[int, msgspec.Meta(ge=0)]
    total_chunks: Annotated[int, msgspec.Meta(ge=1)]
    session_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    node_id: str = ""
    node_name: str = ""
    chunk_size: int | msgspec.UnsetType = msgspec.UNSET
    total_size: int | msgspec.UnsetType = msgspec.UNSET
    chunk_hash: str | msgspec.UnsetType = msgspec.UNSET
    file_hash: str | msgspec.UnsetType = msgspec.UNSET
    upload_id: str = ""
    relative_path: str = ""
    conflict: Literal["replace", "rename", "error"] = "replace"
    restart: bool = False


class UploadQuery(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Which upload is meant: the fields of its form."""

    session_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    filename: Annotated[str, msgspec.Meta(min_length=1)]
    node_id: str = ""
    node_name: str = ""
    relative_path: str = ""
    upload_id: str = ""


class StatusQuery(UploadQuery, frozen=True, rename="camel", kw_only=True):
    """Which upload is meant, and perhaps which chunk of it."""

    chunk_index: Annotated[int, msgspec.Meta(ge=0)] | None = None


class StatusReply(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """How far an upload is; ranges are inclusive."""

    success: bool
    completed: bool
    total_chunks: int
    received: list[tuple[int, int]]
    missing: list[tuple[int, int]]
    size: int
    chunk_size: int | msgspec.UnsetType = msgspec.UNSET
    total_size: int | msgspec.UnsetType = msgspec.UNSET
    file_path: str | msgspec.UnsetType = msgspec.UNSET
    expires_at: _ExpiresAt | msgspec.UnsetType = msgspec.UNSET


class CancelReply(msgspec.Struct, frozen=True, rename="camel"):
    """The upload is given up."""

    success: bool
    cancelled: bool


class ConfigReply(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Advice for uploaders; sizes in bytes, ``null`` is no limit; ``serverId`` is made once per process."""

    server_id: _ServerId
    chunk_size: int
    parallel: int
    max_chunk_size: int
    max_file_size: int | None
    max_chunks: int
    session_quota: int | None
    total_quota: int | None
    partial_ttl_seconds: int
    tus_url: str
    permanent_errors: list[int]
    default_session: _DefaultSession


class ListQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Which uploads to list."""

    session_id: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000


class UploadItem(msgspec.Struct, frozen=True, rename="camel"):
    """One file that lies under ``/temp/uploads``, or will."""

    file_path: str
    completed: bool
    size: int
    modified: float
