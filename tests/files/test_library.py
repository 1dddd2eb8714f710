"""The library's rules, without a server."""

import asyncio
import errno
import fcntl
import os
import subprocess
import sys
import threading
import time

import pytest

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.errors import (
    Conflict,
    InsufficientStorage,
    InvalidPath,
    NodeApiError,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from jupyter_nodeapi.files.conditions import Conditions

NEW = Conditions(overwrite=False)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".nodeapi-"))


def drafts(folder):
    return list(folder.rglob(".nodeapi-" + "[0-9a-f]" * 24))


def test_what_is_saved_is_read(sync, libs):
    saved = sync.save("my_node/config.json", {"key": "value"})
    assert saved.success
    assert saved.path == "my_node/config.json"
    assert saved.size == (libs / "my_node/config.json").stat().st_size
    found = sync.read("my_node/config.json")
    assert sync.content("my_node/config.json") == {"key": "value"}
    assert (found.success, found.path, found.size, found.etag) == (True, saved.path, saved.size, saved.etag)
    assert abs(found.modified - time.time()) < 60


@pytest.mark.parametrize("path", ["a.json", "a.txt", "a"])
@pytest.mark.parametrize("value", [{"k": [1]}, [], None, True, 1.5, "text", "", '{"k": 1}', "42"], ids=repr)
def test_read_is_the_mirror_of_save_whatever_the_suffix(sync, path, value):
    sync.save(path, value)
    assert sync.content(path) == value


@pytest.mark.parametrize("mode", [0o755, 0o600])
def test_a_save_keeps_the_permissions_of_the_file(sync, libs, mode):
    sync.save("run.sh", "#!/bin/sh")
    (libs / "run.sh").chmod(mode)
    sync.save("run.sh", "#!/bin/bash")
    assert (libs / "run.sh").stat().st_mode & 0o7777 == mode


def test_the_mark_of_json_goes_along(sync):
    sync.save("a.txt", {"k": 1})
    sync.copy("a.txt", "b.txt")
    sync.move("b.txt", "c.txt")
    assert sync.content("c.txt") == {"k": 1}
    sync.save("a.txt", '{"k": 1}')
    assert sync.content("a.txt") == '{"k": 1}'
    version = sync.list_versions("a.txt")[0].version
    assert sync.content("a.txt", version=version) == {"k": 1}
    sync.restore("a.txt", version)
    assert sync.content("a.txt") == {"k": 1}


def test_every_save_has_another_etag(sync):
    etags = [sync.save("a.txt", "same").etag for _ in range(30)]
    assert len(set(etags)) == 30


def test_a_file_that_is_no_text_is_415(sync, libs):
    libs.mkdir()
    (libs / "a.bin").write_bytes(b"\xff\x00")
    with pytest.raises(UnsupportedMedia):
        sync.read("a.bin")


def test_limits_hold_both_ways(sync, library, libs):
    library.max_file_bytes = 10
    sync.save("a.txt", "x" * 10)
    with pytest.raises(TooLarge) as caught:
        sync.save("a.txt", "é" * 6)
    assert caught.value.details == {"size": 12, "limit": 10}
    (libs / "big").write_text("x" * 11)
    with pytest.raises(TooLarge):
        sync.read("big")
    assert sync.content("a.txt") == "x" * 10


def test_a_full_disk_refuses_before_anything_is_written(sync, library, libs):
    sync.save("a.txt", "old")
    library.shelf.space.reserve_bytes = 1 << 62
    with pytest.raises(InsufficientStorage):
        sync.save("a.txt", "new")
    assert sync.content("a.txt") == "old"
    assert drafts(libs) == []


def test_a_failed_write_leaves_no_draft(sync, libs, monkeypatch):
    sync.save("a.txt", "old")

    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "rename", refuse)
        with pytest.raises(OSError, match="full"):
            sync.save("a.txt", "new")
    assert drafts(libs) == []
    assert sync.content("a.txt") == "old"


# -- conditions


def test_of_twenty_writers_exactly_one_makes_the_file(library):
    async def main():
        results = await asyncio.gather(
            *(library.save("new/a.json", number, NEW) for number in range(20)), return_exceptions=True
        )
        won = [result for result in results if not isinstance(result, Exception)]
        assert len(won) == 1
        assert {type(result) for result in results} - {type(won[0])} == {Conflict}
        assert all(result.code == "exists" for result in results if isinstance(result, Conflict))

    asyncio.run(main())


def test_of_twenty_editors_of_one_state_exactly_one_wins(library):
    async def main():
        etag = (await library.save("a.json", 0)).etag
        condition = Conditions.read(etag, None)
        results = await asyncio.gather(
            *(library.save("a.json", number, condition) for number in range(20)), return_exceptions=True
        )
        assert sorted(isinstance(result, PreconditionFailed) for result in results) == [False] + [True] * 19

    asyncio.run(main())


PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import PreconditionFailed
from jupyter_nodeapi.files.conditions import Conditions
from jupyter_nodeapi.files.library import Library

async def main():
    library = Library(Root(Path(sys.argv[1])), Threads(2), Space(0))
    sys.stdin.read()
    done = 0
    while done < 25:
        found = await library.read("count.json")
        try:
            await library.save("count.json", json.loads(bytes(found.content)) + 1, Conditions.read(found.etag, None))
        except PreconditionFailed:
            continue
        done += 1

asyncio.run(main())
"""


def test_two_servers_lose_no_update(sync, libs):
    sync.save("count.json", 0)
    command = [sys.executable, "-c", PROGRAM, str(libs)]
    servers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]
    for server in servers:
        server.stdin.close()
    assert [server.wait(60) for server in servers] == [0, 0]
    assert sync.content("count.json") == 50


def test_the_same_name_in_another_normal_form_is_the_same_file(sync):
    sync.save("e\u0301.txt", "one")
    assert sync.content("\u00e9.txt") == "one"
    with pytest.raises(Conflict):
        sync.save("\u00e9.txt", "two", NEW)


# -- confinement


BAD = [
    "",
    "/etc/x",
    "../x",
    "a/../../x",
    "a\\b",
    "C:/x",
    "a\0",
    "nul",
    "x" * 256,
    "\ud800",
    ".nodeapi-versions/x",
]


@pytest.mark.parametrize("path", BAD, ids=repr)
def test_no_call_takes_a_bad_path(sync, library, path):
    sync.save("good.txt", "x")
    calls = [
        lambda: sync.save(path, "x"),
        lambda: sync.read(path),
        lambda: sync.open(path),
        lambda: sync.receive(path, 0, Conditions()),
        lambda: sync.move(path, "b"),
        lambda: sync.move("good.txt", path),
        lambda: sync.copy(path, "b"),
        lambda: sync.copy("good.txt", path),
        lambda: sync.make_folder(path),
        lambda: sync.delete(path, recursive=True),
        lambda: sync.list_versions(path),
        lambda: sync.restore(path, "0" * 20),
    ]
    for call in calls:
        with pytest.raises(InvalidPath):
            call()
    assert sync.content("good.txt") == "x"


def test_a_link_that_leads_out_is_neither_read_nor_written(sync, libs, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    libs.mkdir()
    (libs / "file").symlink_to(outside / "secret")
    (libs / "folder").symlink_to(outside)
    sync.save("good.txt", "x")
    for path in ("file", "folder/secret", "folder/new"):
        for call in (
            lambda p=path: sync.read(p),
            lambda p=path: sync.save(p, "x"),
            lambda p=path: sync.copy(p, "b"),
            lambda p=path: sync.copy("good.txt", p, overwrite=True),
            lambda p=path: sync.move("good.txt", p, overwrite=True),
            lambda p=path: sync.delete(p),
        ):
            with pytest.raises(NotFound):
                call()
    assert (outside / "secret").read_text() == "secret"
    assert names(outside) == ["secret"]


def test_a_version_is_no_way_out(sync):
    sync.save("a.txt", "x")
    for version in ("../../a.txt", "", "0" * 20, "1" * 19, "\u0660" * 20, "../" * 6 + "etc/passwd", "\0"):
        with pytest.raises(NotFound):
            sync.read("a.txt", version)


def test_a_fifo_hangs_nothing(sync, libs):
    libs.mkdir()
    os.mkfifo(libs / "fifo")
    for call in (lambda: sync.read("fifo"), lambda: sync.copy("fifo", "b")):
        with pytest.raises(NotFound):
            call()
    sync.save("fifo", "a file now")
    assert sync.content("fifo") == "a file now"


def test_a_file_used_as_a_folder_is_told(sync):
    sync.save("a", "x")
    for call in (
        lambda: sync.save("a/b", "x"),
        lambda: sync.make_folder("a/b"),
        lambda: sync.copy("a", "a/b"),
    ):
        with pytest.raises((NodeApiError, NotADirectoryError)):
            call()
    for call in (lambda: sync.read("a/b"), lambda: sync.delete("a/b"), lambda: sync.list_versions("a/b")):
        with pytest.raises(NotFound):
            call()


def test_links_inside_are_written_through(sync, libs):
    sync.save("real.txt", "one")
    (libs / "link.txt").symlink_to("real.txt")
    sync.save("link.txt", "two")
    assert sync.content("real.txt") == "two"
    assert (libs / "link.txt").is_symlink()
    sync.delete("link.txt")
    assert sync.content("real.txt") == "two"


def test_a_libs_directory_that_is_a_link_works(sync, libs, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    libs.symlink_to(tmp_path / "elsewhere")
    sync.save("a/b.txt", "one")
    sync.save("a/b.txt", "two")
    assert len(sync.list_versions("a/b.txt")) == 1
    assert [item.path for item in sync.list("", recursive=True)[0]] == ["a", "a/b.txt"]


# -- streams


def test_a_stream_becomes_a_file(library, libs):
    async def main():
        sink = await library.receive("deep/er/a.bin", 0, Conditions())
        assert not (libs / "deep").exists()
        blocks = [bytes([number]) * 300_000 for number in range(9)]
        for block in blocks:
            await sink.feed(block)
        await sink.close(complete=True)
        assert (libs / "deep/er/a.bin").read_bytes() == b"".join(blocks)
        assert sink.result.size == 2_700_000
        assert sink.result.path == "deep/er/a.bin"

    asyncio.run(main())
    assert drafts(libs) == []


def test_a_stream_that_breaks_leaves_nothing(library, libs):
    async def main():
        await library.save("a.bin", "old")
        sink = await library.receive("a.bin", 0, Conditions())
        await sink.feed(b"x" * 2_000_000)
        await sink.close(complete=False)
        assert sink.result is None
        assert (libs / "a.bin").read_text() == "old"
        with pytest.raises(NodeApiError):
            await sink.feed(b"x" * 2_000_000)

    asyncio.run(main())
    assert drafts(libs) == []


def test_of_many_streams_exactly_one_makes_the_file(library, libs):
    async def main():
        sinks = [await library.receive("a.bin", 0, NEW) for _ in range(6)]
        for number, sink in enumerate(sinks):
            await sink.feed(bytes([number]))
        results = await asyncio.gather(*(sink.close(complete=True) for sink in sinks), return_exceptions=True)
        assert sum(isinstance(result, Conflict) for result in results) == 5
        with pytest.raises(Conflict):
            await library.receive("a.bin", 0, NEW)

    asyncio.run(main())
    assert drafts(libs) == []


# -- locks


def test_a_lock_makes_others_wait_and_never_waits_for_itself(library, tmp_path):
    locks = library.shelf.locks
    paths = [tmp_path / str(number) for number in range(200)]
    with locks.hold(*paths):  # surely two of one stripe
        taken = threading.Event()

        def other():
            with locks.hold(paths[7]):
                taken.set()

        thread = threading.Thread(target=other)
        thread.start()
        assert not taken.wait(0.05)
    assert taken.wait(5)
    thread.join()


def test_a_lock_that_another_server_never_gives_back_is_told(sync, library, libs):
    sync.save("a.txt", "one")
    library.shelf.locks.wait_seconds = 0.05
    held = [os.open(path, os.O_RDWR) for path in (libs / ".nodeapi-locks").iterdir()]
    for fd in held:
        fcntl.flock(fd, fcntl.LOCK_EX)
    with pytest.raises(Unavailable) as caught:
        sync.save("a.txt", "two")
    assert caught.value.retry_after
    for fd in held:
        os.close(fd)
    sync.save("a.txt", "three")
    assert drafts(libs) == []


def test_a_lock_that_another_thread_never_gives_back_is_told(sync, library):
    sync.save("a.txt", "one")
    library.shelf.locks.wait_seconds = 0.05
    with library.shelf.locks.hold(library.root.resolve("a.txt")), pytest.raises(Unavailable):
        sync.save("a.txt", "two")


def test_without_locks_on_the_file_system_those_of_the_process_remain(sync, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    sync.save("a.txt", "one")
    assert sync.content("a.txt") == "one"
