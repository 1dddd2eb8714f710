"""A burst takes what comes without a pause, in order, and says how much that was, whatever happens."""

import asyncio
import os
import socket
import threading

import pytest

from jupyter_nodeapi.disk import bursts
from jupyter_nodeapi.disk.bursts import Receiver
from jupyter_nodeapi.errors import Unavailable

MIB = 1 << 20


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def take(receiver, source, left, absorb=None):
    """Give the burst after it has run, and what it passed on."""
    seen = bytearray()
    burst = receiver.burst(source.dup(), left)
    asyncio.run(burst.run(absorb or (lambda data, size: seen.extend(data[:size]))))
    return burst, bytes(seen)


def test_what_comes_is_passed_on_in_order_up_to_what_may_be_read(line, receiver):
    ours, theirs = line
    data = os.urandom(3 * MIB + 77)
    sender = threading.Thread(target=theirs.sendall, args=(data + b"next request",))
    sender.start()
    got = b""
    while len(got) < len(data):
        burst, seen = take(receiver, ours, len(data) - len(got))
        assert burst.taken == len(seen) > 0
        got += seen
    sender.join()
    assert (got, ours.recv(100)) == (data, b"next request")


def test_no_more_is_taken_than_is_wanted_now(line, receiver):
    ours, theirs = line
    theirs.sendall(b"x" * 3000)
    burst = receiver.burst(ours.dup(), 4000)
    asyncio.run(burst.run(lambda data, size: None, 2500))
    assert (burst.taken, burst.most) == (2500, 4000)


def test_a_turn_ends_with_its_bytes_and_with_its_time(line, receiver, monkeypatch):
    ours, theirs = line
    theirs.sendall(b"abcdef")
    monkeypatch.setattr(bursts, "_TURN_BYTES", 4)
    assert take(receiver, ours, 100)[1] == b"abcd"
    monkeypatch.setattr(bursts, "_TURN_SECONDS", -1.0)
    assert take(receiver, ours, 100)[1] == b""


@pytest.mark.parametrize("gone", [True, False])
def test_a_pause_and_a_lost_sender_end_it(line, receiver, gone):
    ours, theirs = line
    theirs.sendall(b"abc")
    if gone:
        theirs.close()
    assert take(receiver, ours, 100)[1] == b"abc"
    assert take(receiver, ours, 100)[1] == b""


def test_what_was_read_is_counted_when_it_is_refused(line, receiver):
    ours, theirs = line
    theirs.sendall(b"abc")

    def refuse(data, size):
        raise OSError("full")

    burst = receiver.burst(ours.dup(), 100)
    with pytest.raises(OSError, match="full"):
        asyncio.run(burst.run(refuse))
    assert burst.taken == 3


def test_buffers_are_used_again(line, receiver):
    ours, theirs = line
    seen = []
    for _ in range(3):
        theirs.sendall(b"abc")
        take(receiver, ours, 100, lambda data, size: seen.append(id(data)))
    assert len(set(seen)) == 1


def test_a_closed_receiver_refuses_and_lets_go_of_the_socket(line):
    receiver = Receiver()
    receiver.close()
    source = line[0].dup()
    with pytest.raises(Unavailable):
        asyncio.run(receiver.burst(source, 10).run(lambda data, size: None))
    assert source.fileno() == -1


def test_a_disk_that_hangs_holds_up_nobody_else(line, receiver, monkeypatch):
    """Who already waits for the thread, and who comes later, goes another way until it is back."""
    ours, theirs = line
    monkeypatch.setattr(bursts, "_STUCK_SECONDS", 0.02)
    hangs, back = threading.Event(), threading.Event()

    def hang(data, size):
        hangs.set()
        assert back.wait(10)

    async def story():
        theirs.sendall(b"abc")
        first = asyncio.ensure_future(receiver.burst(ours.dup(), 3).run(hang))
        await asyncio.to_thread(hangs.wait)
        sources = [ours.dup(), ours.dup()]
        for source in sources:  # the first of them is in the queue when it is noticed
            burst = receiver.burst(source, 100)
            await asyncio.wait_for(burst.run(lambda data, size: None), 5)
            assert (burst.taken, source.fileno()) == (0, -1)
        back.set()
        await first
        theirs.sendall(b"def")
        burst = receiver.burst(ours.dup(), 3)
        await burst.run(lambda data, size: None)
        return burst.taken

    assert asyncio.run(story()) == 3
