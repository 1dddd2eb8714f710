"""One story in Debian's Firefox: a widget draws itself and sends a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from . import application
from .firefox import Firefox
from .lab_server import LabServer

pytestmark = [pytest.mark.live, pytest.mark.slow]

CELLS = ["from jupyter_nodeapi_widgets import Uploader", "w = Uploader('Firefox', 1); w"]


def test_a_file_picked_in_firefox_lies_on_the_disk(lab_server: LabServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "tone.bin").write_bytes(content)
    (tmp_path / "profile").mkdir()
    notebook = application.write(lab_server.notebooks / "firefox.ipynb", CELLS)
    with Firefox(tmp_path / "profile") as firefox:
        firefox.goto(application.address(lab_server, notebook))
        firefox.wait_for(f"({application.IDLE})()")
        firefox.evaluate(f"({application.RUN_ALL})()")
        firefox.wait_for(f"Boolean(document.querySelector({json.dumps(application.READY)}))")
        firefox.pick(f"{application.READY} input[type=file]", tmp_path / "tone.bin")
        found = firefox.wait_for(
            f"({application.EXECUTE})('print(*w.paths)').then(answer => answer.said.trim())"
        )
    reply = lab_server.client.get(found)
    assert (reply.status, reply.body) == (200, content)
    lab_server.forget()
