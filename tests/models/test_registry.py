"""Which models exist: many registries, one list, no bad neighbour."""

from __future__ import annotations

import json
import os

import pytest

from jupyter_nodeapi.models.registry import Registry, builtin_file


def model(model_id, **fields):
    return {
        "id": model_id,
        "name": model_id,
        "category": "C",
        "source": {"type": "url", "url": "https://h.org/a"},
        **fields,
    }


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / name for name in ("user", "env", "system")]
    for folder in made:
        folder.mkdir()
    return made


def registry(folders, **options):
    return Registry(lambda: folders, builtin=False, points=list, **options)


def put(folder, name, *models, version=1):
    (folder / name).write_text(json.dumps({"version": version, "models": list(models)}))


def test_the_most_personal_registry_wins(folders):
    put(folders[2], "a.json", model("x", name="system"), model("y", name="system"))
    put(folders[0], "a.json", model("x", name="user"))
    snapshot = registry(folders).current()
    assert {entry.id: entry.name for entry in snapshot.entries.values()} == {"x": "user", "y": "system"}
    assert [problem.model for problem in snapshot.problems] == ["x"]


def test_one_bad_entry_hides_nothing_else(folders):
    put(folders[0], "a.json", model("good"), {"id": "../bad"}, 7, model("better"))
    snapshot = registry(folders).current()
    assert list(snapshot.entries) == ["good", "better"]
    assert [problem.model for problem in snapshot.problems] == ["../bad", "#2"]
    assert all(problem.registry == "models.d/a.json" for problem in snapshot.problems)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"models": {}}', b"\xff", b'{"version": 2, "models": []}', b"[" * 100_000]
)
def test_a_broken_file_is_a_diagnostic_and_hides_nothing_else(folders, content):
    (folders[0] / "bad.json").write_bytes(content)
    put(folders[0], "good.json", model("good"))
    snapshot = registry(folders).current()
    assert list(snapshot.entries) == ["good"]
    assert [problem.registry for problem in snapshot.problems] == ["models.d/bad.json"]
    assert str(folders[0]) not in str(snapshot.problems)


def test_a_fifo_a_folder_and_a_huge_file_are_diagnostics(folders):
    os.mkfifo(folders[0] / "fifo.json")
    (folders[0] / "folder.json").mkdir()
    put(folders[0], "huge.json", *(model(f"m{n}") for n in range(100)))
    put(folders[0], "ok.json", model("good"))
    snapshot = registry(folders, max_file_bytes=1000).current()
    assert list(snapshot.entries) == ["good"]
    assert len(snapshot.problems) == 3


def test_a_file_is_seen_without_a_restart_when_it_comes_changes_and_goes(folders):
    watched = registry(folders)
    assert watched.current().entries == {}
    put(folders[1], "pkg.json", model("one"))
    assert list(watched.current().entries) == ["one"]
    put(folders[1], "pkg.json", model("one"), model("second"))
    assert list(watched.current().entries) == ["one", "second"]
    version = watched.current().version
    assert watched.current().version == version
    (folders[1] / "pkg.json").unlink()
    assert watched.current().entries == {}


def test_too_many_entries_are_cut_with_a_diagnostic(folders):
    put(folders[0], "a.json", *(model(f"m{n}") for n in range(10)))
    snapshot = registry(folders, max_entries=3).current()
    assert len(snapshot.entries) == 3
    assert "first 3 of 10" in snapshot.problems[0].message


class Point:
    def __init__(self, name, result):
        self.name = name
        self._result = result

    def load(self):
        if isinstance(self._result, Exception):
            raise self._result
        return lambda: self._result


def test_entry_points_and_traits_follow_the_files_and_fail_alone(folders):
    put(folders[0], "a.json", model("x", name="file"))
    points = [
        Point("broken", ImportError("no")),
        Point("odd", ["x"]),
        Point("fine", {"models": [model("x", name="point"), model("p")]}),
    ]
    extra = [{"models": [model("p", name="trait"), model("t")]}]
    snapshot = Registry(lambda: folders, extra=extra, builtin=False, points=lambda: points).current()
    assert [(entry.id, entry.origin) for entry in snapshot.entries.values()] == [
        ("x", "models.d/a.json"),
        ("p", "entry point fine"),
        ("t", "Models.entries[0]"),
    ]
    assert {problem.registry for problem in snapshot.problems} >= {"entry point broken", "entry point odd"}


def test_disabled_ids_are_not_shown(folders):
    put(folders[0], "a.json", model("x"), model("y"))
    assert list(registry(folders, disabled=["x"]).current().entries) == ["y"]


def test_the_builtin_list_is_sound_and_holds_the_documents_model(folders):
    snapshot = Registry(lambda: folders, points=list).current()
    assert snapshot.problems == ()
    yolox = snapshot.entries["yolox_s"]
    assert (yolox.name, yolox.category) == ("YOLOX S", "Object Detection")
    assert (yolox.source.type, yolox.source.url) == ("huggingface", "Megvii-BaseDetection/YOLOX")
    assert len(snapshot.entries) >= 10
    assert all(entry.license for entry in snapshot.entries.values())
    raw = json.loads(builtin_file().read_text())
    assert not any(
        "sha256" in file or "size" in file for item in raw["models"] for file in item.get("files", [])
    )


@pytest.mark.parametrize("others", [[], [7]], ids=["all well-formed", "not all"])
def test_a_file_cannot_say_where_it_lies(folders, others):
    put(folders[0], "a.json", model("x", origin="builtin", folder="/etc"), *others)
    entry = registry(folders).current().entries["x"]
    assert (entry.origin, entry.folder) == ("models.d/a.json", str(folders[0]))
