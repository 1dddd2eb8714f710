"""Moving, copying, making, deleting, and getting back."""

import os

import pytest

from jupyter_nodeapi.errors import Conflict, NotFound, PreconditionFailed
from jupyter_nodeapi.files.conditions import Conditions


def texts(sync, path):
    """The earlier states of a file, the latest first."""
    return [sync.content(path, version=item.version) for item in sync.list_versions(path)]


def tree(sync):
    return [item.path for item in sync.list("", recursive=True)[0]]


def test_a_file_moves_with_its_versions(sync):
    sync.save("a.txt", "one")
    sync.save("a.txt", "two")
    assert sync.move("a.txt", "deep/b.txt").path == "deep/b.txt"
    assert tree(sync) == ["deep", "deep/b.txt"]
    assert texts(sync, "deep/b.txt") == ["one"]
    with pytest.raises(NotFound):
        sync.list_versions("a.txt")


def test_a_folder_moves_with_the_versions_of_what_is_in_it(sync):
    sync.save("a/x/f.txt", "one")
    sync.save("a/x/f.txt", "two")
    sync.move("a", "b")
    assert tree(sync) == ["b", "b/x", "b/x/f.txt"]
    assert texts(sync, "b/x/f.txt") == ["one"]


def test_a_move_onto_something_needs_leave_and_keeps_what_was_there(sync):
    sync.save("a.txt", "a")
    sync.save("b.txt", "b")
    with pytest.raises(Conflict):
        sync.move("a.txt", "b.txt")
    sync.move("a.txt", "b.txt", overwrite=True)
    assert sync.content("b.txt") == "a"
    assert texts(sync, "b.txt") == ["b"]
    assert tree(sync) == ["b.txt"]


def test_a_folder_that_is_replaced_can_be_restored_file_by_file(sync):
    sync.save("a/new.txt", "new")
    sync.save("b/old.txt", "old")
    sync.move("a", "b", overwrite=True)
    assert tree(sync) == ["b", "b/new.txt"]
    sync.restore("b/old.txt", sync.list_versions("b/old.txt")[0].version)
    assert sync.content("b/old.txt") == "old"


@pytest.mark.parametrize("act", ["move", "copy"])
@pytest.mark.parametrize(("source", "target"), [("a", "a/b"), ("a", "a/b/c"), ("a/b", "a")])
def test_nothing_goes_into_itself(sync, act, source, target):
    sync.save("a/b/f.txt", "x")
    with pytest.raises(Conflict):
        getattr(sync, act)(source, target, overwrite=True)
    assert tree(sync) == ["a", "a/b", "a/b/f.txt"]


@pytest.mark.parametrize("act", ["move", "copy"])
def test_onto_itself_changes_nothing(sync, act):
    sync.save("a.txt", "x")
    with pytest.raises(Conflict):
        getattr(sync, act)("a.txt", "a.txt")
    getattr(sync, act)("a.txt", "a.txt", overwrite=True)
    assert sync.content("a.txt") == "x"
    assert sync.list_versions("a.txt") == []


@pytest.mark.parametrize("act", ["move", "copy"])
def test_a_missing_source_is_not_found(sync, act):
    sync.make_folder("there")
    with pytest.raises(NotFound):
        getattr(sync, act)("missing", "b")


def test_a_link_moves_as_a_link(sync, libs):
    sync.save("real.txt", "x")
    (libs / "link").symlink_to("real.txt")
    sync.move("link", "other")
    assert (libs / "other").is_symlink()
    assert sync.content("real.txt") == "x"


def test_a_file_is_copied_and_the_two_are_apart(sync):
    first = sync.save("a.txt", "one")
    sync.copy("a.txt", "b/c.txt")
    sync.save("a.txt", "two")
    assert sync.content("b/c.txt") == "one"
    assert sync.read("b/c.txt").etag != first.etag
    assert sync.list_versions("b/c.txt") == []


def test_a_folder_is_copied_without_what_is_ours_or_odd(sync, libs):
    sync.save("a/x/f.txt", "one")
    os.mkfifo(libs / "a/fifo")
    (libs / "a/.nodeapi-junk").write_text("x")
    (libs / "a/link").symlink_to("x/f.txt")
    sync.copy("a", "b")
    assert sorted(path.name for path in (libs / "b").iterdir()) == ["link", "x"]
    assert sync.content("b/link") == "one"
    with pytest.raises(Conflict):
        sync.copy("a", "b")


def test_a_folder_is_made_once_and_again(sync):
    assert sync.make_folder("a/b").path == "a/b"
    sync.make_folder("a/b")
    assert tree(sync) == ["a", "a/b"]
    sync.save("f", "x")
    with pytest.raises(Conflict):
        sync.make_folder("f")


def test_what_was_deleted_can_be_restored(sync):
    sync.save("a.txt", "precious")
    sync.delete("a.txt")
    with pytest.raises(NotFound):
        sync.read("a.txt")
    assert tree(sync) == []
    sync.restore("a.txt", sync.list_versions("a.txt")[0].version)
    assert sync.content("a.txt") == "precious"


def test_a_folder_that_is_not_empty_needs_a_word(sync):
    sync.save("a/b/f.txt", "precious")
    with pytest.raises(Conflict) as caught:
        sync.delete("a")
    assert caught.value.code == "not_empty"
    assert "recursive" in caught.value.hint
    sync.delete("a", recursive=True)
    assert tree(sync) == []
    assert texts(sync, "a/b/f.txt") == ["precious"]
    sync.make_folder("empty")
    sync.delete("empty")
    assert tree(sync) == []


def test_deleting_obeys_if_match(sync):
    etag = sync.save("a.txt", "x").etag
    with pytest.raises(PreconditionFailed):
        sync.delete("a.txt", Conditions.read('"other"', None))
    sync.delete("a.txt", Conditions.read(etag, None))
    with pytest.raises(NotFound):
        sync.delete("a.txt")


def test_the_last_five_states_are_kept_the_latest_first(sync):
    for number in range(8):
        sync.save("a.json", number)
    assert texts(sync, "a.json") == [6, 5, 4, 3, 2]
    items = sync.list_versions("a.json")
    assert [item.replaced for item in items] == sorted((item.replaced for item in items), reverse=True)
    assert all(item.size == 2 and item.modified <= item.replaced for item in items)


def test_restoring_can_itself_be_undone(sync):
    sync.save("a.txt", "one")
    sync.save("a.txt", "two")
    saved = sync.restore("a.txt", sync.list_versions("a.txt")[0].version)
    assert sync.read("a.txt").etag == saved.etag
    assert sync.content("a.txt") == "one"
    assert texts(sync, "a.txt") == ["two", "one"]


def test_an_edit_in_place_does_not_change_what_was_kept(sync, libs):
    sync.save("a.txt", "one")
    sync.save("a.txt", "two")
    sync.restore("a.txt", sync.list_versions("a.txt")[0].version)
    (libs / "a.txt").write_text("edited in place")
    assert texts(sync, "a.txt") == ["two", "one"]


def test_none_are_kept_when_none_are_wanted(sync, library):
    library.versions = 0
    sync.save("a.txt", "one")
    sync.save("a.txt", "two")
    assert sync.list_versions("a.txt") == []


def test_fewer_wanted_are_fewer_kept(sync, library):
    for number in range(6):
        sync.save("a.json", number)
    library.versions = 2
    sync.save("a.json", 6)
    assert texts(sync, "a.json") == [5, 4]


def test_where_there_are_no_links_states_are_copied(sync, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError("no links")

    monkeypatch.setattr(os, "link", refuse)
    sync.save("a.txt", {"k": 1})
    sync.save("a.txt", "two")
    assert texts(sync, "a.txt") == [{"k": 1}]


def test_a_name_can_be_a_file_and_then_a_folder(sync):
    sync.save("a", "file")
    sync.delete("a")
    sync.save("a/b", "one")
    sync.save("a/b", "two")
    assert texts(sync, "a") == ["file"]
    assert texts(sync, "a/b") == ["one"]


def test_old_drafts_are_swept_and_the_rest_stays(sync, library, libs):
    sync.save("a/f.txt", "one")
    sync.save("a/f.txt", "two")
    old = [libs / f".nodeapi-{'0' * 24}", libs / "a" / f".nodeapi-{'1' * 24}"]
    old[0].mkdir()
    (old[0] / "x").write_text("x")
    old[1].write_text("x")
    for path in old:
        os.utime(path, (0, 0))
    young = libs / f".nodeapi-{'2' * 24}"
    young.write_text("x")
    library.sweep()
    assert [path.exists() for path in (*old, young)] == [False, False, True]
    assert texts(sync, "a/f.txt") == ["one"]


def test_states_of_what_was_deleted_long_ago_are_forgotten(sync, library, libs, monkeypatch):
    for path in ("alive.txt", "gone/long.txt", "gone/lately.txt"):
        sync.save(path, "one")
        sync.save(path, "two")
    sync.delete("gone/long.txt")
    versions = library.shelf.versions
    month = library.deleted_ttl_seconds * 10**9
    clock = versions._now_ns
    monkeypatch.setattr(versions, "_now_ns", lambda: clock() + month + 10**9)
    sync.delete("gone/lately.txt")
    assert len(library.sweep(dry_run=True)) == 3
    assert len(texts(sync, "gone/long.txt")) == 2
    library.sweep()
    with pytest.raises(NotFound):
        sync.list_versions("gone/long.txt")
    assert texts(sync, "gone/lately.txt") == ["two"]
    assert texts(sync, "alive.txt") == ["one"]
    assert not (libs / ".nodeapi-versions/gone/long.txt").exists()
