"""How much may be uploaded, as the settings say at the moment."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in bytes; None is no limit.

    Parameters
    ----------
    chunk_bytes : int
        The longest chunk.
    file_bytes : int, optional
        The longest file.
    session_bytes, total_bytes : int, optional
        What one session, and all together, may keep; unfinished uploads included.
    """

    chunk_bytes: int
    file_bytes: int | None = None
    session_bytes: int | None = None
    total_bytes: int | None = None
