"""Whole or not at all, and exactly one winner."""

import errno
import os
import stat
import subprocess
import sys
import threading

import pytest

from jupyter_nodeapi.disk import atomic, rename


def names(folder):
    return [path.name for path in folder.iterdir()]


def race(number, work):
    """Run `work(i)` in `number` threads at once; give how many succeeded."""
    barrier = threading.Barrier(number)
    wins = []

    def run(index):
        barrier.wait()
        try:
            work(index)
        except FileExistsError:
            return
        wins.append(index)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wins


@pytest.fixture(params=["renameat2", "links", "claims"])
def system(request, monkeypatch):
    """The file systems there are: with renameat2, with hard links only, with neither."""
    if request.param != "renameat2":
        monkeypatch.setattr(rename, "_libc_renameat2", lambda: None)
    if request.param == "claims":

        def refuse(*args, **kwargs):
            raise OSError(errno.EPERM, "no links")

        monkeypatch.setattr(os, "link", refuse)
    return request.param


def test_a_file_is_written_and_replaced(tmp_path):
    atomic.write(tmp_path / "a", b"one")
    atomic.write(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_of_many_writers_exactly_one_wins(tmp_path, system):
    wins = race(20, lambda i: atomic.write(tmp_path / "a", b"%d" % i, replace=False))
    assert len(wins) == 1
    assert (tmp_path / "a").read_bytes() == b"%d" % wins[0]
    assert names(tmp_path) == ["a"]


def test_of_many_folders_exactly_one_wins(tmp_path, system):
    def publish(index):
        source = tmp_path / f".nodeapi-{index}"
        source.mkdir()
        (source / str(index)).write_text("x")
        atomic.publish(source, tmp_path / "a", replace=False)

    wins = race(8, publish)
    assert len(wins) == 1
    assert names(tmp_path / "a") == [str(wins[0])]


def test_of_many_processes_exactly_one_wins(tmp_path):
    program = (
        "import sys; from pathlib import Path; from jupyter_nodeapi.disk.atomic import write\n"
        "sys.stdin.read()\n"
        "try: write(Path(sys.argv[1]), b'x', replace=False)\n"
        "except FileExistsError: print('lost')\n"
        "else: print('won')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a")]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in running:
        process.stdin.close()
    words = []
    for process in running:
        words.append(process.stdout.read().strip())
        process.stdout.close()
        process.wait()
    assert sorted(words) == ["lost", "lost", "lost", "won"]


def test_the_loser_keeps_its_source(tmp_path, system):
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    with pytest.raises(FileExistsError):
        atomic.publish(tmp_path / "new", tmp_path / "old", replace=False)
    assert (tmp_path / "new").read_text() == "new"
    assert (tmp_path / "old").read_text() == "old"


def test_a_folder_replaces_a_folder_or_a_file(tmp_path, system):
    (tmp_path / "target").write_text("a file")
    for name in ("one", "two"):
        source = tmp_path / ".nodeapi-source"
        (source / "inner").mkdir(parents=True)
        (source / "inner" / name).write_text(name)
        atomic.publish(source, tmp_path / "target")
        assert names(tmp_path / "target/inner") == [name]
        assert names(tmp_path) == ["target"]


def test_a_file_never_replaces_a_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.write(tmp_path / "folder", b"x")
    assert names(tmp_path) == ["folder"]


def test_writing_onto_a_link_replaces_the_link(tmp_path):
    (tmp_path / "real").write_text("real")
    (tmp_path / "link").symlink_to("real")
    atomic.write(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_text() == "real"
    assert not (tmp_path / "link").is_symlink()


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        atomic.write(tmp_path / "no/a", b"x")


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, fails):
    atomic.write(tmp_path / "a", b"old")

    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, fails, refuse)
        with pytest.raises(OSError, match="full"):
            atomic.write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_the_file_is_synced_before_its_name_and_the_folder_after(tmp_path, monkeypatch):
    steps = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(fd):
        steps.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file")
        real_sync(fd)

    def replace(*args):
        steps.append("rename")
        real_replace(*args)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    atomic.write(tmp_path / "a", b"x")
    assert steps == ["file", "rename", "folder"]


def test_a_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch):
    def refuse(fd):
        raise OSError(errno.EINVAL, "not here")

    monkeypatch.setattr(os, "fsync", refuse)
    atomic.fsync_folder(tmp_path)


def test_a_real_fsync_failure_is_told(tmp_path, monkeypatch):
    def refuse(fd):
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="broken"):
        atomic.fsync_folder(tmp_path)


def test_json_round_trips(tmp_path):
    value = {"a": [1, 2.5, None, True, "é\u2028"]}
    atomic.write_json(tmp_path / "a.json", value)
    assert atomic.read_json(tmp_path / "a.json") == value
    with pytest.raises(ValueError):
        atomic.write_json(tmp_path / "a.json", float("nan"))
    assert atomic.read_json(tmp_path / "a.json") == value


@pytest.mark.parametrize(("mode", "kept"), [(0o755, 0o755), (0o600, 0o600), (0o4711, 0o711), (0o200, 0o600)])
def test_permissions_pass_to_what_replaces_a_file(tmp_path, mode, kept):
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch()
    old.chmod(mode)
    new.touch()
    atomic.keep_mode(new, old)
    assert stat.S_IMODE(new.stat().st_mode) == kept


@pytest.mark.parametrize("there", ["nothing", "folder", "link"])
def test_permissions_of_what_is_no_file_pass_to_nothing(tmp_path, there):
    old, new = tmp_path / "old", tmp_path / "new"
    new.touch(0o640)
    if there == "folder":
        old.mkdir(0o700)
    elif there == "link":
        old.symlink_to(new)
    before = new.stat().st_mode
    atomic.keep_mode(new, old)
    assert new.stat().st_mode == before
