"""More of the suite's cases: uploads in parts put together, whole stories, and what it calls optional."""

from __future__ import annotations

from .tus_cases import ANY, BEGUN, NUMBER, PETABYTE, STARTED, TEN, TWELVE, TWELVE_LONG, WHOLE
from .tus_steps import Step, at, create, head, metadata, options, patch

ANY_GOOD_OR_REFUSED = "201|400"


def part(name: str, data: bytes, length: int | None = None) -> list[Step]:
    """Create a part and send `data` of it."""
    size = len(data) if length is None else length
    return [create(name, Upload_Length=size, Upload_Concat="partial"), patch(0, data, name)]


def final(*parts: str, status: str = "201", **headers: object) -> Step:
    """Put parts together."""
    return create(
        "z", Upload_Concat="final;" + " ".join(f"{{{name}}}" for name in parts), status=status, **headers
    )


TWO = [*part("p", b"first "), *part("q", b"second")]
ONE = part("p", b"alone!")
UNFINISHED = part("p", TEN, 100)

CONCATENATION: dict[str, list[Step]] = {
    "ext-concat-001-create-partial": [
        create(Upload_Length=10, Upload_Concat="partial", want={"Location": ANY})
    ],
    "ext-concat-002-create-final": [*TWO, final("p", "q", want={"Location": ANY})],
    "ext-concat-003-final-no-length": [
        *ONE,
        final("p"),
        *part("q", b"other"),
        final("q", Upload_Length=5, status=r"4\d\d"),
    ],
    "ext-concat-004-final-offset-sum": [*TWO, final("p", "q"), at(12, 12, "z")],
    "ext-concat-005-patch-final-forbidden": [*ONE, final("p"), patch(0, b"more", "z", status="403")],
    "ext-concat-006-head-concat-info": [*ONE, final("p"), head("z", want={"Upload_Concat": r"final.*"})],
    "ext-concat-007-partials-complete": [*UNFINISHED, final("p", status="400")],
    "ext-concat-008-invalid-partial-url": [final("/nobody-knows-this-part", status="400|404")],
    "ext-concat-009-partial-head-concat": [
        create("p", Upload_Length=6, Upload_Concat="partial"),
        head("p", want={"Upload_Concat": "partial"}),
    ],
    "ext-concat-010-final-head-before-after": [*ONE, final("p"), at(6, 6, "z", Upload_Concat=r"final.*")],
    "ext-concat-uf-001-incomplete-partials": [*UNFINISHED, final("p", want={"Location": ANY})],
    "ext-concat-uf-002-offset-updates": [
        *UNFINISHED,
        final("p"),
        at(10, upload="z"),
        patch(10, TEN, "p"),
        at(20, upload="z"),
    ],
    "scn-concat-001-parallel-assembly": [
        *(create(name, Upload_Length=10, Upload_Concat="partial") for name in "pqr"),
        *(patch(0, TEN, name) for name in "rpq"),
        final("p", "q", "r"),
        at(30, 30, "z", Upload_Concat=r"final.*"),
    ],
    "scn-concat-002-sequential-partial": [
        *part("p", b"first "),
        at(6, upload="p"),
        *part("q", b"second!"),
        at(7, upload="q"),
        final("p", "q"),
        at(13, 13, "z"),
    ],
    "ext-csum-tr-001-checksum-trailer": [options(Tus_Extension=r".*\bchecksum-trailer\b.*")],
    "ext-csum-tr-002-chunked-encoding": [options(Tus_Extension=r".*\bchecksum-trailer\b.*")],
}


def pieces(*sizes: int, ask: bool = False) -> list[Step]:
    """Send a file piece by piece, asking between where it stands."""
    steps, offset = [create(Upload_Length=sum(sizes))], 0
    for size in sizes:
        steps += [at(offset)] if ask else []
        steps.append(patch(offset, b"x" * size))
        offset += size
    return [*steps, at(offset, offset)]


SCENARIOS: dict[str, list[Step]] = {
    "scn-basic-001-complete-small": [*WHOLE, at(12, 12)],
    "scn-basic-002-chunked-upload": pieces(11, 11, 11),
    "scn-basic-003-resume-interrupted": pieces(11, 11, ask=True),
    "scn-basic-004-zero-byte": [create(Upload_Length=0), at(0, 0)],
    "scn-error-001-offset-mismatch": [
        create(Upload_Length=20),
        patch(0, TEN),
        patch(0, b"elsewhere!", status="409"),
        at(10),
        patch(10, TEN),
    ],
    "scn-resume-001-from-zero": [*TWELVE_LONG, at(0), patch(0, TWELVE)],
    "scn-resume-002-from-middle": pieces(10, 10, ask=True),
    "scn-resume-003-near-completion": pieces(100, 1, ask=True),
    "scn-resume-004-multiple-cycles": pieces(11, 11, 11, 11, ask=True),
}

OPTIONAL: dict[str, list[Step]] = {
    "opt-comp-001-patch-completed": [*WHOLE, patch(12, b"", status=r"[234]\d\d")],
    "opt-comp-002-head-completed": [*WHOLE, at(12, 12)],
    "opt-comp-003-notification": [*WHOLE, at(12, 12)],
    "opt-conc-001-concurrent-patch": [*BEGUN, patch(10, TEN)],
    "opt-conc-002-head-during-patch": [*BEGUN, head(want={"Upload_Offset": NUMBER})],
    "opt-conc-003-concurrent-creation": [
        create("a", Upload_Metadata=metadata(filename="same.txt")),
        create("b", Upload_Metadata=metadata(filename="same.txt")),
        at(0, upload="a"),
        at(0, upload="b"),
    ],
    "opt-err-002-409-includes-offset": [*BEGUN, patch(0, TEN, status="409", want={"Upload_Offset": NUMBER})],
    "opt-meta-001-invalid-base64": [
        create(Upload_Metadata="filename not*base64", status=ANY_GOOD_OR_REFUSED)
    ],
    "opt-meta-002-duplicate-keys": [
        create(
            Upload_Metadata=f"{metadata(filename='one')},{metadata(filename='two')}",
            status=ANY_GOOD_OR_REFUSED,
        )
    ],
    "opt-meta-003-empty-value": [
        create(Upload_Metadata="alone", status=ANY_GOOD_OR_REFUSED),
        create(Upload_Metadata=f"{metadata(filename='one')},alone", status=ANY_GOOD_OR_REFUSED),
    ],
    "opt-meta-004-size-limits": [
        create(Upload_Metadata=metadata(large="x" * 6000), status="201|400|413|431")
    ],
    "opt-meta-005-non-ascii-keys": [
        create(Upload_Metadata=metadata(filename="d.txt"), want={"Location": ANY})
    ],
    "opt-meta-006-retrieval": [
        create(Upload_Metadata=metadata(filename="e.txt", contenttype="text/plain")),
        head(status="200"),
    ],
    "opt-partial-001-accepts-partial": [create(Upload_Length=1000), patch(0, TEN)],
    "opt-partial-002-response-code": BEGUN,
    "opt-partial-003-client-notification": [*BEGUN, at(10)],
    "opt-store-001-storage-full": BEGUN,
    "opt-store-002-length-change": [
        *STARTED,
        patch(0, b"some", Upload_Length=200, status=r"204|4\d\d"),
        head(want={"Upload_Length": 100}),
    ],
    "opt-store-003-very-large": [options(), create(Upload_Length=PETABYTE, status=r"2\d\d|4\d\d|500")],
    "opt-time-001-idle-timeout": [*STARTED, head(status="200")],
    "opt-time-002-slow-client": BEGUN,
    "opt-time-003-timeout-during-write": [*BEGUN, at(10)],
    "opt-url-001-relative-location": [create(want={"Location": ANY})],
    "opt-url-002-url-format": [create("a"), create("b")],
    "opt-url-003-cross-origin": [options()],
}
