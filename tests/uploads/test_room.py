"""Many senders on a small disk: together they never use up its reserve, and who is refused goes on later."""

import asyncio
import contextlib
import os
import stat
import types

import pytest

from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import InsufficientStorage
from jupyter_nodeapi.files.conditions import Conditions
from jupyter_nodeapi.files.library import Library

from .bench import Bench, run
from .test_tus_limits import Tus

MIB = 1 << 20
DISK = 10 * MIB
PIECE = os.urandom(MIB)


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A disk of 10 MiB that holds nothing but the test's folder; gives what is free."""

    def free():
        sizes = {}  # by inode: what is renamed while this looks may be seen twice
        for path in tmp_path.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                facts = path.lstat()
                sizes[facts.st_ino] = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        return DISK - sum(sizes.values())

    facts = types.SimpleNamespace(f_frsize=1, f_blocks=DISK)
    monkeypatch.setattr(os, "statvfs", lambda path: types.SimpleNamespace(**vars(facts), f_bavail=free()))
    return free


class Form:
    """A file of one chunk, 3 MiB, by the documented form."""

    def __init__(self, folder, *, file_first=False):
        self.bench = Bench(folder)
        self.file_first = file_first

    async def open(self, number):
        store, request = self.bench.store, self.bench.request(0, 1, filename=f"{number}.bin")
        opening = store.spool(3 * MIB) if self.file_first else store.begin(request, "", 3 * MIB)
        incoming = await opening

        async def close(complete):
            if complete:
                await store.commit(incoming, request, "")
            await store.abandon(incoming)

        return types.SimpleNamespace(feed=incoming.write, close=close)


class FormFileFirst(Form):
    """The same, with the file before its fields."""

    def __init__(self, folder):
        super().__init__(folder, file_first=True)


class TusBody:
    """One PATCH of 3 MiB."""

    def __init__(self, folder):
        self.tus = Tus(folder)

    async def open(self, number):
        return await self.tus.open(await self.tus.create(3 * MIB, filename=f"{number}.bin"), expected=3 * MIB)


class TusOfUnknownLength(TusBody):
    """The same, chunked: nobody says how much will come."""

    async def open(self, number):
        return await self.tus.open(await self.tus.create(3 * MIB, filename=f"{number}.bin"))


class Put:
    """A raw PUT of 3 MiB."""

    def __init__(self, folder):
        threads = Bench(folder).threads
        self.library = Library(Root(folder / "lib"), threads, Space(0))

    async def open(self, number):
        return await self.library.receive(f"{number}.bin", 3 * MIB, Conditions())


DOORS = [Form, FormFileFirst, TusBody, TusOfUnknownLength, Put]


@pytest.mark.parametrize("door", DOORS)
def test_many_senders_never_share_one_room(tmp_path, disk, monkeypatch, door):
    lowest = [DISK]
    write = os.pwritev
    monkeypatch.setattr(os, "pwritev", lambda *a: (write(*a), lowest.append(disk()))[0])
    sender = door(tmp_path)
    kept = []

    async def send(number):
        sink = await sender.open(number)
        whole = False
        try:
            for _ in range(3):
                await sink.feed(PIECE)
                await asyncio.sleep(0.001)
            whole = True
        finally:
            await sink.close(whole)
        kept.append(number)

    async def story():
        ends = await asyncio.gather(*(send(number) for number in range(8)), return_exceptions=True)
        assert {type(end) for end in ends} <= {type(None), InsufficientStorage}

    run(story())
    assert min(lowest) >= 0
    assert disk() >= 0
    assert len(kept) <= 3
    if door is not TusOfUnknownLength:
        assert len(kept) == 3


@pytest.mark.parametrize("door", [Form, FormFileFirst, TusBody, Put])
def test_who_was_refused_goes_on_when_the_others_have_gone(tmp_path, disk, door):
    sender = door(tmp_path)

    async def story():
        first = [await sender.open(number) for number in range(3)]
        for sink in first:
            await sink.feed(PIECE)
        with pytest.raises(InsufficientStorage):
            await sender.open(9)
        for sink in first:
            await sink.close(False)
        again = await sender.open(10)
        await again.feed(PIECE)
        await again.close(False)

    run(story())


def test_a_chunk_that_must_be_copied_needs_room_for_the_copy(tmp_path, disk):
    """Three MiB came before their place was known; with two more free they cannot be copied to it."""
    bench = Bench(tmp_path)
    (tmp_path / "other").write_bytes(bytes(5 * MIB))

    async def send(data, file_first):
        return await bench.code(1, 3, data, file_first=file_first)

    async def story():
        assert await send(PIECE * 3, file_first=True) == "insufficient_storage"
        (tmp_path / "other").unlink()
        assert await send(PIECE * 3, file_first=True) is None

    run(story())


def test_a_parked_last_chunk_finds_its_place_once_there_is_room(tmp_path, disk):
    bench = Bench(tmp_path)
    other = tmp_path / "other"

    async def story():
        assert (await bench.send(1, 2, PIECE * 3)).parked
        other.write_bytes(bytes(3 * MIB))
        assert await bench.code(0, 2, PIECE * 3) == "insufficient_storage"
        assert disk() > 0
        other.unlink()
        return await bench.store.look(bench.request(0, 2).identity, "")

    assert run(story()).done.size == 6 * MIB


@pytest.mark.parametrize("file_first", [False, True])
def test_a_file_that_fails_in_close_holds_nothing(tmp_path, disk, monkeypatch, file_first):
    """Network disks tell only then that there is no room."""
    bench, close = Bench(tmp_path), os.close

    async def story():
        form = Form.__new__(Form)
        form.bench, form.file_first = bench, file_first
        sink = await form.open(1)
        await sink.feed(PIECE)

        def failing(fd):
            is_file = stat.S_ISREG(os.fstat(fd).st_mode)
            close(fd)
            if is_file:
                raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "close", failing)
            with pytest.raises(OSError, match="No space"):
                await sink.close(False)
        slot = bench.store.shelf.take(bench.request(0, 1, filename="1.bin").identity.key)
        assert (slot.holds, slot.flying, slot.writers, bench.store._places) == (1, set(), {}, {})

    run(story())
    assert list(bench.store.shelf.folder.glob("spool-*")) == []
    bench.store._space.require(tmp_path, 9 * MIB)
