"""What every refusal looks like, whoever gives it."""

from __future__ import annotations

import sys
from collections.abc import Collection

from .plain_http import Reply
from .real_server import RealServer

MACHINE_MAY_SAY = {501, 503, 504, 507}


def faults_of(reply: Reply, expected: Collection[int], server: RealServer) -> list[str]:
    """Return what is wrong with a refusal; an empty list if it is as the API promises."""
    faults = []
    if reply.status not in expected:
        faults.append(f"status {reply.status} instead of {sorted(expected)}")
    if reply.status >= 500 and reply.status not in MACHINE_MAY_SAY:
        faults.append("a server error")
    if reply.status < 400:
        return faults
    if reply.headers.get_content_type() != "application/json":
        return [*faults, f"{reply.headers.get_content_type()}: {reply.body[:80]!r}"]
    error = reply.json
    faults += [f"no {name}" for name in ("code", "message", "hint") if not isinstance(error.get(name), str)]
    text = reply.body.decode()
    secrets = (
        str(server.home),
        server.token,
        sys.prefix,
        "/nodeapi/libs",
        "/nodeapi/temp",
        "Traceback",
        "[Errno",
    )
    return faults + [f"it tells {secret}" for secret in secrets if secret in text]


def assert_refused(
    reply: Reply, expected: Collection[int], server: RealServer, code: str | None = None
) -> None:
    """Hold one refusal to the promise."""
    assert faults_of(reply, expected, server) == [], (reply.status, reply.body[:500])
    if code is not None:
        assert reply.json["code"] == code, reply.json


def refused_everywhere(replies: dict[str, Reply], expected: set[int], server: RealServer) -> None:
    """Hold many refusals to the promise and name each that breaks it."""
    faults = {name: faults_of(reply, expected, server) for name, reply in replies.items()}
    assert {name: found for name, found in faults.items() if found} == {}
