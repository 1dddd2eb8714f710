"""The cases of the public tus conformance suite (sagikazarmark/tus-conformance-tests), in our own words.

Keys are the suite's ids, so that a result can be looked up there; conversations and bytes are ours. What
differs on purpose: ``ext-create-002`` wants the Location spelled as an absolute URL, here it must be one after
it was resolved against the request, as RFC 9110 tells clients to do (behind a Hub's proxy the server does not
know its own outer address).
"""

from __future__ import annotations

from .tus_steps import DATE, Step, at, create, delete, head, metadata, options, patch, sha1

TWELVE = b"twelve bytes"
TEN = b"0123456789"
ANY = r".+"
NUMBER = r"\d+"
VERSIONS = r"\d+\.\d+\.\d+(,\d+\.\d+\.\d+)*"
WRONG_SHA1 = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
REFUSED = {"Tus_Version": r"(.*,)?1\.0\.0(,.*)?"}
PETABYTE = 2**50

# What many cases begin with.
STARTED = [create()]
TWELVE_LONG = [create(Upload_Length=12)]
WHOLE = [*TWELVE_LONG, patch(0, TWELVE)]
BEGUN = [create(), patch(0, TEN)]

CORE: dict[str, list[Step]] = {
    "cp-err-001-response-format": [create(Tus_Resumable=None, status="412")],
    "cp-err-002-validation-errors": [create(Upload_Length=-1, status="400")],
    "cp-head-001-upload-offset": [*STARTED, head(want={"Upload_Offset": NUMBER})],
    "cp-head-002-upload-length": [*STARTED, head(want={"Upload_Length": 100})],
    "cp-head-003-requires-tus-resumable": [*STARTED, head(Tus_Resumable=None, status="412", want=REFUSED)],
    "cp-head-004-cache-control": [*STARTED, head(want={"Cache_Control": r".*\bno-store\b.*"})],
    "cp-head-005-non-existent": [
        head("/nobody-knows-it", status="403|404|410", want={"Upload_Offset": None})
    ],
    "cp-head-006-tus-resumable": [*STARTED, head(want={"Tus_Resumable": r"1\.0\.0"})],
    "cp-head-007-offset-zero": [*STARTED, at(0)],
    "cp-opt-001-tus-version": [options(Tus_Version=VERSIONS)],
    "cp-opt-002-no-tus-resumable": [options(Tus_Version=ANY)],
    "cp-opt-003-version-preference": [options(Tus_Version=VERSIONS)],
    "cp-opt-004-tus-extension": [options(Tus_Version=ANY, Tus_Extension=r"[a-z-]+(,[a-z-]+)*")],
    "cp-opt-005-tus-max-size": [options(Tus_Version=ANY)],
    "cp-patch-001-requires-tus-resumable": [
        *STARTED,
        patch(0, TEN, Tus_Resumable=None, status="412", want=REFUSED),
    ],
    "cp-patch-002-requires-content-type": [*STARTED, patch(0, TEN, Content_Type=None, status="415")],
    "cp-patch-003-wrong-content-type": [*STARTED, patch(0, TEN, Content_Type="text/plain", status="415")],
    "cp-patch-004-requires-upload-offset": [*STARTED, patch(None, TEN, status="400")],
    "cp-patch-005-offset-mismatch": [*STARTED, patch(50, TEN, status="409")],
    "cp-patch-006-success-204": WHOLE,
    "cp-patch-007-returns-upload-offset": WHOLE,
    "cp-patch-008-non-existent": [patch(0, TEN, "/nobody-knows-it", status="404")],
    "cp-patch-009-returns-tus-resumable": [
        *TWELVE_LONG,
        patch(0, TWELVE, want={"Tus_Resumable": r"1\.0\.0"}),
    ],
    "cp-patch-010-beyond-upload-length": [create(Upload_Length=5), patch(0, TWELVE, status="413")],
    "cp-ver-001-unsupported-version": [*STARTED, head(Tus_Resumable="77.7.7", status="412", want=REFUSED)],
    "cp-ver-002-412-includes-tus-version": [
        *STARTED,
        head(Tus_Resumable="0.1.0", status="412", want=REFUSED),
    ],
    "cp-ver-003-version-1.0.0": [options(**REFUSED)],
}

CREATION: dict[str, list[Step]] = {
    "ext-create-001-post-creates": STARTED,
    "ext-create-002-returns-location": [create(want={"Location": ANY}), at(0)],
    "ext-create-003-requires-tus-resumable": [create(Tus_Resumable=None, status="412", want=REFUSED)],
    "ext-create-004-upload-metadata": [
        create(Upload_Metadata=metadata(filename="a.txt", filetype="text/plain"))
    ],
    "ext-create-005-metadata-key-format": [
        create(Upload_Metadata=metadata(filename="b.txt", content_type="text/plain", size="100"))
    ],
    "ext-create-006-metadata-base64": [
        create(Upload_Metadata=metadata(name="some one", about="words, spaced"))
    ],
    "ext-create-007-exceeds-max-size": [
        options(status="200|204"),
        create(Upload_Length=PETABYTE, status="201|413"),
    ],
    "ext-create-008-zero-length": [create(Upload_Length=0), at(0, 0)],
    "ext-create-009-location-absolute": [create(want={"Location": ANY})],
    "ext-create-010-metadata-head": [
        create(Upload_Metadata=metadata(filename="c.txt", filetype="text/plain")),
        head(want={"Upload_Metadata": rf".*{metadata(filename='c.txt')}.*"}),
        head(want={"Upload_Metadata": rf".*{metadata(filetype='text/plain')}.*"}),
    ],
    "ext-cwu-001-post-with-body": [
        create(
            Upload_Length=12,
            Content_Type="application/offset+octet-stream",
            body=TWELVE,
            want={"Location": ANY},
        )
    ],
    "ext-cwu-002-post-content-type": [
        create(Upload_Length=12, Content_Type="text/plain", body=TWELVE, status="415")
    ],
    "ext-cwu-003-response-upload-offset": [
        create(
            Upload_Length=12,
            Content_Type="application/offset+octet-stream",
            body=TWELVE,
            want={"Upload_Offset": NUMBER},
        )
    ],
    "ext-cwu-004-partial-acceptance": [
        create(Content_Type="application/offset+octet-stream", body=TEN, want={"Upload_Offset": 10}),
        at(10),
    ],
    "ext-cwu-005-complete-in-post": [
        create(
            Upload_Length=12,
            Content_Type="application/offset+octet-stream",
            body=TWELVE,
            want={"Upload_Offset": 12},
        ),
        at(12, 12),
    ],
    "ext-defer-001-upload-defer-length": [create(Upload_Defer_Length=1, want={"Location": ANY})],
    "ext-defer-002-head-before-length": [
        create(Upload_Defer_Length=1),
        at(0, Upload_Defer_Length="1", Upload_Length=None),
    ],
    "ext-defer-003-patch-sets-length": [
        create(Upload_Defer_Length=1),
        patch(0, TWELVE, Upload_Length=12),
        at(12, 12),
    ],
    "ext-defer-004-length-immutable": [
        create(Upload_Defer_Length=1),
        patch(0, b"some", Upload_Length=100),
        patch(4, b"more", Upload_Length=200, status="400"),
    ],
    "ext-defer-005-mutual-exclusion": [create(Upload_Defer_Length=1, Upload_Length=100, status="400")],
}

CHECKSUM: dict[str, list[Step]] = {
    "ext-csum-001-algorithm-header": [options(Tus_Checksum_Algorithm=r"[a-z0-9-]+(,[a-z0-9-]+)*")],
    "ext-csum-002-sha1-support": [options(Tus_Checksum_Algorithm=r"(.*,)?sha1(,.*)?")],
    "ext-csum-003-valid-checksum": [*TWELVE_LONG, patch(0, TWELVE, Upload_Checksum=sha1(TWELVE))],
    "ext-csum-004-mismatch-460": [*TWELVE_LONG, patch(0, TWELVE, Upload_Checksum=WRONG_SHA1, status="460")],
    "ext-csum-005-no-offset-update": [
        *STARTED,
        patch(0, TEN, Upload_Checksum=WRONG_SHA1, status="460"),
        at(0),
    ],
    "ext-csum-006-unknown-algorithm": [
        *TWELVE_LONG,
        patch(0, TWELVE, Upload_Checksum="rot13 AAAAAAAA", status="400"),
    ],
    "ext-csum-007-format-validation": [*TWELVE_LONG, patch(0, TWELVE, Upload_Checksum=sha1(TWELVE))],
    "ext-csum-008-retry-after-failure": [
        *TWELVE_LONG,
        patch(0, TWELVE, Upload_Checksum=WRONG_SHA1, status="460"),
        patch(0, TWELVE, Upload_Checksum=sha1(TWELVE)),
    ],
    "opt-csum-001-empty-chunk": [create(Upload_Length=0), at(0)],
    "opt-csum-002-multiple-checksums": [*TWELVE_LONG, patch(0, TWELVE, Upload_Checksum=sha1(TWELVE))],
    "opt-csum-003-creation-with-upload": [
        create(
            Upload_Length=12,
            Content_Type="application/offset+octet-stream",
            Upload_Checksum=sha1(TWELVE),
            body=TWELVE,
            want={"Location": ANY, "Upload_Offset": 12},
        )
    ],
    "scn-error-002-checksum-failure": [
        *TWELVE_LONG,
        patch(0, TWELVE, Upload_Checksum=WRONG_SHA1, status="460"),
        at(0),
        patch(0, TWELVE, Upload_Checksum=sha1(TWELVE)),
    ],
}

EXPIRATION: dict[str, list[Step]] = {
    "ext-expire-001-post-response": [create(want={"Location": ANY})],
    "ext-expire-002-patch-response": BEGUN,
    "ext-expire-003-format": [*STARTED, head(want={"Upload_Expires": DATE})],
    "ext-expire-004-expired-404-410": [*STARTED, head(status="200")],
    "ext-expire-005-410-tracked": [*STARTED, head(status="200")],
    "opt-exp-001-extension-on-activity": [*BEGUN, patch(10, TEN)],
    "opt-exp-002-completed-expiration": [*WHOLE, at(12, 12)],
    "opt-exp-003-precision": [*STARTED, head(status="200")],
    "scn-error-003-expired-upload": [*BEGUN, head(status="200"), create("b", want={"Location": ANY})],
}

TERMINATION: dict[str, list[Step]] = {
    "ext-term-001-delete-204": [*STARTED, delete()],
    "ext-term-002-requires-tus-resumable": [
        *STARTED,
        delete(Tus_Resumable=None, status="412", want=REFUSED),
    ],
    "ext-term-003-deleted-404-410": [*STARTED, delete(), head(status="404|410")],
    "ext-term-004-non-existent": [delete("/nobody-knows-it-either", status="404")],
    "ext-term-005-completed-upload": [*WHOLE, at(12, 12), delete()],
}
