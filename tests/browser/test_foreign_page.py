"""Each widget where no JupyterLab is: in a sandboxed frame of another origin that may load nothing.

That is how VS Code and Colab show an output: no Jupyter on the page, no cookie, no address of the server. What a
widget needs of the page is then its model alone, whose messages go to a widget of this process::

    <iframe sandbox>  model.send ──> KERNEL binding ──> widget._handle_custom_msg ──> the server
                      model.on   <── frame.evaluate <── widget.send, its traits
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import queue
import random
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_nodeapi_widgets import AudioTrimmer, DownloadProgress, ModelPicker, NodeApi, Uploader
from jupyter_nodeapi_widgets._base import ApiWidget, static
from playwright.sync_api import Browser, Frame, Page

from tests.live.real_server import RealServer

pytestmark = [pytest.mark.live, pytest.mark.slow]

SECONDS = 30
CSP = "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; media-src blob:"
FRAME = """<meta http-equiv="Content-Security-Policy" content="{csp}"><style>{style}</style><div id="widget"></div>"""
START = """async ([code, state]) => {
  const listeners = [], told = {};
  const tell = (name, ...what) => listeners.forEach(([names, act]) => names.split(' ').includes(name) && act(...what));
  const change = changes => { Object.assign(state, changes); for (const name in changes) tell(`change:${name}`); tell('change'); };
  const text = buffer => btoa(Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join(''));
  const model = {
    get: name => state[name],
    set: (name, value) => { told[name] = value; change({[name]: value}); },
    save_changes: () => KERNEL({changes: Object.fromEntries(Object.entries(told))}),
    on: (names, act) => listeners.push([names, act]),
    off: (names, act) => listeners.splice(listeners.findIndex(one => one[1] === act), 1),
    send: (content, _, buffers = []) => KERNEL({content, buffers: buffers.map(text)}),
  };
  window.hear = ({content, buffers, changes}) => changes ? change(changes)
    : tell('msg:custom', content, buffers.map(one => new DataView(Uint8Array.from(atob(one), c => c.charCodeAt(0)).buffer)));
  const made = (await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})))).default;
  const widget = typeof made === 'function' ? made() : made;
  widget.initialize?.({model});
  widget.render({model, el: document.getElementById('widget')});
}"""


REACHED = "async url => [await fetch(url, {mode: 'no-cors'}).then(() => true, () => false), origin]"


class Stand:
    """A widget of this process, shown in a frame that reaches nothing but it."""

    def __init__(self, page: Page, widget: ApiWidget, name: str) -> None:
        self._widget = widget
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._to_page: queue.Queue[dict[str, Any]] = queue.Queue()
        script, style = (path.read_text(encoding="utf-8") for path in static(name))
        state = {key: value for key, value in widget.get_state().items() if key not in {"_esm", "_css"}}
        widget.send = self._send
        widget.observe(lambda change: self._to_page.put({"changes": {change["name"]: change["new"]}}))
        page.expose_binding("KERNEL", lambda _source, told: self._hear(told))
        inner = html.escape(FRAME.format(csp=CSP, style=style))
        page.set_content(f'<iframe sandbox="allow-scripts" width=900 height=700 srcdoc="{inner}"></iframe>')
        self.frame: Frame = page.frames[1]
        self.frame.wait_for_selector("#widget", state="attached")
        self.frame.evaluate(START, [script, _plain(state)])

    def until(self, true: Callable[[], bool]) -> None:
        """Carry messages to the page until something is so."""
        for _ in range(SECONDS * 20):
            while not self._to_page.empty():
                self.frame.evaluate("told => hear(told)", self._to_page.get())
            if true():
                return
            self.frame.wait_for_timeout(50)
        pytest.fail(self.frame.locator("#widget").inner_text())

    def _send(self, content: Any, buffers: Any = None) -> None:
        texts = [base64.b64encode(buffer).decode() for buffer in buffers or []]
        self._to_page.put({"content": content, "buffers": texts})

    def _hear(self, told: dict[str, Any]) -> None:
        if "changes" in told:
            self._widget.set_state(told["changes"])
        else:
            buffers = [base64.b64decode(text) for text in told["buffers"]]
            self._widget._handle_custom_msg(told["content"], buffers)


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    kinds = (str, int, float, list, dict, type(None))
    return {name: value for name, value in state.items() if isinstance(value, kinds) and name != "layout"}


def _sound(api: NodeApi) -> str:
    with wave.open(file := io.BytesIO(), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(random.Random(1).randbytes(16000))
    return api.uploads.send(file.getvalue(), name="noise.wav", progress=False).file_path


WIDGETS: dict[str, tuple[Callable[[NodeApi], ApiWidget], str]] = {
    "model_picker": (lambda api: ModelPicker(api=api), "models"),
    "download_progress": (lambda api: DownloadProgress(api=api), "No downloads yet"),
    "audio_trimmer": (lambda api: AudioTrimmer(_sound(api), api=api), "00:00:01.000"),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_needs_nothing_of_the_page_but_its_model(
    name: str, browser: Browser, server: RealServer
) -> None:
    make, words = WIDGETS[name]
    page = browser.new_page()
    stand = Stand(page, make(NodeApi(server.url, server.token)), name)
    widget = stand.frame.locator("#widget")
    stand.until(lambda: words in widget.inner_text() and "through the kernel" in widget.inner_text())
    assert stand.frame.evaluate(REACHED, server.url) == [False, "null"]
    assert stand.errors == []
    page.close()


def test_an_upload_arrives_whole_from_a_page_that_reaches_nothing(
    browser: Browser, server: RealServer, tmp_path: Path
) -> None:
    page = browser.new_page()
    api = NodeApi(server.url, server.token)
    made = Uploader("LoadAny", 7, api=api)
    stand = Stand(page, made, "uploader")
    path = tmp_path / "größe 大.bin"
    path.write_bytes(random.Random(2).randbytes(3_000_000))
    stand.until(lambda: "through the kernel" in stand.frame.locator("#widget").inner_text())
    stand.frame.set_input_files("input", path)
    stand.until(lambda: bool(made.paths))
    found = api.request("GET", made.paths[0]).body
    assert hashlib.sha256(found).digest() == hashlib.sha256(path.read_bytes()).digest()
    page.close()
