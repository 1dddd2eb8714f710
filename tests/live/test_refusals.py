"""What may not come in: JSON that is none, fields of a wrong type, broken forms, too much of anything."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from .openapi import Documented
from .plain_http import Client, multipart
from .real_server import RealServer
from .refusal import assert_refused, refused_everywhere

pytestmark = pytest.mark.live
MIB = 1024 * 1024


NOT_JSON = {
    "nothing": b"",
    "half an object": b'{"path": "a',
    "a word": b"nope",
    "two values": b"{}{}",
    "NaN": b'{"path": "a", "content": NaN, "filePath": "/temp/a", "start": NaN}',
    "Infinity": b'{"path": "a", "content": -Infinity}',
    "duplicate keys": b'{"path": "a", "path": "b", "content": 1}',
    "a byte order mark": b'\xef\xbb\xbf{"path": "a", "content": 1}',
    "UTF-16": '{"path": "a", "content": 1}'.encode("utf-16"),
    "broken UTF-8": b'{"path": "\xff\xfe", "content": 1}',
    "a lone surrogate": rb'{"path": "\ud800", "content": "\udfff"}',
    "a control character": b'{"path": "a\nb", "content": 1}',
    "a single quote": b"{'path': 'a'}",
    "a trailing comma": b'{"path": "a",}',
    "a hundred thousand brackets": b"[" * 100_000,
    "too deep an object": b'{"path": "a", "content": ' + b"[" * 101 + b"]" * 101 + b"}",
}


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_not_json_is_refused_by_every_route_that_takes_json(
    client: Client, server: RealServer, operations: list[Documented], case: str
) -> None:
    takers = [one for one in operations if one.takes_json]
    assert {"/api/files/save", "/api/audio/trim"} <= {one.path for one in takers}
    sent = {"Content-Type": "application/json"}
    replies = {
        one.path: client.request(one.verb, one.target, data=NOT_JSON[case], headers=sent) for one in takers
    }
    refused_everywhere(replies, {400}, server)
    assert {reply.json["code"] for reply in replies.values()} == {"invalid_json"}


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true", '[{"path": "a"}]', "{}"])
def test_json_of_another_shape_is_refused(
    client: Client, server: RealServer, operations: list[Documented], body: str
) -> None:
    replies = {
        one.path: client.request(one.verb, one.target, data=body.encode())
        for one in operations
        if one.takes_json and "resolve" not in one.path
    }
    refused_everywhere(replies, {400}, server)


WRONG = {
    "/api/files/save": [
        {"path": 1, "content": 1},
        {"path": None, "content": 1},
        {"path": ["a"], "content": 1},
        {"path": "a"},
        {"content": 1},
        {"path": "a", "content": 1, "overwrite": "no"},
    ],
    "/api/audio/trim": [
        {"filePath": 1, "start": 0, "end": 1, "sessionId": "s"},
        {"filePath": "/temp/a", "start": None, "end": 1, "sessionId": "s"},
        {"filePath": "/temp/a", "start": True, "end": 1, "sessionId": "s"},
        {"filePath": "/temp/a", "start": [0], "end": 1, "sessionId": "s"},
        {"filePath": "/temp/a", "start": "soon", "end": 1, "sessionId": "s"},
        {"filePath": "/temp/a", "start": "1e400", "end": 1, "sessionId": "s"},
        {"start": 0, "end": 1, "sessionId": "s"},
    ],
}


@pytest.mark.parametrize(
    ("path", "body"), [(path, body) for path, bodies in WRONG.items() for body in bodies]
)
def test_a_field_of_a_wrong_type_is_named_as_such(
    client: Client, server: RealServer, path: str, body: dict[str, object]
) -> None:
    assert_refused(client.post(path, json=body), {400}, server)


def test_a_json_body_above_the_limit_is_a_413_that_the_sender_sees(
    client: Client, server: RealServer
) -> None:
    body = json.dumps({"filePath": "x" * 8 * MIB, "start": 0, "end": 1, "sessionId": "s"}).encode()
    assert_refused(client.post("/api/audio/trim", data=body), {413}, server, "too_large")


def test_a_chunk_above_the_limit_is_a_413_that_the_sender_sees(client: Client, server: RealServer) -> None:
    reply = client.chunk(0, 2, bytes(65 * MIB))
    assert_refused(reply, {413}, server)
    assert reply.json["success"] is False
    assert reply.json["error"] == reply.json["message"]


FIELDS = {
    "filename": "a.bin",
    "chunkIndex": "0",
    "totalChunks": "2",
    "sessionId": "r",
    "nodeId": "1",
    "nodeName": "N",
}
NUMBERS = ["-1", "1.5", "one", "", " ", "0x1", "1e3", "\N{ARABIC-INDIC DIGIT THREE}", "9" * 400, "NaN", "+1"]
WRONG_FIELDS = [
    *[{"chunkIndex": number} for number in NUMBERS],
    *[{"totalChunks": number} for number in [*NUMBERS, "0"]],
    {"chunkIndex": "2"},
    {"filename": ""},
    {"sessionId": ""},
    {"sessionId": "a\x00b"},
    {"nodeName": "x" * 200},
    {"sessionId": "line\nbreak"},
]


@pytest.mark.parametrize("wrong", WRONG_FIELDS, ids=lambda wrong: repr(wrong)[:40])
def test_an_upload_with_a_wrong_field_is_refused(
    client: Client, server: RealServer, wrong: dict[str, str]
) -> None:
    reply = client.form("/api/upload", {**FIELDS, **wrong}, b"data")
    assert_refused(reply, {400, 413}, server)
    assert reply.json["success"] is False
    assert reply.json["error"] == reply.json["message"]


@pytest.mark.parametrize("missing", ["filename", "chunkIndex", "totalChunks", "sessionId"])
def test_an_upload_without_a_field_names_it(client: Client, server: RealServer, missing: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    reply = client.form("/api/upload", fields, b"data")
    assert_refused(reply, {400}, server)
    assert missing in reply.body.decode()


def broken_forms() -> dict[str, tuple[bytes, str]]:
    """Return bodies and content types that are no form with one file."""
    body, kind = multipart(FIELDS, b"data")
    form = body.decode()
    repeated = form.replace('name="nodeId"', 'name="sessionId"')
    two_files = form.replace('name="nodeId"', 'name="file"; filename="b"')
    return {
        "no boundary": (body, "multipart/form-data"),
        "another boundary": (body, "multipart/form-data; boundary=another"),
        "an empty boundary": (body, 'multipart/form-data; boundary=""'),
        "JSON": (json.dumps(FIELDS).encode(), "application/json"),
        "url-encoded": (urlencode(FIELDS).encode(), "application/x-www-form-urlencoded"),
        "no content type": (body, ""),
        "no end": (body[:-8], kind),
        "nothing": (b"", kind),
        "no file": (form.replace('name="file"', 'name="other"').encode(), kind),
        "a field twice": (repeated.encode(), kind),
        "two files": (two_files.encode(), kind),
        "a part without a name": (form.replace('name="filename"', "x=y").encode(), kind),
        "an endless header": (form.replace("blob", "b" * 100_000).encode(), kind),
    }


@pytest.mark.parametrize("case", broken_forms())
def test_a_broken_form_is_refused(client: Client, server: RealServer, case: str) -> None:
    body, kind = broken_forms()[case]
    reply = client.post("/api/upload", data=body, headers={"Content-Type": kind})
    assert_refused(reply, {400, 413, 415}, server)
    assert reply.json["success"] is False
