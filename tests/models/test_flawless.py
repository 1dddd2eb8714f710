"""A large registry is looked through once, and never believed for another's sake."""

from __future__ import annotations

import json
import os

import pytest

from jupyter_nodeapi.models import flawless as module
from jupyter_nodeapi.models import registry as registry_module
from jupyter_nodeapi.models.flawless import Flawless
from jupyter_nodeapi.models.registry import Registry


@pytest.fixture(autouse=True)
def _small_counts(monkeypatch):
    monkeypatch.setattr(module, "_WORTH_BYTES", 1)


def item(model_id="m", **fields):
    source = {"type": "url", "url": "https://h.org/x"}
    return {"id": model_id, "name": "M", "category": "Cat", "source": source, **fields}


class House:
    """A folder of registries, started again and again."""

    def __init__(self, tmp_path, monkeypatch):
        self.file = tmp_path / "models.d" / "one.json"
        self.file.parent.mkdir()
        self.record = tmp_path / "data" / "flawless.json"
        self.parsed = []
        parse = registry_module.parse
        monkeypatch.setattr(
            registry_module, "parse", lambda raw, **told: self.parsed.append(raw) or parse(raw, **told)
        )

    def write(self, *items):
        self.file.write_text(json.dumps({"version": 1, "models": items}))

    def start(self, **options):
        self.parsed.clear()
        registry = Registry(
            lambda: [self.file.parent],
            builtin=False,
            points=list,
            flawless=Flawless(self.record),
            **options,
        )
        return registry.current()


@pytest.fixture
def house(tmp_path, monkeypatch):
    return House(tmp_path, monkeypatch)


def test_a_flawless_file_is_checked_once_and_says_the_same_ever_after(house):
    house.write(item("a"), item("b", files=[{"path": "x.bin", "size": 3}]))
    first = house.start()
    assert len(house.parsed) == 2
    second = house.start()
    assert house.parsed == []
    assert second.entries == first.entries
    assert second.entries["a"].origin == "models.d/one.json"
    assert second.entries["a"].folder == str(house.file.parent)


def test_other_bytes_under_the_same_name_size_and_time_are_checked(house):
    house.write(item("a", files=[{"path": "ab/cd.bin"}]))
    house.start()
    facts = house.file.stat()
    house.file.write_text(house.file.read_text().replace("ab/cd.bin", "../cd.bin"))
    os.utime(house.file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert house.file.stat().st_size == facts.st_size
    found = house.start()
    assert found.entries == {}
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    "bad", [item(category="../up"), item(files=[{"path": "a", "sha256": "zz"}]), {"id": "m"}, item(name=" ")]
)
def test_a_file_with_a_fault_is_checked_at_each_start(house, bad):
    house.write(item("good"), bad)
    for _ in range(2):
        found = house.start()
        assert list(found.entries) == ["good"]
        assert len(found.problems) == 1
    assert not house.record.exists()


def test_what_checking_puts_right_is_put_right_at_each_start(house):
    house.write(item(files=[{"path": "a", "sha256": "AB" * 32}]))
    for _ in range(2):
        assert house.start().entries["m"].files[0].sha256 == "ab" * 32


def test_a_lower_limit_counts_for_a_known_file_too(house):
    house.write(item("a"), item("b"))
    house.start()
    found = house.start(max_entries=1)
    assert list(found.entries) == ["a"]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"rules": "0", "digests": []}', '{"rules": null, "digests": 3}', "\x00"]
)
def test_a_broken_or_old_record_only_costs_checking_again(house, content):
    house.write(item("a"))
    house.record.parent.mkdir()
    house.record.write_text(content)
    assert list(house.start().entries) == ["a"]
    assert len(house.parsed) == 1
    house.start()
    assert house.parsed == []


def test_another_version_checks_again(house, monkeypatch):
    house.write(item("a"))
    house.start()
    monkeypatch.setattr(module, "__version__", "99")
    house.start()
    assert len(house.parsed) == 1


def test_a_place_that_cannot_be_written_costs_nothing_else(house):
    house.record.parent.write_text("a file, where the folder should be")
    house.write(item("a"))
    assert list(house.start().entries) == ["a"]
