"""Which models are installed, kept fresh without looking at everything each time."""

from __future__ import annotations

import hashlib
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.disk.roots import check_component
from jupyter_nodeapi.errors import Conflict, InvalidPath
from jupyter_nodeapi.models import catalog, names
from jupyter_nodeapi.models.catalog import Catalog
from jupyter_nodeapi.models.index import Index
from jupyter_nodeapi.models.memo import Memo
from jupyter_nodeapi.models.registry import Registry
from jupyter_nodeapi.models.removal import uninstall
from jupyter_nodeapi.models.staging import Store
from tests.models.conftest import Installer, entry

DATA = b"weights" * 1000
SHA = hashlib.sha256(DATA).hexdigest()


class House:
    """A registry, a store and a catalog over them."""

    def __init__(self, tmp_path, *entries, shared=()):
        self.models = [{"name": item["id"], "category": "Cat", **item} for item in entries]
        self.dir = tmp_path / "models"
        self.store = Store(self.dir, shared)
        self.memo = Memo(tmp_path / "data" / "hashes.json", self.store.root.open)
        self.registry = Registry(list, extra=[{"models": self.models}], builtin=False, points=list)
        self.catalog = Catalog(self.registry, self.store, self.memo, shared)

    def put(self, name, data=DATA):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def state(self, model_id):
        verdict = self.catalog.view().verdicts[model_id]
        return verdict.installed, verdict.verified, verdict.problem


def one(model_id="m", **fields):
    file = {"path": "m.pth", **fields}
    return {"id": model_id, "source": {"type": "url", "url": "https://h.org/x"}, "files": [file]}


@pytest.mark.parametrize(
    ("known", "content", "state"),
    [
        ({}, DATA, (True, False, None)),
        ({"size": len(DATA)}, DATA, (True, False, None)),
        ({"size": len(DATA), "sha256": SHA}, DATA, (True, True, None)),
        ({"sha256": SHA}, DATA, (True, True, None)),
        ({"size": 3}, DATA, (False, None, "modified")),
        ({"sha256": SHA}, DATA[:-1] + b"!", (False, None, "modified")),
        ({}, None, (False, None, None)),
    ],
)
def test_a_file_put_there_by_hand_is_judged_by_what_is_known(tmp_path, known, content, state):
    house = House(tmp_path, one(**known))
    if content is not None:
        house.put("Cat/m.pth", content)
    assert house.state("m") == state


def test_part_of_a_model_put_there_by_hand_is_incomplete(tmp_path):
    house = House(tmp_path, {**one(), "files": [{"path": "a"}, {"path": "b"}]})
    house.put("Cat/m/a")
    assert house.state("m") == (False, None, "incomplete")
    house.put("Cat/m/b")
    assert house.state("m") == (True, False, None)


def test_a_large_file_of_a_person_is_read_in_the_background(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_nodeapi.models.memo._AT_ONCE_BYTES", 10)
    house = House(tmp_path, one(sha256=SHA))
    house.put("Cat/m.pth")
    assert house.state("m") == (False, None, "checking")
    assert house.memo.pending == {"Cat/m.pth"}
    house.memo.read("Cat/m.pth")
    assert house.state("m") == (True, True, None)


def test_a_digest_is_remembered_over_a_restart_and_forgotten_when_the_file_changes(tmp_path):
    house = House(tmp_path, one(sha256=SHA))
    path = house.put("Cat/m.pth")
    assert house.state("m")[0]
    opened = []
    again = Memo(
        tmp_path / "data" / "hashes.json", lambda name: opened.append(name) or house.store.root.open(name)
    )
    facts = path.stat()
    assert again.get("Cat/m.pth", (facts.st_size, facts.st_mtime_ns)) == SHA
    assert opened == []
    house.put("Cat/m.pth", b"other")
    assert house.state("m") == (False, None, "modified")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b"\xff"])
def test_a_broken_memo_only_costs_reading_again(tmp_path, content):
    house = House(tmp_path, one(sha256=SHA))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hashes.json").write_bytes(content)
    house.put("Cat/m.pth")
    assert house.state("m") == (True, True, None)


def installed(tmp_path, house):
    source = tmp_path / "source"
    source.mkdir()
    (source / "m.pth").write_bytes(DATA)
    Installer(house.dir)(entry(source, category="Cat", source={"type": "local", "url": "m.pth"}))
    return house.dir / "Cat/m.pth"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: os.truncate(path, 10), "modified"),
        (lambda path: os.utime(path, (1, 1)), "modified"),
    ],
)
def test_a_change_of_an_installed_file_is_seen_at_once(tmp_path, change, problem):
    house = House(tmp_path, one())
    path = installed(tmp_path, house)
    assert house.state("m") == (True, True, None)
    change(path)
    assert house.state("m") == (False, None, problem)


@pytest.fixture
def many(tmp_path, monkeypatch):
    """A house with more files than are looked at each time, its clock, and the looks that wait to be done."""
    monkeypatch.setattr(catalog, "_MANY", 0)
    house, now, looks = House(tmp_path, one(size=len(DATA))), [100.0], []
    house.put("Cat/m.pth")
    house.catalog = Catalog(
        house.registry, house.store, house.memo, beside=looks.append, clock=lambda: now[0]
    )
    assert house.state("m") == (True, False, None)
    (house.dir / "Cat/m.pth").write_bytes(b"other")  # the folder's mtime stays
    return house, now, looks


@pytest.mark.parametrize(("age", "waiting"), [(1.0, 0), (3.0, 1), (9.0, 1)])
def test_where_files_are_many_a_reader_does_not_wait_until_all_were_looked_at(many, age, waiting):
    house, now, looks = many
    now[0] += age
    for _ in range(2):
        assert house.state("m") == (True, False, None)
    assert len(looks) == waiting
    for look in looks:
        look()
        assert house.state("m") == (False, None, "modified")


def test_nobody_is_told_what_was_not_looked_at_for_long(many):
    house, now, looks = many
    now[0] += 11.0
    assert house.state("m") == (False, None, "modified")
    assert looks == []


def test_a_look_that_ends_after_all_was_judged_anew_says_nothing(many):
    house, now, looks = many
    now[0] += 3.0
    house.state("m")
    house.put("Cat/new.pth")
    assert house.state("m") == (False, None, "modified")
    view = house.catalog.view()
    looks[0]()
    assert house.catalog.view() is view


def test_a_manifest_that_is_broken_or_of_the_future_proves_nothing(tmp_path):
    house = House(tmp_path, one(sha256="0" * 64))
    installed(tmp_path, house)
    assert house.state("m") == (True, True, None)
    manifest = next(house.store.manifests.iterdir())
    manifest.write_bytes(manifest.read_bytes()[:-5])
    os.utime(house.store.manifests)
    assert house.state("m") == (False, None, "modified")


def test_an_unchanged_house_is_not_judged_again(tmp_path):
    house = House(tmp_path, one())
    house.put("Cat/m.pth")
    for path in (house.dir, house.dir / "Cat"):
        os.utime(path, (1, 1))
    view = house.catalog.view()
    assert house.catalog.view() is view
    house.put("Cat/n.pth")
    assert house.catalog.view().version == view.version + 1


def test_a_category_lists_every_file_but_ours_and_hidden_ones(tmp_path):
    house = House(tmp_path)
    for name in (
        "Cat/b.pth",
        "Cat/a.tar.gz",
        "Cat/sub/c.onnx",
        "Cat/.hidden",
        "Cat/.nodeapi-1",
        "Other/x.pth",
        ".nodeapi/manifests/k.json",
    ):
        house.put(name)
    os.mkfifo(house.dir / "Cat/fifo")
    rows = [(file.name, file.path) for file in house.catalog.category("Cat")]
    assert rows == [("a.tar", "Cat/a.tar.gz"), ("b", "Cat/b.pth"), ("sub/c", "Cat/sub/c.onnx")]
    for name in (
        "",
        ".",
        "..",
        "/",
        "None",
        ".nodeapi",
        ".nodeapi/manifests",
        "Cat/../Other",
        "\0",
        "C:",
        "\ud800",
    ):
        assert house.catalog.category(name) == []


def test_links_are_followed_into_the_house_and_the_shared_folders_only(tmp_path):
    shared, secret = tmp_path / "shared", tmp_path / "secret"
    for folder in (shared, secret):
        folder.mkdir()
        (folder / "x.pth").write_bytes(b"x")
    house = House(tmp_path, shared=(shared,))
    house.put("Cat/real.pth")
    (house.dir / "Cat/in").symlink_to(house.dir / "Cat/real.pth")
    (house.dir / "Cat/shared").symlink_to(shared)
    (house.dir / "Cat/out").symlink_to(secret)
    (house.dir / "Cat/out.pth").symlink_to(secret / "x.pth")
    (house.dir / "Cat/loop").symlink_to(house.dir / "Cat")
    paths = [file.path for file in house.catalog.category("Cat")]
    assert paths == ["Cat/in", "Cat/real.pth", "Cat/shared/x.pth"]


def test_the_index_reads_only_folders_that_changed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").touch()
    for name in ("a", "b", ""):
        os.utime(tmp_path / name, (1, 1))
    index = Index(tmp_path)
    assert index.refresh() == 1
    before = dict(index._folders)
    assert index.refresh() == 1
    (tmp_path / "a" / "g").touch()
    assert index.refresh() == 2
    assert index._folders["b"] is before["b"]
    assert index.files("") == ["a/f", "a/g", "b/f"]


def test_a_folder_that_changed_a_moment_ago_is_read_once_more(tmp_path):
    (tmp_path / "f").touch()
    index = Index(tmp_path, clock_ns=lambda: tmp_path.stat().st_mtime_ns + 1000)
    index.refresh()
    mtime = tmp_path.stat().st_mtime_ns
    (tmp_path / "g").touch()
    os.utime(tmp_path, ns=(mtime, mtime))  # the same tick
    index.refresh()
    assert index.files("") == ["f", "g"]


@given(st.one_of(st.text(max_size=20), st.from_regex(names._PLAIN, fullmatch=True)))
def test_the_fast_look_at_a_name_accepts_nothing_that_the_rule_refuses(name):
    try:
        accepted = names._part.__wrapped__(name)
    except InvalidPath:
        return
    assert accepted == check_component(name)


def test_one_look_reads_only_so_many_bytes_of_a_persons_files(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_nodeapi.models.memo._AT_ONCE_BYTES", 2 * len(DATA))
    house = House(tmp_path, *(one(f"m{n}", path=f"{n}.pth", sha256=SHA) for n in range(5)))
    for number in range(5):
        house.put(f"Cat/{number}.pth")
    problems = [verdict.problem for verdict in house.catalog.view().verdicts.values()]
    assert problems == [None, None, "checking", "checking", "checking"]


def test_nothing_is_written_or_removed_through_a_link_into_a_shared_folder(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "m.pth").write_bytes(DATA)
    house = House(tmp_path, one(), shared=(shared,))
    house.dir.mkdir()
    (house.dir / "Cat").symlink_to(shared)
    assert house.state("m") == (True, False, None)
    verdict = house.catalog.view().verdicts["m"]
    reply = uninstall(house.store, "m", verdict, [], force=True)
    assert (reply.removed, reply.kept) == ((), ("Cat/m.pth",))
    source = tmp_path / "source"
    source.mkdir()
    (source / "m.pth").write_bytes(b"new")
    wanted = entry(source, category="Cat", source={"type": "local", "url": "m.pth"})
    with pytest.raises(Conflict):
        Installer(house.dir)(wanted, shared_dirs=[str(shared)])
    assert (shared / "m.pth").read_bytes() == DATA


def names_of(index):
    index.refresh()
    return index.files("")


def test_the_names_outlive_a_restart_and_only_changed_folders_are_read_again(tmp_path, monkeypatch):
    root, record = tmp_path / "models", tmp_path / "data" / "index.mpk"
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        (root / name / "old").touch()
    later = time.time_ns() + 10**9
    first = Index(root, record=record, clock_ns=lambda: later)
    assert names_of(first) == ["a/old", "b/old"]
    first.keep()
    (root / "b" / "new").touch()
    scanned = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: scanned.append(str(path)) or scandir(path))
    again = Index(root, record=record, clock_ns=lambda: later)
    assert names_of(again) == ["a/old", "b/new", "b/old"]
    assert scanned == [str(root / "b")]


def test_a_folder_that_changed_within_a_tick_is_read_again_after_a_restart(tmp_path):
    root, record = tmp_path / "models", tmp_path / "index.mpk"
    root.mkdir()
    first = Index(root, record=record)
    mtime_ns = root.stat().st_mtime_ns
    assert names_of(first) == []
    first.keep()
    (root / "new").touch()
    os.utime(root, ns=(mtime_ns, mtime_ns))
    assert names_of(Index(root, record=record)) == ["new"]


@pytest.mark.parametrize(
    "content", [b"", b"\xc1", b"\x92\x90\x80", b"\x92\x91\xa1/\x81\xa0\x95\x01\x02\xc2\x91\xa1x\x90"]
)
def test_a_broken_or_foreign_record_of_names_only_costs_reading_again(tmp_path, content):
    root, record = tmp_path / "models", tmp_path / "index.mpk"
    root.mkdir()
    (root / "here").touch()
    record.write_bytes(content)
    assert names_of(Index(root, record=record)) == ["here"]


def test_a_place_for_the_names_that_cannot_be_written_costs_nothing_else(tmp_path):
    root = tmp_path / "models"
    root.mkdir()
    (root / "here").touch()
    (tmp_path / "data").touch()
    index = Index(root, record=tmp_path / "data" / "index.mpk")
    assert names_of(index) == ["here"]
    index.keep()
    assert names_of(index) == ["here"]
