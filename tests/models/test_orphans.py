"""Files that belong to no model are told, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.models.judgement import Verdict
from jupyter_nodeapi.models.orphans import page, unclaimed
from jupyter_nodeapi.models.schemas import InstalledFile, Manifest, OrphanQuery, Source
from tests.models.test_catalog import House, one


def installed(model_id: str, *names: str) -> Manifest:
    files = tuple(InstalledFile(name, 7, "0" * 64, 1) for name in names)
    return Manifest(model_id, "Cat", Source("url", "https://h.org/x"), files, installed_at=1.0)


def told(house: House) -> dict[str, str | None]:
    return dict(house.catalog.unclaimed())


def test_a_file_in_no_models_place_is_an_orphan_and_only_such_a_one(tmp_path):
    two = {
        "id": "two",
        "source": {"type": "url", "url": "https://h.org"},
        "files": [{"path": "a"}, {"path": "b"}],
    }
    house = House(tmp_path, one(size=7), two)
    house.put("Cat/m.pth", b"modified, but in its place")
    house.put("Cat/two/a", b"incomplete, but in its place")
    house.put(".nodeapi/partial/x/files/m.pth", b"on its way")
    assert told(house) == {}
    for name in ("Cat/other.pth", "Cat/two/more/c", "loose.bin"):
        house.put(name)
    assert told(house) == {"Cat/other.pth": None, "Cat/two/more/c": None, "loose.bin": None}


def test_a_model_that_no_registry_knows_any_more_is_named(tmp_path):
    house = House(tmp_path)
    house.put("Cat/old.pth")
    house.store.write_manifest(installed("org/old", "Cat/old.pth", "Cat/gone.pth"))
    assert told(house) == {"Cat/old.pth": "org/old"}


NAMES = st.lists(st.text("abc", min_size=1, max_size=5), unique=True, max_size=30)


@given(NAMES, st.integers(1, 7))
def test_the_pages_together_are_the_whole(names, limit):
    found = unclaimed(names, {"m": Verdict(True, files=tuple(names[:2]))}, [])
    assert [name for name, _ in found] == sorted(names[2:])
    cursor, seen = None, 0
    for start in range(0, max(len(found), 1), limit):
        rows = page(found, OrphanQuery(limit, cursor), Path("/nonexistent"))
        assert (rows.total, rows.rows) == (len(found), ())  # what is gone meanwhile is not told
        seen += len(found[start : start + limit])
        cursor = rows.next
    assert (seen, cursor) == (len(found), None)


@pytest.fixture
def jp_server_config(jp_server_config, jp_data_dir):
    folder = jp_data_dir / "nodeapi" / "models"
    for number in range(3):
        (folder / "Cat").mkdir(parents=True, exist_ok=True)
        (folder / "Cat" / f"{number}.pth").write_bytes(b"1234567")
    jp_server_config["NodeApiApp"]["models_dir"] = str(folder)
    return jp_server_config


def test_they_are_listed_in_pages_over_http_and_never_by_their_whole_path(api):
    first = api.get("/api/nodeapi/orphans", params={"limit": "2"})
    assert [row["path"] for row in first.json] == ["Cat/0.pth", "Cat/1.pth"]
    assert {row["size"] for row in first.json} == {7}
    assert first.headers["X-Total-Count"] == "3"
    link = first.headers["Link"]
    second = api.request("GET", link[link.index("api/") : link.index(">")], raw=True)
    assert [row["path"] for row in second.json] == ["Cat/2.pth"]
    assert first.json[0].keys() == {"path", "size", "modified"}
