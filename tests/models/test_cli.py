"""``jupyter nodeapi models``."""

from __future__ import annotations

import json
import os

import pytest

from jupyter_nodeapi.cli.models import ModelsApp

DATA = os.urandom(50_000)


@pytest.fixture
def shipped(jp_environ, jp_data_dir):
    """A models.d folder with a local model beside its registry."""
    folder = jp_data_dir / "nodeapi" / "models.d"
    folder.mkdir(parents=True)
    (folder / "tiny.pth").write_bytes(DATA)
    entry = {"id": "tiny", "name": "Tiny", "category": "Cat", "source": {"type": "local", "url": "tiny.pth"}}
    (folder / "a.json").write_text(json.dumps({"models": [entry]}))
    return folder


def run(capsys, *words, **options):
    command = ModelsApp(**options)
    command.extra_args = list(words)
    with pytest.raises(SystemExit) as ended:
        command.start()
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_a_model_is_listed_installed_verified_and_removed(shipped, jp_data_dir, capsys):
    assert any(line.split()[:2] == ["tiny", "-"] for line in run(capsys, "list")[1].splitlines())
    assert run(capsys, "install", "tiny") == (0, "tiny: Cat/tiny.pth\n", "")
    assert (jp_data_dir / "nodeapi/models/Cat/tiny.pth").read_bytes() == DATA
    assert run(capsys, "install", "tiny")[1] == "tiny: already installed\n"
    assert run(capsys, "list", "tiny")[1].split()[:2] == ["tiny", "installed"]
    assert run(capsys, "verify", "tiny") == (0, "ok        Cat/tiny.pth\n", "")
    assert run(capsys, "remove", "tiny") == (0, "removed   Cat/tiny.pth\n", "")
    assert run(capsys, "remove", "tiny")[0] == 1


def test_files_of_no_model_are_listed_when_asked_for(shipped, jp_data_dir, capsys):
    folder = jp_data_dir / "nodeapi/models/Cat"
    folder.mkdir(parents=True)
    (folder / "stray.pth").write_bytes(DATA)
    code, out, err = run(capsys, "list", orphans=True)
    assert (code, out.split(), err) == (0, ["50,000", "Cat/stray.pth"], "1 files of no known model\n")


def test_check_says_what_is_wrong_and_how_many_are_right(shipped, capsys):
    code, out, _ = run(capsys, "check")
    assert (code, out) == (0, "")
    (shipped / "b.json").write_text('{"models": [{"id": "../x"}]}')
    code, out, _ = run(capsys, "check")
    assert code == 1
    assert out.startswith("models.d/b.json: ../x: ")


def test_a_registry_is_added_once_and_only_when_it_is_sound(shipped, tmp_path, capsys):
    source = tmp_path / "mine.json"
    entry = {"id": "mine", "category": "C", "source": {"type": "huggingface", "url": "org/name"}}
    source.write_text(json.dumps({"models": [entry]}))
    assert run(capsys, "add", str(source))[:2] == (0, "1 models added\n")
    assert "mine" in run(capsys, "list", "mine")[1]
    code, _, err = run(capsys, "add", str(source))
    assert (code, "--force" in err) == (1, True)
    assert run(capsys, "add", str(source), force=True)[0] == 0
    for text in ("{", "[]", json.dumps({"models": [{**entry, "id": "../x"}]})):
        source.write_text(text)
        assert run(capsys, "add", str(source), force=True)[0] == 1
    assert "mine" in run(capsys, "list", "mine")[1]


def test_a_foreign_list_is_imported_or_printed(shipped, tmp_path, capsys):
    source = tmp_path / "model-list.json"
    row = {
        "name": "A",
        "type": "vae",
        "save_path": "default",
        "filename": "a.pt",
        "url": "https://h.org/a.pt",
    }
    source.write_text(json.dumps({"models": [row, {**row, "save_path": "custom_nodes/x"}]}))
    code, out, err = run(capsys, "import", str(source), kind="comfyui-manager", stdout=True)
    assert (code, [item["id"] for item in json.loads(out)["models"]]) == (0, ["a"])
    assert "left out" in err
    assert run(capsys, "import", str(source), kind="comfyui-manager")[0] == 0
    assert (shipped / "comfyui-manager.json").exists()
    assert run(capsys, "import", str(source), kind="other", force=True)[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["install"],
        ["verify"],
        ["add"],
        ["import", "a", "b"],
        ["add", "/no/such/file"],
        ["install", "nope"],
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(shipped, capsys, words):
    code, _, err = run(capsys, *words)
    assert code == 1
    assert err
    assert "Traceback" not in err


def test_the_schema_is_printed_as_json(capsys):
    code, out, _ = run(capsys, "schema")
    assert code == 0
    assert json.loads(out)["$ref"] == "#/$defs/Registry"
