"""Many widgets in one notebook: they are quiet, they keep no bytes, and they are ipywidgets like any other."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.live.waiting import until

from .application import READY, Application, ask, execute, saved
from .cells import FILLED, IMPORTS
from .hands import API

pytestmark = [pytest.mark.live, pytest.mark.slow]

QUIET_SECONDS = 10
MARK = b"these very bytes are in no notebook "
BOXED = """
import ipywidgets as w
up = Uploader('Box', 1, layout=w.Layout(width='420px'))
w.VBox([w.HTML('<b>above</b>'), w.HBox([up])])
"""
LINKED = """
import ipywidgets as w
picker, text, seen = ModelPicker(query='tiny'), w.Text(), []
w.link((picker, 'query'), (text, 'value'))
picker.observe(lambda change: seen.append(change['new']), 'query')
out = w.interactive_output(lambda words: print('looking for', words), {'words': text})
w.VBox([picker, text, out])
"""


def test_twenty_widgets_ask_nothing_while_nothing_happens(lab: Application) -> None:
    cells = [
        "def four(i): return ModelPicker(), DownloadProgress(), Uploader('N', i), AudioTrimmer(voice.file_path)",
        "display(*[w for i in range(5) for w in four(i)])",
    ]
    page = lab.open([IMPORTS, FILLED, *cells], ready=20, own=True)
    expect(page.get_by_role("slider", name="Start")).to_have_count(5)
    expect(page.locator(".na-trim-sparse:visible")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if API.search(request.url) else None)
    page.wait_for_timeout(QUIET_SECONDS * 1000)  # silence can only be listened to
    assert asked == []


def test_a_saved_notebook_carries_no_bytes_and_no_token(either: Application, tmp_path: Path) -> None:
    page = either.open([IMPORTS, "w = Uploader('Keep', 1); w"])
    (tmp_path / "secret.txt").write_bytes(MARK * 100)
    page.set_input_files(f"{READY} input[type=file] >> nth=0", tmp_path / "secret.txt")
    expect(page.locator(READY)).to_contain_text("secret.txt")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    text = saved(page, either.server)
    assert "jupyter.widget-view" in text
    state = execute(
        page,
        "import json, ipywidgets; print(json.dumps(ipywidgets.Widget.get_manager_state(), default=repr))",
    )
    for kept in (text, state):
        assert either.server.token not in kept
        assert MARK.decode().strip() not in kept
        assert base64.b64encode(MARK * 3).decode()[:40] not in kept


def test_a_widget_lies_in_boxes_has_a_layout_and_two_views(lab: Application) -> None:
    page = lab.open([IMPORTS, BOXED, "up"], ready=2)
    assert [round(box.bounding_box()["width"]) for box in page.locator(READY).all()] == [420, 420]
    execute(page, "up.layout.display = 'none'")
    expect(page.locator(READY).first).to_be_hidden()


def test_widgets_observe_link_and_drive_an_interactive_output(lab: Application) -> None:
    page = lab.open([IMPORTS, LINKED])
    expect(page.locator(".jp-OutputArea-output", has_text="looking for tiny").last).to_be_visible()
    execute(page, "text.value = 'detector'")
    expect(page.locator(f"{READY} input[type=search]")).to_have_value("detector")
    expect(page.locator(".jp-OutputArea-output", has_text="looking for detector").last).to_be_visible()
    page.locator(f"{READY} input[type=search]").fill("vocoder")
    until(lambda: ask(page, "[text.value, seen[-1]]") == ["vocoder", "vocoder"])
