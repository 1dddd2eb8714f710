"""Confinement: no name leads out, in any spelling."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.disk.roots import Root, open_regular
from jupyter_nodeapi.errors import InvalidPath, NodeApiError, NotFound

REFUSED = [
    "", ".", "..", "/", "//", "a/", "/a", "//a", "a//b", "./a", "a/.", "a/..", "a/../b", "../a", "a/../../b",
    "/etc/passwd", "//host/share/x", "\\\\host\\share\\x", "\\\\?\\C:\\x", "C:\\x", "C:/x", "c:x", "..\\a", "a\\..\\b",
    "a\\b", "a\0b", "a/\0", "a\rb", "nul", "a/CON.txt", "a/com1/b", "a/b.", "a/b ", "a /b", "\ud800", "a/\udc80/b",
    "x" * 256, "/".join(["x" * 200] * 21), ".nodeapi-x/a", "a/.nodeapi-versions/b", "~/../x", "file:///etc/passwd",
]  # fmt: skip


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return Root(tmp_path / "root")


@pytest.mark.parametrize("name", REFUSED, ids=repr)
@pytest.mark.parametrize("prefix", ["", "/temp"])
def test_a_name_that_can_never_be_a_path_is_refused(tmp_path, prefix, name):
    with pytest.raises((InvalidPath, NotFound)) as caught:
        Root(tmp_path, prefix=prefix).resolve(f"{prefix}/{name}" if prefix else name)
    assert caught.type is InvalidPath
    assert str(tmp_path) not in caught.value.message


PIECES = [*"./\\ab:~ \0", "..", "../", "\u2024", "\uff0e", "\u2215"]


@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_no_name_leads_out(name):
    base = Path("/nowhere/root")
    try:
        path = Root(base).resolve(name)
    except InvalidPath:
        return
    assert os.path.normpath(path) == str(path)
    assert path != base
    assert path.is_relative_to(base)


NAMES = st.lists(
    st.text("abc\u00e9 -.", min_size=1, max_size=8).map(lambda s: f"n{s}n"), min_size=1, max_size=5
)


@given(NAMES, st.sampled_from(["", "/temp"]))
def test_a_name_and_its_path_are_inverse(parts, prefix):
    root = Root(Path("/nowhere/root"), prefix=prefix)
    name = f"{prefix}/{'/'.join(parts)}" if prefix else "/".join(parts)
    assert root.name_of(root.resolve(name)) == name
    assert root.resolve(name) == root.path.joinpath(*parts)


def test_the_root_itself_is_a_folder_only(root):
    for name in ("", "."):
        assert root.resolve_folder(name) == root.path
    assert root.resolve_folder("a/") == root.resolve("a")
    assert root.name_of(root.path) == ""


def test_a_virtual_root_takes_only_its_own_names(tmp_path):
    temp = Root(tmp_path, prefix="/temp")
    assert temp.resolve("/temp/a/b") == tmp_path / "a/b"
    assert temp.resolve_folder("/temp") == temp.resolve_folder("/temp/") == tmp_path
    assert temp.name_of(tmp_path / "a/b") == "/temp/a/b"
    assert temp.name_of(tmp_path) == "/temp"
    for name in ("temp/a", "/tempo/a", "/etc/passwd", "a", "/TEMP/a", "/temp"):
        with pytest.raises(NotFound):
            temp.resolve(name)


def test_a_path_outside_has_no_name(root, tmp_path):
    for path in (tmp_path, tmp_path / "outside", tmp_path / "root2"):
        with pytest.raises(NotFound):
            root.name_of(path)


@pytest.mark.parametrize("target", ["../outside", "/", "/etc", "/proc/self", "../outside/secret", "../root2"])
def test_a_link_that_leads_out_is_as_if_not_there(root, target):
    (root.path / "link").symlink_to(target)
    for name in ("link", "link/secret", "link/a/b"):
        with pytest.raises(NotFound):
            root.resolve(name)
        with pytest.raises(NotFound):
            root.open(name)


def test_a_chain_of_links_that_leads_out_is_as_if_not_there(root):
    (root.path / "one").symlink_to("two")
    (root.path / "two").symlink_to("../outside")
    with pytest.raises(NotFound):
        root.resolve("one/secret")


def test_links_inside_work(root):
    (root.path / "folder").mkdir()
    (root.path / "folder" / "file").write_bytes(b"inside")
    (root.path / "way").symlink_to("folder")
    (root.path / "other").symlink_to("folder/file")
    for name in ("way/file", "other"):
        fd, facts = root.open(name)
        with os.fdopen(fd, "rb") as file:
            assert file.read() == b"inside"
        assert facts.st_size == 6


def test_links_into_followed_folders_work(root, tmp_path):
    (root.path / "shared").symlink_to(tmp_path / "outside")
    follower = Root(root.path, follow=[tmp_path / "outside"])
    assert follower.resolve("shared/secret") == root.path / "shared/secret"
    os.close(follower.open("shared/secret")[0])


def test_a_root_that_is_a_link_works(root, tmp_path):
    (tmp_path / "alias").symlink_to(root.path)
    (root.path / "a").write_text("x")
    alias = Root(tmp_path / "alias")
    os.close(alias.open("a")[0])
    assert alias.name_of(root.path / "a") == "a"


def test_a_loop_of_links_is_not_a_file(root):
    (root.path / "loop").symlink_to("loop")
    with pytest.raises(NotFound):
        root.open("loop")


def test_a_name_put_there_by_hand_need_not_be_nfc(root):
    (root.path / "e\u0301").write_text("by hand")
    os.close(root.open("e\u0301")[0])
    assert root.resolve("o\u0301").name == "\u00f3"


def test_only_regular_files_are_opened(root):
    (root.path / "folder").mkdir()
    os.mkfifo(root.path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root.path / "socket"))
    (root.path / "file").write_text("x")
    for name in ("missing", "folder", "fifo", "socket", "file/below"):
        with pytest.raises(NotFound):
            root.open(name)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/dev/tty", "/proc/self/fd", "/"])
def test_devices_are_not_opened(path):
    with pytest.raises(NotFound):
        open_regular(Path(path))


def test_a_link_is_not_opened_by_its_own_name(root):
    (root.path / "link").symlink_to("/etc/passwd")
    with pytest.raises(NotFound):
        open_regular(root.path / "link")


def test_opening_leaks_no_descriptor(root):
    (root.path / "folder").mkdir()
    before = set(Path("/proc/self/fd").iterdir())
    for name in ("folder", "missing", "x" * 256):
        with pytest.raises(NodeApiError):
            root.open(name)
    assert set(Path("/proc/self/fd").iterdir()) == before
