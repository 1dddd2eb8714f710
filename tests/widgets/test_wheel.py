"""Whoever installs the widgets needs no Node: the scripts are inside."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.contract.house import TOP

pytestmark = pytest.mark.slow

BUILD = "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1]), b.build_sdist(sys.argv[1]))"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build both from a copy in which `static` is there, and ignored by git as in the checkout."""
    home = tmp_path_factory.mktemp("build")
    source = home / "widgets"
    kept = shutil.ignore_patterns("node_modules", "__pycache__", "static", "src")
    shutil.copytree(TOP / "widgets", source, ignore=kept)
    (home / ".gitignore").write_text("static/\n")
    subprocess.run(["git", "init", "-q", str(home)], check=True)
    static = source / "jupyter_nodeapi_widgets" / "static"
    static.mkdir()
    for name in ("uploader.js", "uploader.css", "stray.map"):
        (static / name).write_text("/* built */")
    ran = subprocess.run(
        [sys.executable, "-c", BUILD, str(home / "dist")],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
        env={"PATH": "/nowhere", "HOME": str(home)},  # and no Node
    )
    wheel, sdist = ran.stdout.split()[-2:]
    return home / "dist" / wheel, home / "dist" / sdist


def test_the_wheel_holds_the_scripts(built: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(built[0]).namelist()
    assert {
        "jupyter_nodeapi_widgets/static/uploader.js",
        "jupyter_nodeapi_widgets/static/uploader.css",
    } <= set(names)
    assert "jupyter_nodeapi_widgets/client/api.py" in names
    assert not [name for name in names if name.endswith((".map", ".ts", ".mjs"))]


def test_the_sdist_holds_them_too(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        assert any(name.endswith("jupyter_nodeapi_widgets/static/uploader.js") for name in archive.getnames())


def test_the_wheel_installs_and_the_client_loads_without_node(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(tmp_path)]
    environment = {"PATH": "/nowhere", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    subprocess.run([*pip, str(built[0])], check=True, timeout=100, env=environment)
    program = "import jupyter_nodeapi_widgets as j; print(j.NodeApi('http://h/').url, j.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        timeout=30,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split() == ["http://h:80/", str(tmp_path / "jupyter_nodeapi_widgets" / "__init__.py")]
