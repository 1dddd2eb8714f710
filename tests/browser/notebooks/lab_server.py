"""A real server that shows JupyterLab 4 and Notebook 7, with the extension and three sample models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.live.real_server import RealServer
from tools import samples


class LabServer(RealServer):
    """One process for both applications: pages below ``lab/`` and ``notebooks/``.

    No hostile path is sent here and kernels need a machine as people have it, so there is no cage.

    Parameters
    ----------
    home : Path
        An empty folder that belongs to this server.
    config : dict, optional
        Additional Jupyter configuration.
    """

    def __init__(self, home: Path, config: dict[str, Any] | None = None) -> None:
        super().__init__(home, config, caged=False)
        asks_nobody = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        (self.home / "config" / "labconfig").mkdir()
        (self.home / "config" / "labconfig" / "page_config.json").write_text(json.dumps(asks_nobody))
        samples.make(self.home / "data" / "nodeapi" / "models.d")

    @property
    def notebooks(self) -> Path:
        """The folder that the applications show."""
        return self.home / "work"

    def kill_and_restart(self) -> None:
        """End the process as a power cut would; another one takes its address, its token and its data."""
        self.kill()
        self.start()

    def forget(self) -> None:
        """Shut every kernel down and forget what the user has set, so that the next story begins afresh."""
        for kernel in self.client.get("/api/kernels").json:
            self.client.request("DELETE", f"/api/kernels/{kernel['id']}")
        for setting in (self.home / "config" / "lab" / "user-settings").rglob("*.jupyterlab-settings"):
            setting.unlink()

    def _command(self) -> list[str]:
        port = urlsplit(self.url).port if self.url else 0  # the second life keeps the first one's port
        fixed = {"--port=0": f"--port={port}"}
        return [*(fixed.get(word, word) for word in super()._command()), "--ServerApp.port_retries=0"]

    def _settings(self) -> dict[str, Any]:
        settings = super()._settings()
        settings["ServerApp"]["jpserver_extensions"] |= {"jupyterlab": True, "notebook": True}
        settings["ServerApp"]["jpserver_extensions"]["notebook_shim"] = True
        settings["LabApp"] = {"expose_app_in_browser": True}
        settings["JupyterNotebookApp"] = {"expose_app_in_browser": True}
        return settings
