"""The demo's models: always the same, truly what their registry says, and real safetensors files."""

from __future__ import annotations

import hashlib
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).resolve().parents[2]
SAMPLES: dict[str, Any] = runpy.run_path(str(TOP / "tools" / "samples.py"))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = SAMPLES["make"](tmp_path_factory.mktemp("models.d"))
    return made


def test_the_registry_tells_the_truth_about_each_file(registry: Path) -> None:
    for entry in json.loads(registry.read_text())["models"]:
        for file in entry["files"]:
            data = (registry.parent / entry["source"]["url"] / file["from"]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (file["size"], file["sha256"])


def test_they_are_the_same_each_time(registry: Path, tmp_path: Path) -> None:
    assert SAMPLES["make"](tmp_path).read_bytes() == registry.read_bytes()


def test_making_them_again_touches_no_file_that_is_whole(registry: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in registry.parent.rglob("*.safetensors")}
    SAMPLES["make"](registry.parent)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_file_that_was_cut_short_is_made_whole(registry: Path, tmp_path: Path) -> None:
    first = next(SAMPLES["make"](tmp_path).parent.rglob("*.safetensors"))
    first.write_bytes(b"cut")
    SAMPLES["make"](tmp_path)
    assert first.read_bytes() == (registry.parent / first.relative_to(tmp_path)).read_bytes()


def test_each_is_a_real_safetensors_file(registry: Path) -> None:
    for path in registry.parent.rglob("*.safetensors"):
        data = path.read_bytes()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        assert header["noise"]["data_offsets"][1] == len(data) - 8 - length
