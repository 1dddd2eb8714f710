"""The example of docs/how-to/ship-models.md, built, installed and seen without a restart."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from jupyter_nodeapi.models.published import registry_schema
from jupyter_nodeapi.models.registry import Registry, builtin_file

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[2]


def blocks(language):
    text = (TOP / "docs/how-to/ship-models.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_a_packages_model_appears_when_its_wheel_is_installed(tmp_path, monkeypatch):
    package, wheels, prefix = tmp_path / "package", tmp_path / "wheels", tmp_path / "prefix"
    package.mkdir()
    (package / "pyproject.toml").write_text(blocks("toml")[0])
    (package / "models.json").write_text(blocks("json")[0])
    (package / "my_nodes.py").touch()
    watched = Registry(lambda: [prefix / "share/jupyter/nodeapi/models.d"], builtin=False, points=list)
    assert watched.current().entries == {}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = [
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(wheels),
        str(package),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = wheels.iterdir()
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--prefix", str(prefix), str(wheel)],
        check=True,
        capture_output=True,
    )
    snapshot = watched.current()
    assert snapshot.problems == ()
    assert list(snapshot.entries) == ["my-nodes/edge-detector"]


@pytest.mark.parametrize(
    "text", [builtin_file().read_text(encoding="utf-8"), blocks("json")[0]], ids=["builtin", "docs"]
)
def test_the_published_schema_accepts_what_the_reader_accepts(text):
    jsonschema.validate(json.loads(text), registry_schema())


@pytest.mark.parametrize(
    "change",
    [{"id": 7}, {"files": [{"size": 1}]}, {"source": {"type": "url"}}, {"tags": "x"}, {"category": None}],
)
def test_the_published_schema_refuses_wrong_types(change):
    registry = json.loads(blocks("json")[0])
    registry["models"][0].update(change)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(registry, registry_schema())
