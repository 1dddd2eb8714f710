"""The npm releases of the uploaders: installed once into a cache folder, bundled with esbuild."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .recipes import SHARED, recipes, titles

_HERE = Path(__file__).parent
_LISTS = ("package.json", "package-lock.json")
_HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<script id="jupyter-config-data" type="application/json">{config}</script>
<p><label>File <input type="file" id="file"></label> <output id="result"></output></p>
<script src="{name}.js"></script>
</html>
"""


def modules() -> Path:
    """Give a ``node_modules`` folder with exactly what the lock file names."""
    digest = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _LISTS)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter_nodeapi"
    home = cache / f"uploaders-{digest}"
    if not home.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".uploaders-", dir=cache))
        for name in _LISTS:
            shutil.copy(_HERE / name, fresh)
        _run(["npm", "ci", "--silent", "--no-fund", "--no-audit"], fresh)
        try:
            fresh.rename(home)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return home / "node_modules"


def build(folder: Path) -> None:
    """Write a page and a script for each browser recipe into `folder`."""
    found = recipes()
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "server.js").write_text(found[SHARED].code, encoding="utf-8")
    clients = [found[title] for title in titles("js")]
    for client in clients:
        (source / f"{client.name}.js").write_text(client.code, encoding="utf-8")
        page = _HTML.format(title=client.title, name=client.name, config=json.dumps({"baseUrl": "/"}))
        (folder / f"{client.name}.html").write_text(page, encoding="utf-8")
    installed = modules()
    entries = [f"{client.name}.js" for client in clients]
    options = ["--bundle", "--format=iife", "--log-level=error", '--define:process.env.NODE_ENV="production"']
    command = [str(installed / ".bin" / "esbuild"), *entries, *options, f"--outdir={folder}"]
    _run(command, source, NODE_PATH=str(installed))


def _run(command: list[str], folder: Path, **env: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}{done.stderr}"
