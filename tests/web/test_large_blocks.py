"""The one place that leans on Tornado's inside: noticed when Tornado changes, harmless where it does not fit."""

from types import SimpleNamespace

import pytest
from tornado.http1connection import HTTP1Connection

from jupyter_nodeapi.web import large_blocks


async def nothing():
    pass


def request(length, connection=None):
    headers = {} if length is None else {"Content-Length": length}
    return SimpleNamespace(connection=connection or object.__new__(HTTP1Connection), headers=headers)


def test_this_tornado_reads_bodies_as_expected():
    assert large_blocks.is_supported()


def test_a_large_body_is_read_in_large_blocks():
    given = request("1000000")
    assert large_blocks.read_large_blocks(given, nothing)
    assert "_read_fixed_body" in vars(given.connection)


@pytest.mark.parametrize("length", [None, "", "10", "x", "\u00b2", "-5"])
def test_a_short_body_or_one_of_unknown_length_stays_as_it_is(length):
    assert not large_blocks.read_large_blocks(request(length), nothing)


def test_another_connection_or_another_tornado_stays_as_it_is(monkeypatch):
    assert not large_blocks.read_large_blocks(request("1000000", SimpleNamespace()), nothing)

    async def changed(self, content_length, delegate, more):
        pass

    monkeypatch.setattr(HTTP1Connection, "_read_fixed_body", changed)
    assert not large_blocks.is_supported()
    assert not large_blocks.read_large_blocks(request("1000000"), nothing)
