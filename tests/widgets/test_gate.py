"""Through the kernel a page reaches this API, and nothing else of the server."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_nodeapi_widgets._gate import ROOMS, allowed, passed_back, passed_on

from jupyter_nodeapi.routes import ROUTES

FOREIGN = [
    "/",
    "",
    "/api",
    "/api/",
    "/api/contents",
    "/api/kernels",
    "/api/terminals",
    "/api/shutdown",
    "/api/modelsx",
    "/api/uploadx/config",
    "/temporary",
    "/tree",
    "/nodeapi",
    "//api/models",
    "api/models",
    "http://127.0.0.1/api/models",
    "/API/models",
    "/api%2Fmodels",
    "/%61pi/models",
    "/x/../api/models",
]
UPWARDS = [
    "/api/models/../contents",
    "/api/models/..",
    "/api/models/./x",
    "/api/models/%2e%2e/contents",
    "/api/models/%2E./contents",
    "/api/models/..%2fcontents",
    "/api/models/..%5ccontents",
    "/api/models/..\\contents",
    "/api/models/%252e%252e/contents",
    "/api/models/%25252e%25252e%25252fcontents",
    "/api/models/..;/contents",
    "/temp/../api/contents",
    "/temp/a%2f..%2f..%2fapi/contents",
]
ODD = [
    "/api/models\r\nX: y",
    "/api/models HTTP/1.1",
    "/api/models\x00",
    "/api/modéls",
    "/api/models#x",
    "/api/models/" + "x" * 9000,
    "/api/downloads/events",
]


@pytest.mark.parametrize("path", [*FOREIGN, *UPWARDS, *ODD])
def test_nothing_else_of_the_server_is_reached(path: str) -> None:
    assert not allowed("GET", path)


@pytest.mark.parametrize(
    "path",
    [
        "/api/models?q=..",
        "/api/models/Object%20Detection",
        "/api/models/download/org%2Fname",
        "/api/upload?sessionId=a&filename=%2Fb",
        "/temp/uploads/s/N_1/a..b.png",
        "/api/nodeapi",
    ],
)
def test_the_api_is_reached(path: str) -> None:
    assert allowed("POST", path)


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS", "get", "", "GET /x"])
def test_only_the_verbs_of_the_api_pass(method: str) -> None:
    assert not allowed(method, "/api/models")


def test_every_room_is_one_of_the_api_and_every_route_is_in_a_room() -> None:
    routes = {re.split(r"[(\[\\?]", route.pattern)[0].rstrip("/") for route in ROUTES} - {"/nodeapi"}
    assert all(any(route == room or route.startswith(f"{room}/") for room in ROOMS) for route in routes)
    assert all(any(route == room or route.startswith(f"{room}/") for route in routes) for room in ROOMS)


@given(
    st.lists(
        st.sampled_from(["..", ".", "%2e", "%2f", "/", "\\", "%5c", "%25", "2e", "2f", "a", "?"]), max_size=12
    )
)
def test_what_passes_stays_in_its_room_however_often_it_is_decoded(pieces: list[str]) -> None:
    path = "/api/models/" + "".join(pieces)
    if allowed("GET", path):
        bare = path.split("?")[0]
        for _ in range(6):
            assert not {"..", "."} & set(re.split(r"[/\\]", bare))
            bare = unquote(bare)


def test_no_cookie_and_no_other_token_is_passed_on() -> None:
    sent = {
        "Content-Type": "text/x",
        "Cookie": "a",
        "Authorization": "token x",
        "Host": "y",
        "X-Forwarded-For": "z",
    }
    assert passed_on(sent) == {"Content-Type": "text/x"}
    assert passed_on({"Range": "bytes=0-\r\nCookie: a", "Accept": 7}) == {}  # type: ignore[dict-item]
    assert passed_back({"etag": "1", "set-cookie": "a", "server": "b"}) == {"etag": "1"}
