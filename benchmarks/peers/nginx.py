"""nginx with its dav module: every chunk is a file of its own, and nobody joins them."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from _traffic import Lane, Request, head

from peers.base import Peer, Run, Stored

__all__ = ["Nginx"]

_CONFIG = """
daemon off; worker_processes 1; user root; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_max_body_size 0; keepalive_requests 1000000;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  server {{
    listen 127.0.0.1:{port};
    location = /light {{ return 200 "{{}}"; }}
    location / {{ root {folder}/files; dav_methods PUT; client_body_buffer_size 1m; }}
  }}
}}
"""


class Nginx(Peer):
    """``PUT /<index>-<name>``."""

    name = "nginx dav"

    def absent(self) -> str | None:
        return None if shutil.which(self.tools.nginx) else "nginx is not installed"

    def start(self) -> None:
        folder = self.folder.resolve()
        for name in ("files", "tmp"):
            (folder / name).mkdir(parents=True)
        # nginx cannot say which port it was given: it inherits a socket instead.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            config = folder / "nginx.conf"
            config.write_text(_CONFIG.format(folder=folder, port=self.port))
            self._process = subprocess.Popen(
                [self.tools.nginx, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")],
                env={**self.environment(), "NGINX": f"{listener.fileno()};"},
                pass_fds=[listener.fileno()],
                text=True,
            )

    def lane(self, run: Run, lane: int) -> Lane:
        for index, offset, length in run.chunks(lane):
            yield Request(head("PUT", f"/{index}-{run.name}", length, {}), offset, length)

    def stored(self, run: Run) -> list[Stored]:
        files = Path(self.folder) / "files"
        every = (chunk for lane in range(run.lanes) for chunk in run.chunks(lane))
        return [Stored(files / f"{index}-{run.name}", offset, length) for index, offset, length in every]
