"""``make demo``: JupyterLab with the extension, three sample models and the tour, in one folder of its own.

::

    .demo/
      data/nodeapi/models.d/     the sample models and their registry (tools/samples.py)
      data/nodeapi/...           what the extension keeps: models, libs, temp, jobs
      notebooks/                 a copy of notebooks/, so that running the tour leaves the checkout clean
      config/                    one setting, no news from the internet: your own configuration is left out

The server listens on 127.0.0.1 only, with a fresh token. Ctrl-C stops it; `rm -r .demo` forgets everything.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import samples

TOP = Path(__file__).resolve().parents[1]
TOUR = "00_tour.ipynb"
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
SECONDS_TO_START = 90


def main() -> int:
    """Prepare the folder, start the server, say where it is, and stay until it ends."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-browser", action="store_true", help="print the URL, open nothing")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--folder", type=Path, default=TOP / ".demo", help="default: .demo")
    asked = parser.parse_args()

    folder = asked.folder.resolve()
    for name in {"SIGTERM", "SIGHUP"} & {one.name for one in signal.Signals}:  # a closed terminal, too
        signal.signal(signal.Signals[name], lambda *_: sys.exit(0))
    prepare(folder)
    port, token = asked.port or free_port(), secrets.token_hex(16)
    base = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(command(folder, port), cwd=folder, env=environment(folder, token))
    try:
        wait_until_up(f"{base}/api/nodeapi", token, server)
        url = f"{base}/lab/tree/{TOUR}?token={token}"
        print(f"\n  The tour is ready:\n\n    {url}\n\n  Ctrl-C stops it.\n", flush=True)
        if not asked.no_browser:
            webbrowser.open(url)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait(timeout=30)


def prepare(folder: Path) -> None:
    """Make the sample models and copy the notebooks; a copy that was changed by hand stays."""
    lab = folder / "config" / "labconfig"
    lab.mkdir(parents=True, exist_ok=True)
    (lab / "default_setting_overrides.json").write_text(json.dumps(NO_NEWS), encoding="utf-8")
    (folder / "notebooks").mkdir(exist_ok=True)
    samples.make(folder / "data" / "nodeapi" / "models.d")
    for source in sorted((TOP / "notebooks").glob("*.ipynb")):
        copy = folder / "notebooks" / source.name
        if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
            shutil.copyfile(source, copy)


def command(folder: Path, port: int) -> list[str]:
    """Give JupyterLab's command line."""
    line = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    line += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--JupyterApp.answer_yes=True"]
    line += [f"--ServerApp.root_dir={folder / 'notebooks'}", "--ServerApp.log_level=WARN"]
    line += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    return [*line, "--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else line


def environment(folder: Path, token: str) -> dict[str, str]:
    """Give an environment in which Jupyter keeps all in `folder`; it carries the token, unseen by `ps`."""
    ours = {
        "JUPYTER_TOKEN": token,
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "data" / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "data" / "workspaces"),
    }
    return {**os.environ, **ours}


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, token: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the extension answers; raise ``SystemExit`` when the server has ended or takes too long."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit("JupyterLab has ended; what it said is above.")
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise SystemExit(
                f"The server runs, but {url} answers {error.code}: the extension is not loaded."
            ) from error
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"The server did not answer within {SECONDS_TO_START} seconds.")


if __name__ == "__main__":
    sys.exit(main())
