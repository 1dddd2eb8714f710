"""What is told about an attempt, in the words of the API."""

from __future__ import annotations

import msgspec

from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.schemas import ChunkReply, StatusReply

__all__ = ["chunk_reply", "status_reply"]


def chunk_reply(attempt: Attempt, index: int) -> ChunkReply:
    """Give the answer to chunk ``index``."""
    done = attempt.done
    return ChunkReply(
        success=True,
        completed=done is not None,
        chunk_index=index,
        received_chunks=len(attempt.chunks),
        total_chunks=attempt.total,
        received_bytes=attempt.size,
        file_path=done.path if done else msgspec.UNSET,
        size=done.size if done else msgspec.UNSET,
    )


def status_reply(attempt: Attempt, expires_at: int | None) -> StatusReply:
    """Give the answer to whoever asks how far an upload is; a finished one does not expire."""
    done = attempt.done
    return StatusReply(
        success=True,
        completed=done is not None,
        total_chunks=attempt.total,
        received=attempt.received(),
        missing=attempt.missing(),
        size=attempt.size,
        chunk_size=msgspec.UNSET if attempt.chunk_size is None else attempt.chunk_size,
        total_size=msgspec.UNSET if attempt.total_size is None else attempt.total_size,
        file_path=done.path if done else msgspec.UNSET,
        expires_at=msgspec.UNSET if done or expires_at is None else expires_at,
    )
