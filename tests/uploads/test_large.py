"""Large bodies over HTTP, read by a thread or in the way of Tornado, give the same file."""

import asyncio
import base64
import errno
import os
import threading
import time
import types
from urllib.parse import urlsplit

import pytest

from jupyter_nodeapi.disk import bursts
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.incoming import Incoming
from jupyter_nodeapi.web import lending

from .bench import PATH
from .forms import HEADERS, form

pytestmark = pytest.mark.slow

MIB = 1 << 20


@pytest.mark.parametrize("size", [MIB - 300, MIB - 1, MIB, MIB + 1, 3 * MIB + 17, 8 * MIB])
@pytest.mark.parametrize("file", ["first", "last"])
@pytest.mark.parametrize("way", ["lent", "Tornado's"])
def test_a_large_chunk_arrives_intact(api, monkeypatch, size, file, way):
    if way != "lent":
        monkeypatch.setattr(lending, "is_supported", lambda: False)
    data = os.urandom(size)
    reply = api.post("/api/upload", data=form(0, 1, data, file=file), headers=HEADERS)
    assert (reply.status, reply.json.get("filePath")) == (200, PATH)
    assert api.app.temp.resolve(PATH).read_bytes() == data


def test_many_large_chunks_in_parallel_arrive_intact(api):
    parts = [os.urandom(2 * MIB + 5) for _ in range(6)]
    replies = api.gather(
        api.fetch(
            "POST", "/api/upload", data=form(i, 6, part, file=("first", "last")[i % 2]), headers=HEADERS
        )
        for i, part in enumerate(parts)
    )
    assert {reply.status for reply in replies} == {200}
    assert api.app.temp.resolve(PATH).read_bytes() == b"".join(parts)


@pytest.mark.parametrize("size", [MIB - 1, MIB, 3 * MIB + 17])
def test_a_large_patch_arrives_intact(api, size):
    data = os.urandom(size)
    metadata = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}"
        for name, value in {
            "filename": "f.bin",
            "sessionId": "s",
            "nodeId": "7",
            "nodeName": "Loader",
        }.items()
    )
    tus = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    reply = api.post(
        "/api/upload/tus", data=data, headers={**tus, "Upload-Length": str(size), "Upload-Metadata": metadata}
    )
    assert (reply.status, reply.headers["Upload-Offset"]) == (201, str(size))
    assert api.app.temp.resolve(PATH).read_bytes() == data


def test_a_cut_large_patch_keeps_all_that_has_arrived(api):
    """Also what is less than a block."""
    tus = {"Tus-Resumable": "1.0.0"}
    created = api.post("/api/upload/tus", data=b"", headers={**tus, "Upload-Length": str(3 * MIB)})
    address = urlsplit(api.base)
    target = created.headers["Location"]
    lines = [f"PATCH {target} HTTP/1.1", f"Host: {address.netloc}", f"Content-Length: {3 * MIB}"]
    sent = {
        "Authorization": f"token {api.token}",
        **tus,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "0",
    }
    lines += [f"{name}: {value}" for name, value in sent.items()]
    kept = MIB + 700_000

    async def cut():
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write("\r\n".join([*lines, "", ""]).encode() + bytes(kept))
        await writer.drain()
        writer.close()
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size == kept for path in api.app.temp.path.rglob("data-tus")):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    api.run(cut())
    path = target.removeprefix(address.path.rstrip("/"))
    assert api.request("HEAD", path, headers=tus).headers["Upload-Offset"] == str(kept)


def test_blocks_overlap_with_the_write_of_the_block_before(tmp_path):
    """A slow write holds up the block after the next, not the next one."""
    may_write, entered = threading.Event(), threading.Event()
    fd = os.open(tmp_path / "data", os.O_RDWR | os.O_CREAT)
    put = Incoming._put

    def slow(self, pieces):
        entered.set()
        assert may_write.wait(10)
        put(self, pieces)

    async def story():
        incoming = Incoming(Threads(2), 4 * MIB, fd=fd)
        incoming._put = types.MethodType(slow, incoming)
        await asyncio.wait_for(incoming.write(bytes(MIB)), 5)
        may_write.set()
        await incoming.settle()
        await incoming.close()
        return incoming.length

    assert (asyncio.run(story()), entered.is_set()) == (MIB, True)


@pytest.mark.parametrize("index", [0, 7])
def test_a_refused_large_body_is_answered(api, index):
    reply = api.post("/api/upload", data=form(index, 2, os.urandom(3 * MIB), nodeId="a\0"), headers=HEADERS)
    assert (reply.status, reply.json["success"]) == (400, False)


def test_who_has_lost_its_place_writes_no_more(tmp_path):
    """Not even from a thread that is in the midst of a burst."""
    path = tmp_path / "data"
    fd = os.open(path, os.O_RDWR | os.O_CREAT)

    async def story():
        incoming = Incoming(Threads(2), 4 * MIB, fd=fd)
        incoming.put(b"mine")
        await incoming.lose()
        incoming.put(b"late")
        await incoming.close()
        return incoming.length

    assert asyncio.run(story()) == 8
    assert path.read_bytes() == b"mine"


def test_a_write_that_hangs_holds_up_no_other_upload(api, monkeypatch):
    hangs, back = threading.Event(), threading.Event()
    write = regions.write

    def slow(fd, pieces, offset):
        if not hangs.is_set() and threading.current_thread().name.startswith("nodeapi-receive"):
            hangs.set()
            assert back.wait(20)
        write(fd, pieces, offset)

    monkeypatch.setattr(regions, "write", slow)
    monkeypatch.setattr(bursts, "_STUCK_SECONDS", 0.1)
    datas = [os.urandom(6 * MIB) for _ in range(3)]

    def send(number):
        name = f"{number}.bin"
        return api.fetch(
            "POST", "/api/upload", data=form(0, 1, datas[number], filename=name), headers=HEADERS
        )

    async def story():
        first = asyncio.ensure_future(send(0))
        await asyncio.to_thread(hangs.wait)
        others = await asyncio.wait_for(asyncio.gather(send(1), send(2)), 10)
        assert not first.done()
        back.set()
        return [await first, *others]

    replies = api.run(story())
    assert [reply.status for reply in replies] == [200] * 3
    files = [api.app.temp.resolve(reply.json["filePath"]).read_bytes() for reply in replies]
    assert files == datas


def test_a_write_that_failed_before_a_burst_leaves_no_socket_behind(api, monkeypatch):
    lent = []
    burst = bursts.Receiver.burst

    def watched(self, source, left):
        lent.append(source)
        return burst(self, source, left)

    async def full(self):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(bursts.Receiver, "burst", watched)
    monkeypatch.setattr(Incoming, "_wait", full)
    reply = api.post("/api/upload", data=form(0, 1, os.urandom(3 * MIB)), headers=HEADERS)
    assert reply.status == 507
    assert lent
    assert {source.fileno() for source in lent} == {-1}
