"""AudioTrimmer in a notebook: what is heard is what is saved, by mouse and by keyboard."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from .application import Application, ask, execute, idle, known, saved, shown
from .hands import drop, no_api
from .looks import DARK, LIGHT, axe, pictures, screenshot, theme

pytestmark = [pytest.mark.live, pytest.mark.slow]

TRIMMER = ".na-audio-trimmer"
RATE = 44100
CELLS = [
    "from jupyter_nodeapi_widgets import AudioTrimmer, NodeApi\napi = NodeApi()",
    "w = AudioTrimmer(); w",
]
SAVED = (
    "__import__('base64').b64encode(api.request('GET', "
    "__import__('urllib.parse').parse.quote(w.value)).body).decode()"
)
PLAYED = """async element => {
  const bytes = new Uint8Array(await (await fetch(element)).arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}"""
WATCH = """() => {
  window.played = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { window.played.push(this.src); return play.call(this); };
}"""


def tone(folder: Path, name: str = "Stimme für später.wav", seconds: float = 10.0) -> Path:
    """Write bursts of a chord with some noise: every sample differs from its neighbours."""
    at = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(7).normal(0, 0.04, at.size)
    swell = np.abs(np.sin(np.pi * at / 1.7)) ** 1.5 * (0.45 + 0.4 * np.sin(0.6 * at))
    sound = swell * (0.6 * np.sin(2 * np.pi * 220 * at) + 0.3 * np.sin(2 * np.pi * 331 * at) + noise)
    path = folder / name
    soundfile.write(path, np.stack([sound, sound * 0.8], axis=1), RATE, subtype="PCM_16")
    return path


def shown_with(page: Page, path: Path) -> None:
    """Drop a sound, and wait until it is drawn."""
    drop(page.locator(TRIMMER), path)
    expect(page.get_by_role("slider", name="Start")).to_be_visible(timeout=30_000)
    expect(page.locator(".na-trim-sparse")).to_be_hidden(timeout=30_000)


def samples(text: str) -> np.ndarray:
    return soundfile.read(io.BytesIO(base64.b64decode(text)), dtype="int16")[0]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the cut").click()
    expect(page.locator(".na-result")).to_be_visible(timeout=30_000)


def saved_cut(page: Page) -> np.ndarray:
    """Give the samples of what was saved, once the kernel knows of it."""
    known(page, "bool(w.value)", True)
    return samples(ask(page, SAVED))


def played(page: Page) -> np.ndarray:
    """Press play, wait for the end, and give the samples of what was played."""
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play what will be saved").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play what will be saved")).to_be_visible(timeout=15_000)
    return samples(page.evaluate(PLAYED, page.evaluate("window.played[0]")))


def test_by_mouse_what_is_heard_is_what_is_saved(either: Application, tmp_path: Path) -> None:
    page = either.open(CELLS)
    source = tone(tmp_path)
    shown_with(page, source)
    field = page.locator(".na-field").bounding_box()
    assert field is not None
    for name, part in (("Start", 0.31), ("End", 0.42)):
        page.get_by_role("slider", name=name).hover()
        page.mouse.down()
        page.mouse.move(field["x"] + field["width"] * part, field["y"] + 60, steps=5)
        page.mouse.up()
    known(page, "abs(w.end * 44100 - 0.42 * 441000) < 2000", True)
    first, last = ask(page, "[round(w.start * 44100), round(w.end * 44100)]")
    assert abs(first - 0.31 * 441000) < 2000
    assert abs(last - 0.42 * 441000) < 2000
    heard = played(page)
    save(page)
    kept = saved_cut(page)
    assert np.array_equal(heard, kept)
    assert np.array_equal(kept, soundfile.read(source, dtype="int16")[0][first:last])
    expect(page.locator(".na-truths")).to_contain_text("exact to the sample")
    with page.expect_download() as link:
        page.get_by_role("link", name="Download").click()
    assert np.array_equal(soundfile.read(link.value.path(), dtype="int16")[0], kept)
    pictures(page.locator(TRIMMER), "trimmer-saved")
    page.get_by_role("slider", name="Start").press("Home")  # what was saved stays what it is
    saved_range = f"00:00:{first / RATE:06.3f} \u2013 00:00:{last / RATE:06.3f}"
    expect(page.locator(".na-truths")).to_contain_text(saved_range)


def test_by_keyboard_alone(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    shown_with(page, tone(tmp_path, "Stimme 声 🎵.wav"))
    start = page.get_by_role("slider", name="Start")
    start.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "Alt+ArrowRight"):
        page.keyboard.press(key)
    expect(start).to_have_attribute("aria-valuetext", "00:00:00.110")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    for _ in range(5):  # long enough to be seen playing
        page.keyboard.press("PageUp")
    known(page, "[round(w.start * 44100), round(w.end * 44100)]", [4852, 4853 + 5 * 44100])
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").press("Enter")
    length = page.get_by_role("textbox", name="Length")
    length.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("0:02.5")
    page.keyboard.press("Enter")
    expect(length).to_have_value("00:00:02.500")
    page.get_by_role("button", name="Save the cut").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".na-result")).to_be_visible(timeout=30_000)
    known(page, "round(w.result.get('duration', 0) * 44100)", 110250)


def test_with_a_fade_too_what_is_heard_is_what_is_saved(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    source = tone(tmp_path, seconds=2)
    shown_with(page, source)
    page.get_by_role("spinbutton", name="Fade in").fill("0.5")
    page.get_by_role("spinbutton", name="Fade in").press("Tab")
    heard = played(page)
    save(page)
    kept = saved_cut(page)
    assert np.array_equal(heard, kept)
    assert not np.array_equal(kept, soundfile.read(source, dtype="int16")[0])


def test_a_reload_finds_the_region_and_the_result(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, own=True)
    shown_with(page, tone(tmp_path))
    page.get_by_role("slider", name="Start").press("PageUp")
    save(page)
    assert lab.server.token not in saved(page, lab.server)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    idle(page)
    shown(page)
    expect(page.get_by_role("slider", name="Start")).to_have_attribute("aria-valuetext", "00:00:01.000")
    expect(page.locator(".na-result")).to_be_visible()


def test_through_the_kernel_the_same_is_heard_and_saved(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, before=no_api)
    shown_with(page, tone(tmp_path, seconds=2))
    expect(page.locator(f"{TRIMMER} .na-badge")).to_have_text("through the kernel")
    heard = played(page)
    save(page)
    assert np.array_equal(heard, saved_cut(page))
    assert page.get_by_role("link", name="Download").get_attribute("href").startswith("blob:")  # type: ignore[union-attr]


def test_it_is_accessible_in_light_and_dark(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    shown_with(page, tone(tmp_path))
    page.get_by_role("slider", name="Start").press("PageUp")
    page.get_by_role("slider", name="End").press("PageDown")
    save(page)
    for name, picture in ((LIGHT, "trimmer-light"), (DARK, "trimmer-dark")):
        theme(page, name)
        assert axe(page, TRIMMER) == []
        screenshot(page.locator(TRIMMER), picture)
    theme(page, LIGHT)


def test_two_views_and_the_kernel_agree(lab: Application, tmp_path: Path) -> None:
    page = lab.open([CELLS[0], "import ipywidgets\nw = AudioTrimmer()\nipywidgets.VBox([w])", "w"], ready=2)
    drop(page.locator(TRIMMER).first, tone(tmp_path))
    starts = page.get_by_role("slider", name="Start")
    expect(starts).to_have_count(2, timeout=30_000)
    starts.first.press("PageUp")
    expect(starts.nth(1)).to_have_attribute("aria-valuetext", "00:00:01.000")
    known(page, "w.start", 1.0)
    execute(page, "w.start = 2.5")
    for view in starts.all():
        expect(view).to_have_attribute("aria-valuetext", "00:00:02.500")


def test_what_is_no_sound_is_said(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    path = tmp_path / "letter.mp3"
    path.write_text("no sound at all")
    drop(page.locator(TRIMMER), path)
    expect(page.locator(f"{TRIMMER} .na-complaint")).to_be_visible(timeout=30_000)
    pictures(page.locator(TRIMMER), "trimmer-no-sound")
