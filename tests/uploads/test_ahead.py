"""A large unfinished file is synced while it arrives; a disk that loses bytes then keeps it from its name."""

import asyncio
import errno
import os
import threading

import pytest

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Conflict
from jupyter_nodeapi.uploads import ahead
from jupyter_nodeapi.uploads.ahead import Lost
from jupyter_nodeapi.uploads.incoming import Incoming

from .bench import PATH, run
from .test_tus_limits import Tus


@pytest.fixture
def synced(monkeypatch):
    """Descriptors that were synced before the end; every second MiB begins a sync."""
    seen = []
    monkeypatch.setattr(ahead, "_STEP_BYTES", (2, 2))
    monkeypatch.setattr(os, "fdatasync", seen.append)
    return seen


async def send_two(bench):
    await bench.send(0, 2, b"ab")
    deadline = asyncio.get_running_loop().time() + 5
    slot = bench.store.shelf.take(bench.request(0, 2).identity.key)
    while slot.ahead._task is not None:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0)
    bench.store.shelf.give(slot)
    return await bench.send(1, 2, b"c")


def test_a_file_is_synced_before_it_is_whole(bench, synced):
    assert run(send_two(bench)).done
    assert len(synced) == 1
    assert bench.file() == b"abc"


def test_one_sync_at_a_time(synced, monkeypatch):
    """What comes while the disk is busy waits for the next sync, and shares it."""
    alone, all_written = threading.Lock(), threading.Event()

    def sync(fd):
        synced.append(alone.acquire(blocking=False))
        assert all_written.wait(10)
        alone.release()

    monkeypatch.setattr(os, "fdatasync", sync)

    async def story():
        one = ahead.Ahead(Threads(2))
        fd = os.open(os.devnull, os.O_RDONLY)
        for size in (2, 2, 1):
            await one.wrote(fd, size)
            await asyncio.sleep(0)
        all_written.set()
        await one.settle()
        os.close(fd)

    run(story())
    assert synced == [True, True]


def test_steps_shrink_as_the_end_comes_near():
    one = ahead.Ahead(Threads(2))
    steps = []
    for left in (1 << 40, 32 << 20, 1 << 20, -5):
        one.left = left
        steps.append(one.step >> 20)
    assert steps == [16, 8, 2, 2]


def test_turns_at_the_socket_shrink_with_the_steps(tmp_path):
    """Else a turn near the end would bring more than the last step to the disk may have."""
    wanted = []

    class Burst:
        async def run(self, absorb, most):
            wanted.append(most)

    async def story(left):
        one = ahead.Ahead(Threads(2))
        one.left = left
        fd = os.open(tmp_path / "data", os.O_RDWR | os.O_CREAT)
        incoming = Incoming(Threads(2), 1 << 30, fd=fd, ahead=one)
        await incoming.receive(Burst(), lambda data, size: None)
        await incoming.close()

    for left in (1 << 40, 1 << 20):
        run(story(left))
    assert [most >> 20 for most in wanted] == [16, 2]


def test_what_is_still_to_come_leaves_out_what_other_chunks_have_brought(bench):
    """Else the last steps are large with several connections, and the end waits for them."""

    async def story():
        one, two = [bench.request(index, 3, chunkSize="4") for index in (0, 1)]
        first = await bench.store.begin(one, "")
        await first.write(b"abc")
        await first.settle()
        second = await bench.store.begin(two, "")
        left = bench.store.shelf.take(one.identity.key).ahead.left
        for incoming in (first, second):
            await bench.store.abandon(incoming)
        return left

    assert run(story()) == 9


def test_who_writes_faster_than_the_disk_waits_for_it(synced, monkeypatch):
    """What is left to sync when the last byte comes is bounded, however long the file is."""
    asked, done = threading.Semaphore(0), threading.Semaphore(0)

    def sync(fd):
        asked.release()
        assert done.acquire(timeout=10)

    monkeypatch.setattr(os, "fdatasync", sync)

    async def story():
        one, fd = ahead.Ahead(Threads(2)), os.open(os.devnull, os.O_RDONLY)
        await one.wrote(fd, 3)
        await asyncio.to_thread(asked.acquire)
        await one.wrote(fd, 2)
        held = asyncio.ensure_future(one.wrote(fd, 2))
        await asyncio.sleep(0)
        assert not held.done()
        done.release(2)
        await asyncio.wait_for(held, 10)
        await one.settle()
        os.close(fd)

    run(story())


@pytest.fixture
def losing(synced, monkeypatch):
    """A disk that loses bytes, and tells it once; truth is put right by ``losing.clear()``."""
    loses = threading.Event()
    loses.set()

    def lose(fd):
        if loses.is_set():
            raise OSError(errno.EIO, "lost")

    monkeypatch.setattr(os, "fdatasync", lose)
    return loses


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_whose_bytes_the_disk_lost_never_gets_its_name(bench, losing, restarted):
    async def story():
        with pytest.raises(Lost):
            await send_two(bench)
        assert not bench.root.resolve(PATH).exists()
        losing.clear()
        if restarted:
            bench.restart()
        assert await bench.store.look(bench.request(0, 2).identity, "") is None
        assert not bench.root.resolve(PATH).exists()
        assert (await bench.send(1, 2, b"c")).done is None
        assert (await bench.send(0, 2, b"ab")).done

    run(story())
    assert bench.file() == b"abc"


def test_a_tus_upload_whose_bytes_the_disk_lost_begins_again(tmp_path, losing):
    tus = Tus(tmp_path)

    async def story():
        upload_id = await tus.create(4)
        sink = await tus.open(upload_id)
        await sink.feed(b"abcd")
        with pytest.raises(Conflict) as caught:
            await sink.close(True)
        assert (caught.value.code, caught.value.details) == ("bytes_lost", {"uploadOffset": 0})
        losing.clear()
        assert await tus.offset(upload_id) == 0
        assert await tus.send(upload_id, b"abcd") == 4

    run(story())
    assert tus.bench.file() == b"abcd"
