"""DownloadProgress in a notebook: watched, steered, reloaded, and true over the server's death."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .application import READY, Application, ask, execute, idle, known, run_all, saved, shown
from .cells import SELECTORS
from .hands import API, Line, no_api
from .looks import DARK, axe, layout, pictures, theme

pytestmark = [pytest.mark.live, pytest.mark.slow]

IMPORTS = "from jupyter_nodeapi_widgets import DownloadProgress, NodeApi\napi = NodeApi()"
START = "job = api.request('POST', '/api/models/download/lab%2F{}').json()['job_id']"
ONE = "bar = DownloadProgress(job_id=job); bar"
VOICE = """
import io, wave
import numpy as np
from jupyter_nodeapi_widgets import NodeApi
rng, rate = np.random.default_rng(3), 22050
at = np.arange(12 * rate) / rate
swell = np.interp(at, np.arange(0, 12.2, 0.11), rng.gamma(2.2, 0.16, 111) * (rng.random(111) > 0.2)).clip(0, 0.95)
sound = swell * (0.8 * np.sin(1382 * at) + 0.2 * rng.standard_normal(len(at)))
with wave.open(file := io.BytesIO(), "wb") as out:
    out.setparams((1, 2, rate, 0, "NONE", ""))
    out.writeframes((sound.clip(-1, 1) * 32000).astype("<i2").tobytes())
api = NodeApi()
voice = api.uploads.send(file.getvalue(), name="interview.wav", progress=False).file_path
api.models.install("tiny-diffusion", progress=False)
"""
SIDE_BY_SIDE = """
from ipywidgets import HBox, VBox
from jupyter_nodeapi_widgets import AudioTrimmer, DownloadProgress, ModelPicker, Uploader

models, progress = ModelPicker(query="image"), DownloadProgress("atelier/xl")
files, sound = Uploader("LoadImage", 2), AudioTrimmer(voice, start=2.2, end=7.4)
HBox([VBox([models, progress], layout={"width": "50%"}), VBox([files, sound], layout={"width": "50%"})])
""".strip()
PROGRESS = ".na-download-progress"


@pytest.fixture
def lab(slow_lab: Application) -> Application:
    """JupyterLab on the server of slow models."""
    return slow_lab


def button(page: Page, name: str) -> Locator:
    return page.locator(PROGRESS).get_by_role("button", name=name, exact=True)


def word(page: Page) -> Locator:
    return page.locator(f"{PROGRESS} .na-chip").first


def test_a_job_is_watched_and_steered_and_the_kernel_knows(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("many"), ONE])
    expect(word(page)).to_have_text("Downloading")
    expect(page.locator(".na-job-numbers")).to_contain_text("/s")
    page.locator(f"{PROGRESS} summary").click()
    expect(page.locator(f"{PROGRESS} .na-files li")).to_have_count(5)
    expect(page.locator(".na-file-bytes").first).not_to_have_text("0 B of 2.0 MB")
    pictures(page.locator(PROGRESS), "download-progress")
    button(page, "Pause").click()
    expect(word(page)).to_have_text("Paused")
    expect(button(page, "Resume")).to_be_focused()
    pictures(page.locator(PROGRESS), "download-progress-paused")
    button(page, "Resume").focus()
    known(page, "[bar.status, bar.state]", ["running", "paused"])
    page.keyboard.press("Enter")
    expect(word(page)).to_have_text("Done", timeout=30_000)
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("aria-valuenow", "100")
    known(page, "[bar.status, bar.state, bar.progress]", ["completed", "completed", 100])
    expect(page.locator(f"{PROGRESS} summary")).to_have_text("5 of 5 files are here")
    expect(page.locator(".na-file-bytes")).to_have_text(["2.0 MB of 2.0 MB"] * 5)
    pictures(page.locator(PROGRESS), "download-progress-done")


def test_a_cancelled_job_is_over_and_its_bytes_are_gone(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("big"), "bar = DownloadProgress('lab/big'); bar"])
    button(page, "Cancel").click()
    expect(word(page)).to_have_text("Cancelled")
    known(page, "[bar.status, bar.state]", ["error", "cancelled"])
    pictures(page.locator(PROGRESS), "download-progress-cancelled")


def test_a_cell_waits_without_the_page(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("many"), ONE, "told = await bar.wait(60)"])
    known(page, "[told, bar.progress]", ["completed", 100])


def test_a_reload_midway_finds_the_same_job(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("big"), ONE], own=True)
    job = ask(page, "job")
    saved(page, lab.server)
    page.reload()
    idle(page)
    shown(page)
    expect(page.locator(f'{PROGRESS} [data-job="{job}"]')).to_be_visible()
    expect(word(page)).to_have_text("Done", timeout=30_000)


def test_a_server_that_is_killed_midway_goes_on_with_the_same_job(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("big"), ONE], own=True)
    job = ask(page, "job")
    expect(page.locator(".na-job-numbers")).to_contain_text("/s")
    lab.server.kill_and_restart()
    expect(word(page)).to_have_text("Done", timeout=60_000)
    assert lab.server.client.get(f"/api/downloads/status/{job}").json["state"] == "completed"
    assert page.locator(f"{PROGRESS} [data-job]").count() == 1


def test_what_others_begin_is_seen_by_whoever_is_at_the_page(lab: Application) -> None:
    """A page that nobody is at asks nothing; where the pointer moves, or somebody types, it looks."""
    page = lab.open([IMPORTS, "bar = DownloadProgress(); bar"])
    expect(page.locator(PROGRESS)).to_contain_text("No downloads yet")
    page.wait_for_timeout(5_100)  # those who look are answered at most every five seconds
    lab.server.client.post("/api/models/download/lab%2Fbig")
    page.mouse.move(5, 5)
    page.mouse.move(15, 15)
    expect(word(page)).to_have_text("Done", timeout=30_000)


def test_all_jobs_are_shown_together_and_an_empty_list_says_so(lab: Application) -> None:
    page = lab.open([IMPORTS, "bar = DownloadProgress(); bar"])
    page.wait_for_timeout(5_100)  # those who look are answered at most every five seconds
    execute(page, "for one in ('big', 'many'): api.request('POST', f'/api/models/download/lab%2F{one}')")
    page.locator(PROGRESS).hover()
    expect(page.locator(f"{PROGRESS} .na-job[data-state=running]")).to_have_count(2, timeout=15_000)
    pictures(page.locator(PROGRESS), "download-progress-all")
    theme(page, DARK)
    assert axe(page, READY) == []


def test_four_widgets_work_side_by_side(lab: Application, tmp_path: Path) -> None:
    page = lab.open([SIDE_BY_SIDE], run=False, own=True)
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    execute(page, VOICE)
    run_all(page)
    shown(page, 4)
    page.set_viewport_size({"width": 1360, "height": 1200})
    page.locator(".na-row", has_text="Tiny Diffusion").click()
    line = Line(page, 8_000_000)
    for name, size in {"cat.png": 2_400_000, "voice-over.flac": 100_000_000, "scans.zip": 9_000_000}.items():
        (tmp_path / name).write_bytes(bytes(size))
        page.locator(".na-uploader input").set_input_files(tmp_path / name)
    execute(page, "api.request('POST', '/api/models/download/atelier%2Fxl')")
    page.locator(PROGRESS).hover()
    row = page.locator(".na-uploader li", has_text="voice-over.flac")
    expect(row.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0", timeout=30_000)
    expect(page.locator(".na-job-numbers", has_text="/s").first).to_be_visible(timeout=30_000)
    expect(page.locator(f"{PROGRESS} .na-file-bytes").nth(1)).not_to_have_text(
        "0 B of 9.0 MB", timeout=30_000
    )
    assert {kind: layout(page.locator(kind)) for kind in SELECTORS} == {kind: [] for kind in SELECTORS}
    pictures(page.locator(".jp-Notebook-cell").first, "widgets")
    line.cut()


def test_twenty_widgets_share_one_stream_and_are_silent_when_the_job_is_over(lab: Application) -> None:
    asked: list[str] = []

    def listen(page: Page) -> None:
        page.on("request", lambda request: asked.append(request.url) if API.search(request.url) else None)

    cells = [IMPORTS, START.format("big"), "display(*[DownloadProgress(job_id=job) for _ in range(20)])"]
    page = lab.open(cells, ready=20, before=listen)
    expect(page.locator(f"{PROGRESS} .na-chip", has_text="Done")).to_have_count(20, timeout=30_000)
    assert len([url for url in asked if "events" in url]) <= 2
    asked.clear()
    page.wait_for_timeout(6_000)  # silence can only be listened to
    assert asked == []


def test_where_the_page_cannot_reach_the_server_the_kernel_does(lab: Application) -> None:
    page = lab.open([IMPORTS, START.format("big"), ONE], before=no_api)
    expect(page.locator(f"{PROGRESS} .na-badge")).to_have_text("through the kernel")
    expect(word(page)).to_have_text("Done", timeout=40_000)
