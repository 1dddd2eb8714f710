"""Who may not come in: no token, a wrong one, a cookie without its XSRF header, a body from nobody."""

from __future__ import annotations

import http.client
import json
import re
import socket
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from .openapi import Documented
from .plain_http import Client
from .real_server import RealServer
from .refusal import assert_refused, refused_everywhere

pytestmark = pytest.mark.live
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def browser(server: RealServer) -> Client:
    """A browser that has logged in: cookies, and no token."""
    stranger = server.stranger
    first = stranger.get("/login")
    jar = SimpleCookie(first.headers["Set-Cookie"])
    login = stranger.post(
        "/login",
        data=urlencode({"password": server.token, "_xsrf": jar["_xsrf"].value}).encode(),
        headers={
            "Cookie": f"_xsrf={jar['_xsrf'].value}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert login.status == 302, login
    for header in login.headers.get_all("Set-Cookie") or []:
        jar.load(header)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items() if morsel.value)
    return Client(server.url, {"Cookie": cookies})


def xsrf_of(browser: Client) -> str:
    found = re.search(r"_xsrf=([^;]+)", browser.headers["Cookie"])
    assert found is not None
    return found[1]


@pytest.mark.parametrize("credential", [{}, {"Authorization": "token wrong"}], ids=["none", "wrong token"])
def test_nobody_comes_in_without_a_credential(
    server: RealServer, operations: list[Documented], credential: dict[str, str]
) -> None:
    stranger = server.stranger
    replies = {
        f"{one.verb} {one.path}": stranger.request(one.verb, one.target, headers=credential)
        for one in operations
        if one.verb != "HEAD" and not one.is_page
    }
    assert len(replies) >= 12
    refused_everywhere(replies, {401, 403}, server)


def test_a_stranger_who_asks_for_a_page_is_sent_to_the_login(server: RealServer) -> None:
    reply = server.stranger.get("/nodeapi")
    assert reply.status == 302
    assert "/login" in reply.headers["Location"]


def test_a_cookie_alone_changes_nothing(
    browser: Client, server: RealServer, operations: list[Documented]
) -> None:
    replies = {
        f"{one.verb} {one.path}": browser.request(one.verb, one.target)
        for one in operations
        if one.verb not in {"GET", "HEAD", "OPTIONS"}
    }
    refused_everywhere(replies, {403}, server)


def test_a_cookie_with_its_xsrf_header_may_read_and_write(browser: Client) -> None:
    assert browser.get("/api/models").status == 200
    body = {"path": "refusals/cookie.json", "content": 1}
    saved = browser.post("/api/files/save", json=body, headers={"X-XSRFToken": xsrf_of(browser)})
    assert saved.status == 200


def test_a_foreign_origin_with_a_stolen_cookie_is_refused(browser: Client, server: RealServer) -> None:
    reply = browser.post(
        "/api/files/save",
        json={"path": "refusals/foreign.json", "content": 1},
        headers={"X-XSRFToken": "guessed", "Origin": "https://evil.example"},
    )
    assert_refused(reply, {403, 404}, server)


BODIES = [
    ("POST", "/api/upload"),
    ("PUT", "/api/files/raw?path=refusals/big.bin"),
    ("POST", "/api/files/save"),
]


def head_of(client: Client, verb: str, path: str, length: int, *extra: str) -> bytes:
    kind = "multipart/form-data; boundary=x" if path.endswith("upload") else "application/octet-stream"
    lines = [
        f"{verb} {path} HTTP/1.1",
        f"Host: {client.host}:{client.port}",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, *extra, "", ""]).encode()


@pytest.mark.parametrize(("verb", "path"), BODIES)
def test_expect_100_continue_from_a_stranger_is_answered_without_taking_a_byte(
    server: RealServer, verb: str, path: str
) -> None:
    stranger = server.stranger
    with socket.create_connection((stranger.host, stranger.port), timeout=20) as connection:
        connection.sendall(head_of(stranger, verb, path, 64 * MIB, "Expect: 100-continue"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))  # until the server closes
    assert answer.startswith(b"HTTP/1.1 403"), answer[:200]
    assert b"100" not in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(("verb", "path"), BODIES)
def test_a_strangers_body_is_refused_before_it_is_read(server: RealServer, verb: str, path: str) -> None:
    stranger = server.stranger
    block, size, taken = bytes(64 * 1024), 512 * MIB, 0
    with socket.create_connection((stranger.host, stranger.port), timeout=20) as connection:
        connection.sendall(head_of(stranger, verb, path, size))
        try:
            while taken < size:
                taken += connection.send(block)
        except OSError:
            pass  # the server closed: what it was asked to do
    # What went out sits in the two sockets' buffers (a few MiB); the server itself reads none of it.
    assert taken < 24 * MIB, f"{taken / MIB:.1f} MiB of a stranger's body were taken"


@pytest.mark.parametrize("verb", ["GET", "DELETE", "POST"])
def test_a_refusal_without_a_body_leaves_the_connection_open(server: RealServer, verb: str) -> None:
    # A proxy keeps its connections to the server: one that closes in silence becomes the next caller's 503.
    connection = http.client.HTTPConnection(server.stranger.host, server.stranger.port, timeout=20)
    for _ in range(3):
        connection.request(verb, "/api/files/save" if verb == "POST" else "/api/files/list")
        local = connection.sock.getsockname()
        reply = connection.getresponse()
        assert reply.status in {403, 405}
        assert json.loads(reply.read())["code"]
        assert connection.sock is not None
        assert connection.sock.getsockname() == local
    connection.close()


def test_an_unknown_verb_says_that_the_connection_closes(client: Client) -> None:
    reply = client.request("PROPFIND", "/api/models")
    assert (reply.status, reply.headers["Connection"]) == (405, "close")
