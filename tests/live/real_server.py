"""A real ``jupyter server`` process with a home of its own, started, killed and started again.

::

    <home>/config/jupyter_server_config.json     what the test asks for
    <home>/{data,runtime,work,tmp}               JUPYTER_DATA_DIR, jpserver-<pid>.json, root_dir, TMPDIR
    <home>/nodeapi                               the extension's data_dir
    <home>/server.log                            everything the process says

It listens on 127.0.0.1 at a port the system picks; the address is read from ``jpserver-<pid>.json``. Tests
send paths that a naive handler would obey, so a server started by root lives in a cage: a mount namespace
in which everything but ``<home>`` is read-only and ``/dev`` holds four harmless nodes.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .plain_http import Client

_CAGE = """
set -e
home=$1; shift
mount --make-rprivate /
mount --bind "$home" "$home"
mount -t tmpfs -o size=64m,mode=755 tmpfs /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9
mkdir -m 1777 /dev/shm
if [ -n "${MODELS_DISK:-}" ]; then
  mkdir -p "$home/nodeapi/models"
  mount -t tmpfs -o "size=$MODELS_DISK" tmpfs "$home/nodeapi/models"
fi
ln -s /proc/self/fd /dev/fd
cut -d ' ' -f 5 /proc/self/mountinfo | sort -u | while read -r target; do
  case $target in
    "$home"|"$home"/*|/dev|/dev/*) ;;
    *) mount -o remount,bind,ro "$target" 2>/dev/null || true ;;
  esac
done
cd "$home"
for place in / /proc/sys/vm/stat_interval "$HOME/.." /tmp; do
  if [ -w "$place" ]; then echo "the cage leaks at $place" >&2; exit 70; fi
done
exec "$@"
"""

_OTHERS_OFF = dict.fromkeys(("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "panel"), False)


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in extra.items():
        old = merged.get(name)
        merged[name] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


class RealServer:
    """One server that may live several lives in the same home.

    Parameters
    ----------
    home : Path
        An empty folder that belongs to this server.
    config : dict, optional
        Additional Jupyter configuration, ``{"Uploads": {"max_chunk_bytes": 4096}}``.
    env : dict, optional
        Additional environment variables. ``MODELS_DISK`` gives the models of a caged one a disk of that size.
    caged : bool
        Whether root's server may only write in `home`. Without root, permissions do that.
    descriptors : int, optional
        How many files and sockets the process may have open; default: as many as this one.
    """

    def __init__(
        self,
        home: Path,
        config: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        *,
        caged: bool = True,
        descriptors: int | None = None,
    ) -> None:
        self.home = home.resolve()
        self.token = secrets.token_hex(16)
        self.data_dir = self.home / "nodeapi"
        self.log = self.home / "server.log"
        self.url = ""
        self._descriptors = descriptors
        self._caged = caged and hasattr(os, "geteuid") and os.geteuid() == 0
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("config", "data", "runtime", "work", "tmp"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self._env = self._environment(env or {})
        settings = _merge(self._settings(), config or {})
        (self.home / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def client(self) -> Client:
        """A caller that sends the server's token."""
        return Client(self.url, headers={"Authorization": f"token {self.token}"})

    @property
    def stranger(self) -> Client:
        """A caller without any credential."""
        return Client(self.url)

    def inside(self, path: Path) -> Path:
        """Give a path as the process sees it, with the disks of its cage."""
        return Path(f"/proc/{self.pid}/root{path}")

    def start(self, seconds: float = 60) -> RealServer:
        """Start the process and return once it answers."""
        command = self._command()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.home, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the server did not come up:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End the process as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self._reap(10)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> float:
        """Ask the process to stop, wait until it has, and return the seconds that took."""
        begun = time.monotonic()
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, by)
            self._reap(20)
        self._process = None
        return time.monotonic() - begun

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0"]
        command.append("--ServerApp.ip=127.0.0.1")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        if self._descriptors:
            command = ["sh", "-c", f'ulimit -n {self._descriptors}; exec "$@"', "few", *command]
        if self._caged:
            command = ["unshare", "-m", "sh", "-c", _CAGE, "cage", str(self.home), *command]
        return command

    def _reap(self, seconds: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
            raise AssertionError("the server did not stop when asked") from None

    def _answers(self) -> bool:
        try:
            info = json.loads((self.home / "runtime" / f"jpserver-{self.pid}.json").read_text())
            self.url = str(info["url"])
            return self.client.get("/api").status == 200
        except (OSError, ValueError):
            return False

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HF_"))}
        return {
            **env,
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTER_PLATFORM_DIRS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "no_proxy": "*",
            **extra,
        }

    def _settings(self) -> dict[str, Any]:
        return {
            "ServerApp": {
                "root_dir": str(self.home / "work"),
                "open_browser": False,
                "reraise_server_extension_failures": True,
                "jpserver_extensions": {**_OTHERS_OFF, "jupyter_nodeapi": True},
            },
            "IdentityProvider": {"token": self.token},
            "NodeApiApp": {"data_dir": str(self.data_dir)},
        }
