"""What happens to a chunk that has arrived whole: pure rules, no I/O.

::

                       no attempt   open                           done                    cancelled
    new index          FRESH        ADD                            -                       410
    same bytes         -            SAME                           SAME                    410
    other bytes        -            409; chunk 0 alone: FRESH      RENEW (next generation) 410
      once inherited   -            REPLACE                        PATCH
    other totals       -            409                            FRESH                   410
    with restart       FRESH        FRESH instead of any 409       -                       FRESH

*Inherited* chunks come from the generation before, because the client sent them again after it was whole.
That may have been a belated duplicate instead, so other bytes for such an index replace them, whenever they
come: in a file already whole (PATCH) all other chunks stay.
"""

from __future__ import annotations

from enum import Enum, auto

from jupyter_nodeapi.errors import Conflict, Gone
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.journal import Chunk
from jupyter_nodeapi.uploads.request import ChunkRequest

__all__ = ["TOMBSTONE_SECONDS", "Verdict", "judge", "must_begin_anew", "wants_bytes"]

TOMBSTONE_SECONDS = 60.0
"""How long after a cancel even a first chunk is taken for a late one."""


class Verdict(Enum):
    """What to do with a chunk."""

    FRESH = auto()
    ADD = auto()
    SAME = auto()
    REPLACE = auto()
    RENEW = auto()
    PATCH = auto()


def must_begin_anew(attempt: Attempt | None, request: ChunkRequest, *, alone: bool, now: float) -> bool:
    """Say whether the chunk begins a new attempt whatever its bytes are.

    Parameters
    ----------
    attempt : Attempt or None
        What there is.
    request : ChunkRequest
        What the chunk says.
    alone : bool
        Whether no other chunk of the upload is in flight.
    now : float
        Seconds since the epoch.

    Raises
    ------
    Gone
        The upload was cancelled.
    Conflict
        The chunk contradicts an upload that is under way.
    """
    if attempt is None:
        return True
    if attempt.cancelled is not None:
        # The clock may have been set back since; that must not keep the name for hours.
        late = abs(now - attempt.cancelled.at) < TOMBSTONE_SECONDS or request.index > 0
        if late and not request.restart:
            raise Gone(
                "This upload was cancelled.", hint="Send a new uploadId, or restart=true, to begin again."
            )
        return True
    known = _contradicted(attempt, request)
    if not known or attempt.done is not None or request.restart or (alone and not attempt.chunks):
        return bool(known)
    raise Conflict(
        "An upload of this file with other totals is under way.",
        code="upload_mismatch",
        hint="Continue it with the known values, or send restart=true or a new uploadId.",
        **known,
    )


def judge(
    attempt: Attempt | None, request: ChunkRequest, length: int, crc32: int, *, alone: bool, now: float
) -> Verdict:
    """Say what to do with a chunk of ``length`` bytes; the other arguments as :func:`must_begin_anew`.

    Raises
    ------
    Gone, Conflict
        As :func:`must_begin_anew`, and when bytes or length contradict what has arrived.
    """
    _check_length(request, length)
    if must_begin_anew(attempt, request, alone=alone, now=now):
        return Verdict.FRESH
    assert attempt is not None
    old = attempt.chunks.get(request.index)
    if old is not None and (old.length, old.crc32) == (length, crc32):
        return Verdict.SAME
    fits = request.is_last or attempt.chunk_size in {None, length}
    if attempt.done is not None:
        return _after_completion(old, fits=fits)
    if fits and (old is None or old.inherited):
        return Verdict.ADD if old is None else Verdict.REPLACE
    if request.restart or (request.index == 0 and alone and old is not None):
        return Verdict.FRESH
    if old is None:
        raise _wrong_length(attempt.chunk_size or 0)
    raise Conflict(
        "This chunk was received before with other bytes.",
        code="chunk_conflict",
        hint="Send restart=true or a new uploadId to upload a changed file.",
        chunkIndex=request.index,
    )


def _after_completion(old: Chunk | None, *, fits: bool) -> Verdict:
    if not fits:
        return Verdict.FRESH
    return Verdict.PATCH if old is not None and old.inherited else Verdict.RENEW


def wants_bytes(attempt: Attempt, request: ChunkRequest) -> bool:
    """Say whether the bytes of a chunk may be needed, or its length and checksum are enough."""
    old = attempt.chunks.get(request.index)
    return old is None or old.inherited or request.index == 0 or request.restart or attempt.done is not None


def _check_length(request: ChunkRequest, length: int) -> None:
    if request.is_last:
        return
    if request.chunk_size not in {None, length}:
        raise _wrong_length(request.chunk_size or 0)
    if length == 0:
        raise Conflict("Only the last chunk may be empty.", code="chunk_size_mismatch")


def _wrong_length(size: int) -> Conflict:
    return Conflict(
        f"Every chunk but the last must have {size} bytes.", code="chunk_size_mismatch", chunkSize=size
    )


def _contradicted(attempt: Attempt, request: ChunkRequest) -> dict[str, int]:
    """Give the known values when the totals differ; the last chunk's chunkSize may be its own length."""
    pairs = {
        "totalChunks": (attempt.total, request.total),
        "totalSize": (attempt.total_size, request.total_size),
        "chunkSize": (attempt.chunk_size, None if request.is_last else request.chunk_size),
    }
    if all(None in pair or pair[0] == pair[1] for pair in pairs.values()):
        return {}
    return {name: known for name, (known, _) in pairs.items() if known is not None}
