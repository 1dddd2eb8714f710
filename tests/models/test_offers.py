"""What packages offer is found as importlib.metadata would find it, or nobody offers anything."""

from __future__ import annotations

import sys
import zipfile

import pytest

from jupyter_nodeapi.models.offers import offered

GROUP = "jupyter_nodeapi.registries"
POINTS = f"[{GROUP}]\nours = package:registry\n"


def install(place, name="shipped", text=POINTS):
    folder = place / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(text)
    return place


@pytest.fixture
def only(monkeypatch):
    return lambda *places: monkeypatch.setattr(sys, "path", [str(place) for place in places])


@pytest.mark.parametrize(
    ("text", "names"),
    [(POINTS, ["ours"]), ("[console_scripts]\nx = y:z\n", []), (f"# {GROUP}\n", []), ("", [])],
)
def test_a_package_offers_what_its_metadata_says(tmp_path, only, text, names):
    only(install(tmp_path / "site", text=text), tmp_path / "not there")
    assert [point.name for point in offered(GROUP)] == names


def test_nothing_is_parsed_where_nobody_offers(tmp_path, only, monkeypatch):
    only(install(tmp_path / "site", text="[other]\na = b:c\n"))
    monkeypatch.setattr("jupyter_nodeapi.models.offers._finders", lambda: False)  # other tests may bring some
    monkeypatch.setattr("jupyter_nodeapi.models.offers.entry_points", None)
    assert list(offered(GROUP)) == []


def test_a_package_in_an_archive_is_found(tmp_path, only):
    archive = tmp_path / "site.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(
            "shipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: shipped\nVersion: 1.0\n"
        )
        file.writestr("shipped-1.0.dist-info/entry_points.txt", POINTS)
    only(archive)
    assert [point.name for point in offered(GROUP)] == ["ours"]


def test_another_finder_of_packages_is_asked(tmp_path, only, monkeypatch):
    class Finder:
        @staticmethod
        def find_distributions(context=None):
            return iter(())

        @staticmethod
        def find_spec(name, path=None, target=None):
            return None

    asked = []
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    monkeypatch.setattr("jupyter_nodeapi.models.offers.entry_points", lambda group: asked.append(group) or ())
    only(tmp_path)
    assert list(offered(GROUP)) == []
    assert asked == [GROUP]
