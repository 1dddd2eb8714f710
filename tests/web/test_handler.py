"""What every handler does before and after its one service call."""

import asyncio
import gc
from urllib.parse import urlsplit

import pytest

from jupyter_nodeapi.errors import Conflict


def fields(reply):
    assert reply.headers["Content-Type"].startswith("application/json")
    assert {"code", "message", "hint", "retryable", "requestId"} <= set(reply.json)
    assert b"/secret" not in reply.body
    return reply.status, reply.json["code"]


def test_a_body_of_the_right_shape_is_answered(floor):
    reply = floor.post("test/echo", json={"text": "ä", "unknown": 1})
    assert (reply.status, reply.json) == (201, {"text": "ä", "size": 0})


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"{", "invalid_json", None),
        (b'{"text": NaN}', "invalid_json", None),
        (b'{"text": "a", "text": "b"}', "invalid_json", None),
        (b"[]", "invalid_parameter", None),
        (b"{}", "invalid_parameter", "text"),
        (b'{"text": 5}', "invalid_parameter", "text"),
        (b'{"text": "a", "size": "5"}', "invalid_parameter", "size"),
        (b'{"text": "a", "size": true}', "invalid_parameter", "size"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_with_its_field(floor, body, code, field):
    reply = floor.post("test/echo", data=body)
    assert fields(reply) == (400, code)
    assert reply.json.get("field") == field


def test_query_arguments_are_typed(floor):
    assert floor.get("test/echo", params={"limit": "7", "deep": "true"}).json["limit"] == 7
    assert fields(floor.get("test/echo", params={"limit": "seven"})) == (400, "invalid_parameter")
    assert fields(floor.get("test/echo?limit=1&limit=2", raw=True)) == (400, "invalid_parameter")


def test_a_known_etag_is_answered_without_a_body(floor):
    reply = floor.get("test/echo", headers={"If-None-Match": '"e1"'})
    assert (reply.status, reply.body) == (304, b"")


def test_without_a_token_nothing_is_told(floor):
    assert fields(floor.get("test/echo", token=False))[0] == 403
    status, code = fields(floor.post("test/echo", json={}, token=False))
    assert (status, code) == (403, "forbidden")


def test_an_unknown_verb_is_refused_with_those_that_exist(floor):
    reply = floor.request("PATCH", "test/echo", data=b"")
    assert fields(reply) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(reply.headers["Allow"].split(", "))


def test_an_error_of_the_machine_is_told_without_its_path(floor):
    assert fields(floor.delete("test/echo")) == (507, "insufficient_storage")


def test_a_bug_is_told_as_one_without_its_words(floor):
    assert fields(floor.put("test/echo", data=b"")) == (500, "internal_error")


def test_a_large_body_is_drained_and_told(floor):
    head = (
        f"POST BASE/test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {floor.token}\r\n"
        "Content-Length: 3000000\r\n\r\n"
    )
    answer = raw_request(floor, head, b"x" * 3_000_000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer
    assert b"connection: close" not in answer.lower()


def test_a_large_body_without_a_length_is_drained_and_told(floor):
    async def pieces(write):
        for _ in range(40):
            await write(b"x" * 65_536)

    assert fields(floor.post("test/echo", producer=pieces)) == (413, "too_large")


def test_a_sink_takes_the_body_piece_by_piece(floor, sinks):
    reply = floor.post("test/sink", data=b"x" * 5_000_000)
    assert reply.json == {"size": 5_000_000}
    assert sinks[0].complete is True


def test_what_the_sink_refuses_is_told_after_the_body(floor, sinks):
    reply = floor.post("test/sink", data=b"REFUSE" + b"x" * 5_000_000)
    assert fields(reply) == (409, "conflict")
    assert sinks[0].complete is False


def test_what_the_sink_refuses_is_told_also_where_it_cannot_close(floor, sinks):
    sinks.last_words = OSError(28, "No space left on device")
    reply = floor.post("test/sink", data=b"REFUSE" + b"x" * 5_000_000)
    assert fields(reply) == (409, "conflict")
    assert sinks[0].complete is False


def test_a_sink_that_cannot_open_is_told_after_the_body(floor):
    assert fields(floor.post("test/sink?full=1", raw=True, data=b"x" * 2_000_000)) == (
        507,
        "insufficient_storage",
    )


def raw_request(floor, head, body=b"", *, read=65536):
    async def talk():
        parts = urlsplit(floor.base)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(head.replace("BASE/", parts.path).encode() + body)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(read), 10) if read else b""
        writer.close()
        return answer

    return floor.run(talk())


def test_a_sender_who_leaves_midway_frees_the_sink(floor, sinks):
    head = (
        f"POST BASE/test/sink HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {floor.token}\r\n"
        "Content-Length: 1000\r\n\r\n"
    )
    raw_request(floor, head, b"half", read=0)

    async def freed():
        while not sinks:
            await asyncio.sleep(0)
        await asyncio.wait_for(sinks[0].closed.wait(), 10)

    floor.run(freed())
    assert sinks[0].complete is False


def test_a_sink_that_cannot_close_behind_a_sender_who_left_is_a_word_in_the_log(floor, sinks, caplog):
    sinks.last_words = Conflict("Another one goes on.")
    caplog.set_level("INFO")
    unheard = []
    floor.loop.set_exception_handler(lambda loop, context: unheard.append(context))
    test_a_sender_who_leaves_midway_frees_the_sink(floor, sinks)
    gc.collect()
    floor.run(asyncio.sleep(0))
    assert unheard == []
    assert "was given up: Conflict" in caplog.text


def test_a_sender_of_whom_nothing_comes_for_long_is_hung_up_on(floor, jp_serverapp, sinks):
    """A network that is gone does not say so; whoever still says something now and then may be slow."""
    jp_serverapp.web_app.settings["nodeapi_silence_seconds"] = 0.1
    head = (
        f"POST BASE/test/sink HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {floor.token}\r\n"
        "Content-Length: 1000\r\n\r\n"
    )
    assert raw_request(floor, head, b"half") == b""
    floor.run(asyncio.wait_for(sinks[0].closed.wait(), 10))
    assert (sinks[0].complete, bytes(sinks[0].data)) == (False, b"half")


@pytest.mark.parametrize(
    ("route", "length", "body"),
    [("echo", 500, b'{"text": '), ("echo", 5_000, b"drained"), ("sink", 1000, b"")],
)
def test_so_is_one_whose_json_stops_or_whose_refused_body_is_drained(
    floor, jp_serverapp, route, length, body
):
    jp_serverapp.web_app.settings["nodeapi_silence_seconds"] = 0.1
    head = (
        f"POST BASE/test/{route} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {floor.token}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    assert raw_request(floor, head, body) == b""


def test_a_sender_is_not_hung_up_on_for_what_takes_us_long(floor, jp_serverapp, sinks):
    """A slow disk, a slow verb: the sender can do nothing about them."""
    jp_serverapp.web_app.settings["nodeapi_silence_seconds"] = 0.1
    sinks.slow_seconds = 0.3
    reply = floor.post("test/sink", data=b"x" * 200_000)
    assert reply.json == {"size": 200_000}


@pytest.mark.parametrize(
    "extra", ["Content-Length: 900000000\r\n", "Content-Length: 10\r\nExpect: 100-continue\r\n"]
)
def test_a_body_without_login_is_refused_before_it_is_sent(floor, sinks, extra):
    answer = raw_request(floor, f"POST BASE/test/sink HTTP/1.1\r\nHost: 127.0.0.1\r\n{extra}\r\n")
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"connection: close" in answer.lower()
    assert not sinks


def test_a_body_beyond_draining_is_refused_at_once(floor):
    head = (
        f"POST BASE/test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {floor.token}\r\n"
        "Content-Length: 900000000\r\n\r\n"
    )
    answer = raw_request(floor, head)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
