"""What a listing shows, matches and pages."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import InvalidParameter, InvalidPath, NotFound
from jupyter_nodeapi.files.listing import matches, page, scan


@pytest.fixture
def root(libs):
    for name in ("a.json", "b.txt", "node/c.json", "node/deep/d.json", "node/deep/e.txt"):
        path = libs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return Root(libs)


def paths(root, folder="", *, recursive=False, glob=None):
    return [item.path for item in scan(root, folder, recursive=recursive, glob=glob)]


def test_a_folder_is_listed_sorted_with_whole_paths(root):
    assert paths(root) == ["a.json", "b.txt", "node"]
    assert paths(root, "node") == ["node/c.json", "node/deep"]
    assert paths(root, "node/", recursive=True) == [
        "node/c.json",
        "node/deep",
        "node/deep/d.json",
        "node/deep/e.txt",
    ]


def test_each_item_says_what_it_is(root, libs):
    os.utime(libs / "a.json", (1, 1.5))
    folder = scan(root, "", recursive=False, glob=None)
    assert (folder[0].name, folder[0].type, folder[0].size, folder[0].modified) == ("a.json", "file", 6, 1.5)
    assert (folder[2].name, folder[2].type, folder[2].size) == ("node", "directory", None)


def test_a_glob_chooses(root):
    assert paths(root, recursive=True, glob="*.json") == ["a.json", "node/c.json", "node/deep/d.json"]
    assert paths(root, "node", recursive=True, glob="deep/*") == ["node/deep/d.json", "node/deep/e.txt"]
    assert paths(root, recursive=True, glob="node/**/*.json") == ["node/c.json", "node/deep/d.json"]
    assert paths(root, glob="*.json") == ["a.json"]


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a/b.json", "*.json", True),
        ("a/b.json", "a/*.json", True),
        ("a/b/c.json", "a/*.json", False),
        ("a/b/c.json", "a/**/*.json", True),
        ("a/c.json", "a/**/*.json", True),
        ("c.json", "**/*.json", True),
        ("a/b", "**", False),
        ("a/b", "**/b", True),
        ("a/b", "a/**", True),
        ("A", "a", False),
        ("a/b", "/b", False),
        ("[x]", "[[]x]", True),
    ],
)
def test_a_pattern_matches_as_it_says(path, pattern, expected):
    # without a slash, ** is compared with the last name, where it means the same as *
    if pattern == "**":
        assert matches(path, pattern)
    else:
        assert matches(path, pattern) is expected


WORDS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5)


@given(WORDS, st.lists(st.sampled_from(["a", "*", "**", "b", "?"]), min_size=2, max_size=5))
def test_the_matcher_agrees_with_a_regular_expression(names, parts):
    pattern = "".join(
        "(?:[^/]+/)*" if part == "**" else {"*": "[^/]*", "?": "[^/]"}.get(part, part) + "/" for part in parts
    )
    expected = re.fullmatch(pattern, "/".join(names) + "/") is not None
    assert matches("/".join(names), "/".join(parts)) is expected


def test_a_hostile_pattern_takes_no_time():
    assert not matches("a" * 250, "*a" * 100 + "b")
    assert not matches("/".join(["a"] * 500), "**/a/" * 100 + "b")


def test_what_clients_cannot_name_is_not_listed(root, libs, tmp_path):
    for name in (".nodeapi-versions", ".nodeapi-locks"):
        (libs / name).mkdir()
        (libs / name / "x").write_text("x")
    for name in (".nodeapi-0123", "nul", "dot.", "back\\slash", "line\nbreak"):
        (libs / name).write_text("x")
    (libs / os.fsdecode(b"bad\xff")).touch()
    os.mkfifo(libs / "fifo")
    (libs / "out").symlink_to(tmp_path)
    (libs / "dangling").symlink_to("nowhere")
    assert paths(root, recursive=True)[:3] == ["a.json", "b.txt", "node"]
    assert len(paths(root, recursive=True)) == 7


def test_a_loop_of_folders_is_not_walked(root, libs):
    (libs / "node" / "loop").symlink_to(libs)
    assert [path for path in paths(root, recursive=True) if "loop" in path] == ["node/loop"]
    assert "node/loop/a.json" in paths(root, "node/loop")


def test_a_missing_folder_is_not_found_and_a_missing_root_is_empty(root, tmp_path):
    with pytest.raises(NotFound):
        paths(root, "missing")
    assert paths(Root(tmp_path / "never")) == []
    with pytest.raises(InvalidPath):
        paths(root, "../x")


@given(st.integers(1, 9))
def test_pages_give_everything_once(limit):
    items = [type("Item", (), {"path": f"é{number:02}"}) for number in range(20)]
    seen, cursor = [], None
    while True:
        part, cursor = page(items, limit, cursor)
        assert len(part) <= limit
        seen += part
        if cursor is None:
            break
    assert seen == items


def test_a_page_is_not_shifted_by_what_was_removed():
    items = [type("Item", (), {"path": name}) for name in "abcdef"]
    _, cursor = page(items, 3, None)
    rest, _ = page(items[2:], 3, cursor)
    assert [item.path for item in rest] == ["d", "e", "f"]


@pytest.mark.parametrize("cursor", ["!", "é", "/w", "_w", "abcde"])
def test_a_cursor_of_somebody_else_is_refused(cursor):
    with pytest.raises(InvalidParameter):
        page([], None, cursor)
