"""Conversations with a tus server as data: what is sent, and what must come back."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from tests.live.plain_http import Client, Reply

ROOT = "/api/upload/tus"
OFFSET_STREAM = "application/offset+octet-stream"
DATE = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"


class Step(NamedTuple):
    """One request and its answer.

    ``upload`` names what is asked: the name that an earlier ``POST`` gave to its Location, a path when it begins
    with a slash, or nothing for the root. ``status`` and the values of ``want`` are regular expressions; None
    wants the header absent. ``{name}`` in a header is the Location of that upload.
    """

    method: str
    upload: str
    status: str
    headers: Mapping[str, str]
    body: bytes | None
    want: Mapping[str, str | None]


def _step(
    method: str, upload: str, status: str, headers: Mapping[str, object], body: bytes | None, want: Any
) -> Step:
    sent = {"Tus_Resumable": "1.0.0", **headers}
    return Step(
        method,
        upload,
        status,
        {name.replace("_", "-"): str(value) for name, value in sent.items() if value is not None},
        body,
        {
            name.replace("_", "-"): None if value is None else str(value)
            for name, value in (want or {}).items()
        },
    )


def create(
    upload: str = "a", *, status: str = "201", body: bytes | None = None, want: Any = None, **headers: object
) -> Step:
    """POST; the length is 100 where neither a length, its deferral nor a final concatenation is said."""
    says = {"Upload_Length", "Upload_Defer_Length"} & headers.keys()
    if not says and not str(headers.get("Upload_Concat", "")).startswith("final"):
        headers["Upload_Length"] = 100
    return _step("POST", upload, status, headers, body, want)


def patch(
    offset: int | None,
    body: bytes | None,
    upload: str = "a",
    *,
    status: str = "204",
    want: Any = None,
    **headers: object,
) -> Step:
    """PATCH at an offset; a 204 must tell the new one."""
    if status == "204":
        want = {"Upload_Offset": (offset or 0) + len(body or b""), **(want or {})}
    sent = {"Upload_Offset": offset, "Content_Type": OFFSET_STREAM, **headers}
    return _step("PATCH", upload, status, sent, body, want)


def head(upload: str = "a", *, status: str = "200|204", want: Any = None, **headers: object) -> Step:
    """HEAD of an upload."""
    return _step("HEAD", upload, status, headers, None, want)


def at(offset: int, length: int | None = None, upload: str = "a", **want: object) -> Step:
    """HEAD of an upload that stands at `offset` of `length`."""
    expected = {"Upload_Offset": offset, **({} if length is None else {"Upload_Length": length}), **want}
    return head(upload, want=expected)


def options(*, status: str = "200", **want: object) -> Step:
    """OPTIONS of the root, without a version as the protocol allows."""
    return _step("OPTIONS", "", status, {"Tus_Resumable": None}, None, want)


def delete(upload: str = "a", *, status: str = "204", want: Any = None, **headers: object) -> Step:
    """DELETE an upload."""
    return _step("DELETE", upload, status, headers, None, want)


def metadata(**pairs: str) -> str:
    """Spell Upload-Metadata."""
    return ",".join(
        f"{name.replace('_', '-')} {base64.b64encode(value.encode()).decode()}"
        for name, value in pairs.items()
    )


def sha1(data: bytes) -> str:
    """Spell Upload-Checksum."""
    return f"sha1 {base64.b64encode(hashlib.sha1(data).digest()).decode()}"


def converse(client: Client, steps: list[Step]) -> list[Reply]:
    """Hold a conversation and every answer against what is wanted."""
    origin = f"http://{client.host}:{client.port}"
    root = f"{origin}{client.base}{ROOT}"
    known: dict[str, str] = {}
    replies = []
    for number, step in enumerate(steps, 1):
        url = known.get(step.upload, f"{root}{step.upload if step.upload.startswith('/') else ''}")
        if step.method == "POST":
            url = root
        headers = {
            name: re.sub(r"\{(/?[\w-]*)\}", lambda m: known.get(m[1], f"{root}{m[1]}"), value)
            for name, value in step.headers.items()
        }
        path = url.removeprefix(f"{origin}{client.base}")
        reply = client.request(step.method, path, data=step.body, headers=headers)
        replies.append(reply)
        said = (
            f"step {number}, {step.method} {step.upload}: {reply.status} {dict(reply.headers)} {reply.body!r}"
        )
        assert re.fullmatch(step.status, str(reply.status)), said
        for name, pattern in step.want.items():
            value = reply.headers.get(name)
            assert value is None if pattern is None else re.fullmatch(pattern, value or ""), (
                f"{name} in {said}"
            )
        if step.method == "POST" and "Location" in reply.headers:
            # What the server says may be relative (RFC 9110, 10.2.2); clients resolve it.
            known[step.upload] = urljoin(url, reply.headers["Location"])
            assert urlsplit(known[step.upload]).scheme == "http"
    return replies
