"""Gradio takes a file in one request, as its own client sends it; parallel means several files."""

from __future__ import annotations

import json

from _traffic import Lane

from peers.base import Peer, Run, Stored, script
from peers.form import form

__all__ = ["Gradio"]


class Gradio(Peer):
    """``POST /gradio_api/upload``."""

    name = "Gradio"

    def absent(self) -> str | None:
        return None if self.tools.has("gradio") else "gradio is not installed"

    def command(self) -> list[str]:
        return [self.tools.python, script("serve_gradio.py"), str(self.folder / "files")]

    def lane(self, run: Run, lane: int) -> Lane:
        offset, length = run.share(lane)
        fields = {"filename": f"{lane}-{run.name}"}
        reply = yield form("/gradio_api/upload", fields, "files", (offset, length), {})
        self._paths = {**getattr(self, "_paths", {}), (run.name, lane): json.loads(reply.body)[0]}

    def stored(self, run: Run) -> list[Stored]:
        lanes = range(run.lanes)
        return [Stored(self.folder / self._paths[run.name, lane], *run.share(lane)) for lane in lanes]
