"""The notebooks run from top to bottom against a real server, and are committed without outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.live.waiting import until

TOP = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
SECONDS = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's own folder, as `make demo` prepares it."""
    folder = tmp_path_factory.mktemp("demo")
    program = "import pathlib, sys, demo; demo.prepare(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(TOP / "tools")}
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True, env=environment, timeout=SECONDS)
    return folder


@pytest.fixture(scope="module")
def environment(home: Path) -> Iterator[dict[str, str]]:
    """A real server in that folder, and the environment in which a kernel finds it."""
    found = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    line = [
        sys.executable,
        "-m",
        "jupyter_server",
        "--ServerApp.port=0",
        "--ServerApp.ip=127.0.0.1",
        "--allow-root",
    ]
    line += [
        "--no-browser",
        "--ServerApp.reraise_server_extension_failures=True",
        f"--ServerApp.root_dir={home}",
    ]
    server = subprocess.Popen(line, env=found, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        said = []
        for text in server.stderr:  # the line comes once it listens; a server that dies ends the stream
            said.append(text)
            if "is running at" in text:
                break
        else:
            pytest.fail("".join(said))
        drain = threading.Thread(target=server.stderr.read, daemon=True)
        drain.start()
        (file,) = until(lambda: list((home / "runtime").glob("jpserver-*.json")), of="the server's address")
        about = until(lambda: json.loads(file.read_text() or "null"))
        yield {**found, "JUPYTER_NODEAPI_URL": about["url"], "JUPYTER_NODEAPI_TOKEN": about["token"]}
        server.terminate()
        drain.join(SECONDS)
    finally:
        server.kill()
        server.communicate(timeout=SECONDS)


@pytest.mark.live
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, environment: dict[str, str], tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    kinds = {
        kind for cell in notebook.cells for out in cell.get("outputs", []) for kind in out.get("data", {})
    }
    assert "image/png" in kinds


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(nbformat.from_dict(notebook))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in cells if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.parametrize(
    "route",
    [
        "/api/models",
        "/api/models/download/",
        "/api/downloads/status/",
        "/api/files/save",
        "/api/files/read",
        "/api/files/list",
        "/api/upload",
        "/api/audio/trim",
    ],
)
def test_the_tour_calls_every_documented_route(route: str) -> None:
    tour = nbformat.read(TOP / "notebooks" / "00_tour.ipynb", as_version=4)
    assert route in "\n".join(cell.source for cell in tour.cells if cell.cell_type == "code")
