"""AudioTrimmer under other hands and on other screens: touched, linked, called off, sharp wherever it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect

from .application import Application, ask, execute, known
from .hands import drop, offline
from .test_audio_trimmer import CELLS, TRIMMER, shown_with, tone

pytestmark = [pytest.mark.live, pytest.mark.slow]

SHARP = """() => {
  const canvases = [...document.querySelectorAll('.na-audio-trimmer canvas')];
  return canvases.length > 0 && canvases.every(canvas => canvas.width === Math.round(canvas.clientWidth * devicePixelRatio)
    && canvas.height === Math.round(canvas.clientHeight * devicePixelRatio));
}"""
TWO = """
import ipywidgets, numpy, soundfile, io
stream = io.BytesIO()
soundfile.write(stream, numpy.random.default_rng(1).normal(0, 0.1, 441000), 44100, format='WAV')
path = api.uploads.send(stream.getvalue(), name='noise.wav', progress=False).file_path
one, other = AudioTrimmer(path), AudioTrimmer(path)
links = [ipywidgets.jslink((one, name), (other, name)) for name in ('start', 'end')]
ipywidgets.VBox([one, other])"""

LINKED = """
import ipywidgets
from jupyter_nodeapi_widgets import Uploader
up = Uploader("Recorder", 7)
w = AudioTrimmer(source=up)
ipywidgets.VBox([up, w])"""


def own(page: Page) -> None:
    """Let the page be this story's alone."""


def test_it_is_sharp_on_a_fine_screen_and_at_another_zoom(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, before=own)
    shown_with(page, tone(tmp_path, seconds=2))
    session = page.context.new_cdp_session(page)
    for ratio, width in ((2, 1270), (1.25, 1250), (2, 640)):  # the last is a zoom of 200 %
        metrics = {"width": width, "height": 900, "deviceScaleFactor": ratio, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", metrics)
        page.wait_for_function(f"() => devicePixelRatio === {ratio}")
        page.wait_for_function(SHARP)


def touch(page: Page, handle: Locator, by: float) -> None:
    """Take an element with a finger, drag it sideways and let it go."""
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, places in (
        ("touchStart", [x]),
        ("touchMove", [x + by / 2]),
        ("touchMove", [x + by]),
        ("touchEnd", []),
    ):
        points = [{"x": place, "y": y} for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()


def test_a_finger_drags_a_handle(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    shown_with(page, tone(tmp_path, seconds=4))
    width = page.locator(".na-field").evaluate("element => element.clientWidth")
    touch(page, page.get_by_role("slider", name="Start"), width / 4)
    known(page, "round(w.start, 1)", 1.0)
    known(page, "w.end", 4)


def test_two_that_are_linked_show_the_same_region(lab: Application) -> None:
    page = lab.open([CELLS[0], TWO], ready=2)
    starts = page.get_by_role("slider", name="Start")
    expect(starts).to_have_count(2, timeout=30_000)
    starts.first.press("PageUp")
    expect(starts.nth(1)).to_have_attribute("aria-valuetext", "00:00:01.000")
    page.get_by_role("slider", name="End").nth(1).press("PageDown")
    expect(page.get_by_role("slider", name="End").first).to_have_attribute("aria-valuetext", "00:00:09.000")
    known(page, "[one.start, one.end, other.start, other.end]", [1, 9, 1, 9])
    execute(page, "one.format, one.fade_in = 'flac', 0.5")
    expect(page.get_by_role("combobox", name="Format").first).to_have_value("flac")
    expect(page.get_by_role("spinbutton", name="Fade in").first).to_have_value("0.5")


def test_a_long_cut_can_be_called_off(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    path = tmp_path / "long.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 1800 * 8000), 8000, subtype="PCM_16")
    shown_with(page, path)
    execute(page, "w.format, w.loudness = 'opus', '-14'")
    expect(page.get_by_role("combobox", name="Format")).to_have_value("opus")
    page.get_by_role("button", name="Save the cut").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Save the cut")).to_be_enabled(timeout=30_000)
    expect(page.locator(f"{TRIMMER} .na-live")).to_have_text("Cancelled; nothing was saved.")
    known(page, "[w.value, w.result]", ["", {}])


def test_a_sound_that_is_sent_waits_out_a_lost_network(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, before=own)
    path = tone(tmp_path, seconds=120)
    with offline(page):
        drop(page.locator(TRIMMER), path)
        expect(page.locator(f"{TRIMMER} .na-complaint")).to_contain_text("does not answer")
    expect(page.get_by_role("slider", name="Start")).to_be_visible(timeout=30_000)
    assert ask(
        page, "api.request('GET', '/api/audio/info', params={'filePath': w.file_path}).json()['frames']"
    ) == (120 * 44100)


def test_a_time_that_cannot_be_is_refused_in_words(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    shown_with(page, tone(tmp_path, seconds=4))
    start = page.get_by_role("textbox", name="Start")
    for wrong, words in (("5", "Start comes before End"), ("soon", "Type a time")):
        start.fill(wrong)
        start.press("Enter")
        expect(start).to_have_attribute("aria-invalid", "true")
        assert words in start.evaluate("field => field.validationMessage")
        page.get_by_role("button", name="Save the cut").click()
        expect(start).to_be_focused()
    known(page, "[w.start, w._job, w.value]", [0, "", ""])
    start.fill("1.5")
    start.press("Enter")
    expect(start).to_have_attribute("aria-invalid", "false")
    page.get_by_role("button", name="Save the cut").click()
    expect(page.locator(".na-result")).to_be_visible(timeout=30_000)
    known(page, "[w.start, w.result['duration']]", [1.5, 2.5])


@pytest.mark.parametrize("cell", ["w = AudioTrimmer(); w", LINKED])
def test_a_sound_that_takes_the_name_of_another_is_the_one_that_is_shown(
    lab: Application, tmp_path: Path, cell: str
) -> None:
    """Whoever records again calls it as before; what is seen and heard is what would be saved."""
    page = lab.open([CELLS[0], cell], ready=2 if cell == LINKED else 1)
    target = page.locator(".na-uploader" if cell == LINKED else TRIMMER).first
    for seconds in (4, 2):
        (tmp_path / f"{seconds}").mkdir()
        drop(target, tone(tmp_path / f"{seconds}", "take.wav", seconds))
        expect(page.locator(".na-trim-facts")).to_contain_text(f"00:00:0{seconds}.000", timeout=30_000)
        expect(page.get_by_role("slider", name="End")).to_have_attribute("aria-valuenow", f"{seconds}")
    known(page, "[w.start, w.end]", [0, 2])
