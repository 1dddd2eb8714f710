"""The table of the rules, line by line."""

import pytest

from jupyter_nodeapi.errors import Conflict, Gone
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.identity import Identity
from jupyter_nodeapi.uploads.journal import Begun, Cancelled, Chunk, Done
from jupyter_nodeapi.uploads.request import ChunkRequest
from jupyter_nodeapi.uploads.rules import TOMBSTONE_SECONDS, Verdict, judge

IDENTITY = Identity("s", "n", "1", "f")
BEGUN = Begun("data-1", 3, "boot")
OPEN = [BEGUN, Chunk(0, 4, 10), Chunk(1, 4, 11, inherited=True)]
DONE = [BEGUN, Chunk(0, 4, 10), Chunk(1, 4, 11, inherited=True), Chunk(2, 9, 12), Done("/temp/f", 17, 1, 1)]
CANCELLED = [*OPEN, Cancelled(100.0)]
LATER = 100.0 + TOMBSTONE_SECONDS


@pytest.mark.parametrize(
    ("records", "chunk", "options", "expected"),
    [
        ([], (0, 4, 10), {}, Verdict.FRESH),
        ([BEGUN], (0, 4, 10), {}, Verdict.ADD),
        (OPEN, (2, 9, 12), {}, Verdict.ADD),
        (OPEN, (0, 4, 10), {}, Verdict.SAME),
        (OPEN, (1, 4, 11), {}, Verdict.SAME),
        (OPEN, (1, 4, 99), {}, Verdict.REPLACE),
        (OPEN, (0, 4, 99), {}, Verdict.FRESH),
        (OPEN, (0, 4, 99), {"alone": False}, Conflict),
        (OPEN, (0, 4, 99), {"alone": False, "restart": True}, Verdict.FRESH),
        (OPEN, (1, 5, 99), {}, Conflict),
        (OPEN, (0, 4, 10), {"total": 4}, Conflict),
        (OPEN, (0, 4, 10), {"total": 4, "restart": True}, Verdict.FRESH),
        ([BEGUN], (0, 4, 10), {"total": 4}, Verdict.FRESH),
        ([BEGUN], (0, 4, 10), {"total": 4, "alone": False}, Conflict),
        (OPEN, (0, 0, 0), {}, Conflict),
        (OPEN, (2, 0, 0), {}, Verdict.ADD),
        (OPEN, (0, 4, 10), {"chunk_size": 5}, Conflict),
        (DONE, (0, 4, 10), {}, Verdict.SAME),
        (DONE, (0, 4, 99), {}, Verdict.RENEW),
        (DONE, (0, 4, 99), {"alone": False}, Verdict.RENEW),
        (DONE, (1, 4, 99), {}, Verdict.PATCH),
        (DONE, (2, 8, 99), {}, Verdict.RENEW),
        (DONE, (0, 5, 99), {}, Verdict.FRESH),
        (DONE, (0, 4, 10), {"total": 2}, Verdict.FRESH),
        (CANCELLED, (0, 4, 10), {}, Gone),
        (CANCELLED, (2, 4, 10), {"now": LATER}, Gone),
        (CANCELLED, (0, 4, 10), {"now": LATER}, Verdict.FRESH),
        (CANCELLED, (0, 4, 10), {"now": 99.0}, Gone),  # a clock that was set back a little
        (CANCELLED, (0, 4, 10), {"now": 100.0 - TOMBSTONE_SECONDS}, Verdict.FRESH),  # and by much
        (CANCELLED, (2, 4, 10), {"restart": True}, Verdict.FRESH),
    ],
)
def test_what_happens_to_a_chunk(records, chunk, options, expected):
    options = {"total": 3, "alone": True, "now": 101.0, **options}
    index, length, crc32 = chunk
    request = ChunkRequest(
        IDENTITY, index, options["total"], options.get("chunk_size"), restart=options.get("restart", False)
    )
    circumstances = {"alone": options["alone"], "now": options["now"]}
    if isinstance(expected, Verdict):
        assert judge(Attempt.replay(records), request, length, crc32, **circumstances) is expected
    else:
        with pytest.raises(expected):
            judge(Attempt.replay(records), request, length, crc32, **circumstances)
