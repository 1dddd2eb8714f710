"""The harness shows a widget, sees what is wrong with it, and brings a server back: tried on the smallest widget."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from .application import Application, ask, execute, idle, known, restart_kernel, saved, shown
from .hands import drop, no_api, offline
from .looks import DARK, axe, theme

pytestmark = [pytest.mark.live, pytest.mark.slow]

SMALLEST = """
import anywidget, traitlets
class Smallest(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
      el.className = "smallest"
      el.innerHTML = "<p>Files dropped: <output></output></p>"
      el.ondragover = event => { event.preventDefault(); event.stopPropagation() }
      el.ondrop = event => {
        event.preventDefault(); event.stopPropagation()
        el.querySelector("output").textContent = [...event.dataTransfer.files].map(f => f.name + f.size).join()
        model.set("count", event.dataTransfer.files.length); model.save_changes()
      }
      el.dataset.naReady = "1"
    } }'''
    count = traitlets.Int(0).tag(sync=True)
"""
CELLS = [SMALLEST, "w = Smallest(); w"]


def test_a_widget_is_shown_dropped_on_and_saved(either: Application, tmp_path: Path) -> None:
    page = either.open(CELLS)
    assert ask(page, "w.count") == 0
    (tmp_path / "a.txt").write_bytes(b"123")
    drop(page.locator(".smallest"), tmp_path / "a.txt")
    expect(page.locator(".smallest output")).to_have_text("a.txt3")
    known(page, "w.count", 1)
    assert "jupyter.widget-view" in saved(page, either.server)


def test_axe_sees_what_is_wrong_in_both_themes(lab: Application) -> None:
    page = lab.open(CELLS)
    assert axe(page, ".smallest") == []
    theme(page, DARK)
    assert axe(page, ".smallest") == []
    page.locator(".smallest p").evaluate("p => { p.style.color = '#777'; p.style.background = '#666' }")
    assert [fault.split(":")[0] for fault in axe(page, ".smallest")] == ["color-contrast"]


def test_a_killed_server_comes_back_at_its_address(lab: Application) -> None:
    page = lab.open(CELLS, own=True)
    url, process = lab.server.url, lab.server.pid
    lab.server.kill_and_restart()
    assert (lab.server.url, lab.server.pid != process) == (url, True)
    page.reload()
    idle(page)


def test_a_kernel_restarts_and_its_view_stays(lab: Application) -> None:
    page = lab.open(CELLS)
    restart_kernel(page)
    shown(page)
    assert execute(page, "print('w' in globals())") == "False\n"


def test_a_page_can_lose_the_api_or_the_network(lab: Application) -> None:
    asks = "path => fetch(path).then(reply => reply.status, () => 0)"
    page = lab.open(CELLS, run=False, before=no_api)
    assert page.evaluate(asks, "/api/upload/config") == 0
    assert page.evaluate(asks, "/api/status") == 200
    with offline(page):
        assert page.evaluate(asks, "/api/status") == 0
    assert page.evaluate(asks, "/api/status") == 200
