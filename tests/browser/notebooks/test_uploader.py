"""Uploader in a notebook: whatever happens on the way, the same bytes arrive."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.live.waiting import until

from .application import (
    OCCUPIED,
    READY,
    Application,
    ask,
    idle,
    interrupt_kernel,
    known,
    occupy,
    restart_kernel,
    run_all,
    saved,
    shown,
)
from .cells import IMPORTS
from .hands import API, Line, drop, no_api, paste_picture
from .looks import axe, pictures, screenshot

pytestmark = [pytest.mark.live, pytest.mark.slow]

UPLOADER = ".na-uploader"
CELLS = [
    "from jupyter_nodeapi_widgets import NodeApi, Uploader\napi = NodeApi()",
    "w = Uploader('LoadAny', 7); w",
]
OTHERS = "display(ModelPicker(), DownloadProgress(), AudioTrimmer())"
SHA = "__import__('hashlib').sha256(api.request('GET', w.paths[-1]).body).hexdigest()"
MB = 1_000_000
CHUNK = 8 << 20
ONE_SHELL = """() => {
  const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.commsOverSubshells = 'disabled'; // as older kernels are: what a widget sends waits for the cell
}"""
COUNTED = """
import jupyter_nodeapi_widgets.client.api as _api
passed, _stream = [], _api.NodeApi.stream
def counting(self, method, path, **more):
    if (method, path) == ('POST', '/api/upload'):
        passed.append(len(more['data']))
    return _stream(self, method, path, **more)
_api.NodeApi.stream = counting
"""


def made(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(random.Random(size).randbytes(size))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def row(page: Page, name: str) -> Locator:
    return page.locator(f"{UPLOADER} li", has_text=name)


def in_state(page: Page, name: str, state: str, seconds: float = 60) -> None:
    expect(row(page, name)).to_have_attribute("data-state", state, timeout=seconds * 1000)


def begin(lab: Application, page: Page, path: Path) -> None:
    """Pick a file, and wait until the server has acknowledged some of it."""
    page.locator(f"{UPLOADER} input").set_input_files(path)
    until(lambda: stored(lab, path.name) or None, 30)


def arrived(page: Page, path: Path) -> None:
    """Make sure that the kernel knows of a file, and that the server holds its bytes."""
    known(page, "w.value[-1]['name'] if w.value else ''", path.name)
    assert ask(page, SHA) == digest(path)


def test_dropped_files_arrive_and_the_kernel_knows_where(either: Application, tmp_path: Path) -> None:
    page = either.open(CELLS)
    files = [
        made(tmp_path, "größe 大 🎵.bin", 20 * MB),
        made(tmp_path, "small.bin", 10),
        made(tmp_path, "empty.bin", 0),
    ]
    drop(page.locator(UPLOADER), *files)
    for path in files:
        in_state(page, path.name, "done")
    known(page, "sorted(one['size'] for one in w.value)", [0, 10, 20 * MB])
    found = ask(
        page,
        "{one['name']: __import__('hashlib').sha256(api.request('GET', one['filePath']).body).hexdigest() for one in w.value}",
    )
    assert found == {path.name: digest(path) for path in files}
    expect(page.locator(f"{UPLOADER} .na-badge")).to_have_text("direct")
    assert axe(page, UPLOADER) == []
    pictures(page.locator(UPLOADER), "uploader-done")


@pytest.mark.parametrize(
    ("conflict", "names", "last"),
    [
        ("replace", ["take.wav"], "done"),
        ("rename", ["take (1).wav", "take.wav"], "done"),
        ("error", ["take.wav"], "failed"),
    ],
)
def test_a_file_that_has_anothers_name(
    lab: Application, tmp_path: Path, conflict: str, names: list[str], last: str
) -> None:
    page = lab.open([CELLS[0], f"w = Uploader('Recorder', '{conflict}', conflict='{conflict}'); w"])
    for number, size in enumerate((1000, 2000)):
        (tmp_path / f"{number}").mkdir()
        drop(page.locator(UPLOADER), made(tmp_path / f"{number}", "take.wav", size))
        expect(row(page, "take.wav")).to_have_count(number + 1)
        expect(row(page, "take.wav").nth(number)).to_have_attribute(
            "data-state", "done" if not number else last
        )
    found = "sorted(one['filePath'].split('/')[-1] for one in api.uploads.list(w.session_id) if 'Recorder_%s' in one['filePath'])"
    known(page, found % conflict, names)
    if last == "failed":
        expect(row(page, "take.wav").nth(1)).to_contain_text("exists")


def test_a_dropped_folder_keeps_its_shape_and_a_picture_is_pasted(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS)
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    made(tmp_path / "photos", "a.jpg", 1000)
    made(tmp_path / "photos" / "deep", "b.jpg", 2000)
    drop(page.locator(UPLOADER), tmp_path / "photos")
    in_state(page, "photos/a.jpg", "done")
    in_state(page, "photos/deep/b.jpg", "done")
    paste_picture(page.get_by_role("button", name="Choose files"))
    in_state(page, "image.png", "done")
    known(page, "len(w.paths)", 3)
    paths = sorted(ask(page, "w.paths"))
    assert [path.split("_7/")[1] for path in paths] == ["image.png", "photos/a.jpg", "photos/deep/b.jpg"]


def test_the_keyboard_alone_picks_pauses_goes_on_and_cancels(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, own=True)
    Line(page, 4 * MB)
    path = made(tmp_path, "big.bin", 60 * MB)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").press("Enter")
    chooser.value.set_files(path)
    in_state(page, "big.bin", "sending")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pause big.bin")).to_be_focused()
    page.keyboard.press("Enter")
    in_state(page, "big.bin", "paused")
    pictures(page.locator(UPLOADER), "uploader-paused")
    expect(page.get_by_role("button", name="Go on with big.bin")).to_be_focused()
    page.keyboard.press("Enter")
    in_state(page, "big.bin", "sending")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    in_state(page, "big.bin", "cancelled")
    known(page, "[item for item in api.uploads.list(w.session_id) if 'big.bin' in item['filePath']]", [])


def posts(page: Page) -> list[str]:
    """Give a list that grows with every chunk that a page sends."""
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url)
            if request.method == "POST" and request.url.endswith("/api/upload")
            else None
        ),
    )
    return sent


def stored(lab: Application, name: str) -> int:
    """Give how many bytes of a file the server has."""
    rows = lab.server.client.get("/api/uploads").json
    return sum(row["size"] for row in rows if row["filePath"].endswith(name))


def test_after_a_reload_and_in_a_new_tab_only_what_is_missing_is_sent(
    lab: Application, tmp_path: Path
) -> None:
    page = lab.open(CELLS, own=True)
    Line(page, 12 * MB)
    path = made(tmp_path, "long.bin", 120 * MB)
    begin(lab, page, path)
    pictures(page.locator(UPLOADER), "uploader-sending")
    known(page, "[one['name'] for one in w.uploads if one['sent']]", ["long.bin"])
    text = saved(page, lab.server)
    assert lab.server.token not in text
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    idle(page)
    shown(page)
    expect(row(page, "long.bin")).to_have_attribute("data-state", "interrupted")
    pictures(page.locator(UPLOADER), "uploader-interrupted")
    before, sent = stored(lab, "long.bin"), posts(page)
    page.locator(f"{UPLOADER} input").set_input_files(path)
    until(lambda: stored(lab, "long.bin") > before + 8 * MB or None, 30)
    page = lab.again(page)
    shown(page)
    expect(row(page, "long.bin")).to_have_attribute("data-state", "interrupted")
    sent = posts(page)
    before = stored(lab, "long.bin")
    assert before > 16 * MB
    page.locator(f"{UPLOADER} input").set_input_files(path)
    in_state(page, "long.bin", "done")
    arrived(page, path)
    assert len(sent) * CHUNK <= 120 * MB - before + CHUNK


def test_a_lost_network_and_an_expired_login_are_waited_out(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, own=True)
    line = Line(page, 12 * MB)
    path = made(tmp_path, "net.bin", 60 * MB)
    begin(lab, page, path)
    line.cut()
    in_state(page, "net.bin", "waiting")
    screenshot(page.locator(UPLOADER), "uploader-waiting")
    strangers = lab.server.stranger.get(
        "/api/upload/config"
    )  # what the server says to whose login has expired
    page.route(API, lambda route: route.fulfill(status=strangers.status, json=strangers.json))
    line.cut(False)
    expect(row(page, "net.bin")).to_contain_text("log in again in another tab", timeout=15_000)
    pictures(page.locator(UPLOADER), "uploader-logged-out")
    page.unroute_all()
    in_state(page, "net.bin", "done")
    arrived(page, path)


def test_a_blocked_kernel_and_a_new_one_stop_no_upload_and_every_widget_tells_of_the_new_one(
    lab: Application, tmp_path: Path
) -> None:
    page = lab.open([IMPORTS, *CELLS, OTHERS], ready=4, own=True)
    Line(page, 12 * MB)
    path = made(tmp_path, "calm.bin", 80 * MB)
    begin(lab, page, path)
    occupy(page, "import threading; threading.Event().wait(60)")
    before = stored(lab, "calm.bin")
    until(lambda: stored(lab, "calm.bin") > before + 2 * CHUNK or None, 30)
    assert page.evaluate(OCCUPIED)
    restart_kernel(page)
    for widget in page.locator(READY).all():
        expect(widget).to_contain_text("it was restarted or has ended")
        expect(widget).to_contain_text("run the cell again")
    expect(page.locator(UPLOADER)).to_contain_text("pick the files again")
    in_state(page, "calm.bin", "done")
    pictures(page.locator(UPLOADER), "uploader-restarted")
    sent = posts(page)
    run_all(page)
    shown(page, 4)
    expect(page.get_by_text("it was restarted or has ended")).to_have_count(0)
    page.locator(f"{UPLOADER} input").set_input_files(path)
    in_state(page, "calm.bin", "done")
    known(page, "len(w.value)", 1)
    arrived(page, path)
    assert sent == []


def test_through_a_kernel_that_is_busy_and_then_restarted_only_what_is_missing_is_sent(
    lab: Application, tmp_path: Path
) -> None:
    page = lab.open([COUNTED, *CELLS], before=no_api, run=False)
    page.evaluate(ONE_SHELL)
    run_all(page)
    shown(page)
    path = made(tmp_path, "again.bin", 100 * MB)
    begin(lab, page, path)
    occupy(page, "from threading import Event; Event().wait(60)")
    expect(page.locator(UPLOADER)).to_contain_text("goes on when the running cell ends", timeout=20_000)
    pictures(page.locator(UPLOADER), "uploader-kernel-busy")
    before = stored(lab, "again.bin")
    interrupt_kernel(page)
    until(lambda: stored(lab, "again.bin") > before or None, 30)
    expect(page.locator(UPLOADER)).not_to_contain_text("goes on when the running cell ends")
    restart_kernel(page)
    expect(row(page, "again.bin")).to_contain_text("The kernel does not answer")
    expect(row(page, "again.bin")).to_contain_text("run the cell again")
    pictures(page.locator(UPLOADER), "uploader-kernel-gone")
    before = stored(lab, "again.bin")
    assert 0 < before < 100 * MB
    run_all(page)
    shown(page)
    page.locator(f"{UPLOADER} input").set_input_files(path)
    in_state(page, "again.bin", "done")
    arrived(page, path)
    assert ask(page, "sum(passed)") <= 100 * MB - before + CHUNK


def test_a_server_that_dies_and_comes_back_gets_the_rest(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, own=True)
    Line(page, 60 * MB)
    path = made(tmp_path, "kill.bin", 200 * MB)
    begin(lab, page, path)
    lab.server.kill_and_restart()
    in_state(page, "kill.bin", "done", seconds=90)
    found = [one for one in lab.server.home.rglob("kill.bin") if one.is_file()]
    assert [digest(one) for one in found] == [digest(path)]


def test_where_the_page_has_no_way_the_kernel_passes_the_bytes_on(lab: Application, tmp_path: Path) -> None:
    page = lab.open(CELLS, before=no_api)
    path = made(tmp_path, "comm.bin", 64 << 20)
    drop(page.locator(UPLOADER), path)
    in_state(page, "comm.bin", "done")
    expect(page.locator(f"{UPLOADER} .na-badge")).to_have_text("through the kernel")
    pictures(page.locator(UPLOADER), "uploader-kernel")
    arrived(page, path)


def test_what_is_not_taken_is_said(lab: Application, tmp_path: Path) -> None:
    page = lab.open([CELLS[0], "w = Uploader('Sound', 1, accept='.wav', multiple=False); w"])
    drop(page.locator(UPLOADER), made(tmp_path, "a.txt", 10))
    expect(page.locator(".na-upload-notice")).to_contain_text("a.txt")
    drop(page.locator(UPLOADER), made(tmp_path, "a.wav", 10), made(tmp_path, "b.wav", 11))
    in_state(page, "a.wav", "done")
    known(page, "len(w.value)", 1)


def test_a_hundred_files_arrive_and_two_widgets_bring_one_file_once(lab: Application, tmp_path: Path) -> None:
    page = lab.open([*CELLS, "w", "v = Uploader('LoadAny', 7); v"], ready=3)
    files = [made(tmp_path, f"{number:03}.bin", 1000 + number) for number in range(100)]
    inputs = page.locator(f"{UPLOADER} input")
    inputs.first.set_input_files(files)
    expect(page.locator(f'{UPLOADER} li[data-state="done"]')).to_have_count(200, timeout=60_000)
    known(page, "len(w.value)", 100)
    path = made(tmp_path, "both.bin", 40 * MB)
    inputs.first.set_input_files(path)
    inputs.last.set_input_files(path)
    for line in row(page, "both.bin").all():
        expect(line).to_have_attribute("data-state", "done", timeout=60_000)
    known(page, "v.paths == w.paths[-1:] != []", True)
    found = [one for one in lab.server.home.rglob("both.bin") if one.is_file()]
    assert [digest(one) for one in found] == [digest(path)]
