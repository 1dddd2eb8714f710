"""What the upload routes answer, under the names of the API."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = ["ChunkForm", "ChunkReply"]


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
