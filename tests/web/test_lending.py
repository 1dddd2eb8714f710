"""The one place that leans on Tornado's inside: noticed when Tornado changes, harmless where it does not fit."""

import socket
import sys
from types import SimpleNamespace

import pytest
from tornado.http1connection import HTTP1Connection
from tornado.iostream import IOStream, SSLIOStream

from jupyter_nodeapi.web import lending


async def nothing(source, left):
    return 0


def request(length, connection=None, stream=IOStream):
    headers = {} if length is None else {"Content-Length": length}
    if connection is None:
        connection = object.__new__(HTTP1Connection)
        connection.stream = object.__new__(stream)
        vars(connection.stream).update(_state=None, _read_buffer_size=0)
    return SimpleNamespace(connection=connection, headers=headers)


def test_this_tornado_reads_bodies_as_expected():
    assert lending.is_supported()


def test_a_large_body_is_read_in_lending():
    given = request("1000000")
    assert lending.lend_socket(given, nothing)
    assert "_read_fixed_body" in vars(given.connection)


@pytest.mark.parametrize("length", [None, "", "10", "x", "\u00b2", "-5"])
def test_a_short_body_or_one_of_unknown_length_stays_as_it_is(length):
    assert not lending.lend_socket(request(length), nothing)


def test_another_connection_or_another_tornado_stays_as_it_is(monkeypatch):
    assert not lending.lend_socket(request("1000000", SimpleNamespace()), nothing)

    async def changed(self, content_length, delegate, more):
        pass

    monkeypatch.setattr(HTTP1Connection, "_read_fixed_body", changed)
    assert not lending.is_supported()
    assert not lending.lend_socket(request("1000000"), nothing)


def test_an_encrypted_line_and_a_stream_that_looks_otherwise_stay_as_they_are():
    assert not lending.lend_socket(request("1000000", stream=SSLIOStream), nothing)
    other = request("1000000")
    del other.connection.stream._state
    assert not lending.lend_socket(other, nothing)


def test_a_sender_on_this_machine_keeps_few_bytes_in_the_socket():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as accepted,
    ):
        given = request("1000000")
        given.connection.stream.socket = accepted
        assert lending.lend_socket(given, nothing)
        if sys.platform == "linux":
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP) == 2 << 20


@pytest.mark.parametrize("peer", [("192.0.2.1", 4000), ("2001:db8::1", 4000, 0, 0), "", None])
def test_a_sender_from_afar_keeps_its_window(peer):
    told = []
    given = request("1000000")
    given.connection.stream.socket = SimpleNamespace(
        getpeername=lambda: peer, setsockopt=lambda *option: told.append(option)
    )
    if peer is None:
        given.connection.stream.socket = None  # the stream was closed
    assert lending.lend_socket(given, nothing)
    assert told == []
