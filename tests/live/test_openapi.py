"""The OpenAPI document is true: generated requests get no 5xx, and every reply is what the document says."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .openapi import VERBS, Documented
from .plain_http import Client
from .real_server import RealServer
from .refusal import MACHINE_MAY_SAY, assert_refused

pytestmark = pytest.mark.live
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SECONDS = 40
"""The whole sweep ends by then, however many routes there are."""


@schemathesis.serializer("application/offset+octet-stream")
def offset_octets(ctx: object, value: object) -> bytes:
    """Send the bodies of tus as the bytes they are."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


class Enough(Exception):
    """The time of one operation is over."""


def is_stream(operation: dict[str, object]) -> bool:
    """Whether a reply has no end: server-sent events."""
    return "text/event-stream" in str(operation["responses"])


def generated(client: Client) -> Iterator[schemathesis.schemas.APIOperation]:
    document = client.get("/api/nodeapi/openapi.json").json
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = result.ok()
        if not is_stream(operation.definition.raw):
            yield operation


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_generated_requests_are_answered_as_documented(
    server: RealServer, client: Client, mode: GenerationMode
) -> None:
    operations = list(generated(client))
    if mode is GenerationMode.NEGATIVE:  # a path's variable takes any text: there is no wrong one
        operations = [operation for operation in operations if operation.query or operation.body]
    assert len(operations) >= 8
    share = SECONDS / 2 / len(operations)
    failures = {}
    for operation in operations:
        found = first_failure(operation, server, mode, share)
        if found:
            failures[operation.label] = found
    assert failures == {}


def first_failure(
    operation: schemathesis.schemas.APIOperation, server: RealServer, mode: GenerationMode, seconds: float
) -> str | None:
    """Send up to thirty generated requests within the time given and return what was wrong, if anything."""
    deadline = time.monotonic() + seconds

    @seed(3)
    @settings(
        max_examples=30,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        if time.monotonic() > deadline:
            raise Enough
        headers = {"Authorization": f"token {server.token}"}
        response = case.call(
            base_url=server.url.rstrip("/"), headers=headers, timeout=30, allow_redirects=False
        )
        checks = CHECKS if response.status_code in MACHINE_MAY_SAY else [not_a_server_error, *CHECKS]
        case.validate_response(response, checks=checks)

    try:
        send()
    except (Enough, Unsatisfiable):
        return None  # the time is over, or any bytes will do: there are no wrong ones
    except FailureGroup as group:
        return "\n".join(str(failure) for failure in group.exceptions)[:1500]
    return None


def test_every_undocumented_verb_is_refused_as_json(
    server: RealServer, client: Client, operations: list[Documented]
) -> None:
    known: dict[str, set[str]] = {}
    for one in operations:
        known.setdefault(one.path, set()).add(one.verb)
    targets = {one.path: one.target for one in operations}
    for path, verbs in known.items():
        for verb in {*VERBS, "PROPFIND"} - verbs:
            reply = client.request(verb, targets[path])
            assert_refused(reply, {405}, server, "method_not_allowed")
            allowed = {name.strip() for name in reply.headers["Allow"].split(",")}
            assert verbs <= allowed, f"{verb} {path} allows {allowed}"
            assert verb not in allowed


def test_the_document_names_every_route_of_the_users_document(operations: list[Documented]) -> None:
    promised = {
        ("GET", "/api/models"),
        ("GET", "/api/models/{category}"),
        ("POST", "/api/models/download/{id}"),
        ("GET", "/api/downloads/status/{job_id}"),
        ("POST", "/api/files/save"),
        ("GET", "/api/files/read"),
        ("GET", "/api/files/list"),
        ("POST", "/api/upload"),
        ("POST", "/api/audio/trim"),
    }
    assert promised <= {(one.verb, one.path) for one in operations}


def test_the_document_is_openapi_3_1(client: Client) -> None:
    document = client.get("/api/nodeapi/openapi.json").json
    assert document["openapi"].startswith("3.1")
    identifiers = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(identifiers)) == len(identifiers)
