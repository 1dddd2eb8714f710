"""ModelPicker in a notebook: found, planned, installed, chosen, removed; by mouse and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .application import READY, Application, execute, idle, known, saved, shown
from .looks import DARK, axe, pictures, theme
from .slow_models import ZOO, SlowServer, entry

pytestmark = [pytest.mark.live, pytest.mark.slow]

CELLS = ["from jupyter_nodeapi_widgets import ModelPicker", "picker = ModelPicker(); picker"]
PICKER = ".na-model-picker"
BOXED = """
import ipywidgets as w
picker, seen, text = ModelPicker(query='lab/'), [], w.Text()
picker.observe(lambda change: seen.append(change['new']), 'value')
w.link((picker, 'query'), (text, 'value'))
out = w.interactive_output(lambda value: print('chosen:', *value), {'value': picker})
w.VBox([picker, text, out], layout=w.Layout(width='600px'))
"""


@pytest.fixture
def lab(slow_lab: Application) -> Application:
    """JupyterLab on the server of slow models."""
    return slow_lab


def row(page: Page, model_id: str) -> Locator:
    return page.locator(f'{PICKER} [role=option][data-id="{model_id}"]')


def button(page: Page, name: str) -> Locator:
    return page.locator(PICKER).get_by_role("button", name=name, exact=True)


def jobs(lab: Application) -> list[str]:
    return [job["job_id"] for job in lab.server.client.get("/api/downloads").json]


def search(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Search models").fill(text)


def test_the_whole_story_by_mouse(lab: Application) -> None:
    page = lab.open(CELLS)
    before = jobs(lab)
    search(page, "detector")
    row(page, "lab/big").click()
    pictures(page.locator(PICKER), "model-picker-found")
    button(page, "Install…").click()
    plan = page.get_by_role("group", name="Install Big Detector?")
    expect(plan).to_contain_text("Downloads 12.0 MB in 1 file")
    expect(plan).to_contain_text("free on the server's disk")
    assert jobs(lab) == before  # nothing moves before it is confirmed
    pictures(page.locator(PICKER), "model-picker-plan")
    button(page, "Install").click()
    expect(row(page, "lab/big")).to_contain_text("Downloading")
    expect(page.locator(".na-job-numbers")).to_contain_text("/s")
    search(page, "")
    expect(page.locator(".na-picker-count")).to_contain_text("10,0")
    pictures(page.locator(PICKER), "model-picker")
    button(page, "Pause").click()
    expect(row(page, "lab/big")).to_contain_text("Paused")
    button(page, "Resume").click()
    expect(row(page, "lab/big")).to_contain_text("Installed", timeout=30_000)
    known(
        page,
        "[picker.value, picker.path, picker.paths]",
        [
            ["lab/big"],
            "Object Detection/model.safetensors",
            ["Object Detection/model.safetensors"],
        ],
    )
    button(page, "Remove…").click()
    expect(page.get_by_role("group", name="Remove Big Detector?")).to_contain_text("12.0 MB")
    button(page, "Remove").click()
    expect(row(page, "lab/big")).not_to_contain_text("Installed")
    expect(button(page, "Install…")).to_be_visible()
    known(page, "picker.path", None)


def test_the_whole_story_by_keyboard_alone(lab: Application) -> None:
    page = lab.open(CELLS)
    page.get_by_role(
        "combobox", name="Search models"
    ).focus()  # as Tab does, through what JupyterLab has before it
    page.keyboard.type("painter")
    expect(row(page, "lab/many")).to_be_visible()
    expect(page.locator(f"{PICKER} [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(row(page, "lab/many")).to_have_attribute("aria-selected", "true")
    for name in ("Category", "Installed only", "Models", "Model page", "Install…"):
        page.keyboard.press("Tab")
        assert name in page.evaluate(
            "() => { const e = document.activeElement; return e.ariaLabel ?? e.labels?.[0]?.innerText ?? e.innerText }"
        )
    page.keyboard.press("Enter")
    expect(button(page, "Install")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button(page, "Install…")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Install")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Pause")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Resume")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Cancel
    expect(button(page, "Install…")).to_be_visible()
    known(page, "picker.value", ["lab/many"])


def test_a_row_that_is_clicked_while_a_search_is_on_its_way_stays_the_described_one(lab: Application) -> None:
    page = lab.open(CELLS, own=True)
    row(page, "lab/big").scroll_into_view_if_needed()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/models?*q=detector*", hold)
    with page.expect_request("**/api/models?*q=detector*"):
        search(page, "detector")
    row(page, "lab/big").click()
    expect(button(page, "Install…")).to_be_visible()
    held[0].continue_()
    expect(page.locator(".na-picker-count")).not_to_contain_text("10,0")
    expect(row(page, "lab/big")).to_have_class("na-row na-row-active")
    expect(button(page, "Install…")).to_be_visible()


def test_ten_thousand_models_are_a_few_rows_and_the_last_is_one_key_away(lab: Application) -> None:
    page = lab.open(CELLS)
    expect(page.locator(".na-picker-count")).to_contain_text("10,0")
    assert page.locator(f"{PICKER} [role=option]").count() < 40
    page.locator(f"{PICKER} [role=listbox]").focus()
    page.keyboard.press("End")
    last = row(page, f"zoo/{ZOO - 1:05}")
    expect(last).to_have_class("na-row na-row-active")
    assert page.locator(f"{PICKER} [role=option]").count() < 40
    listbox = page.locator(f"{PICKER} [role=listbox]")
    assert listbox.get_attribute("aria-activedescendant") == last.get_attribute("id")


def test_a_model_that_a_package_brings_appears_without_a_reload(
    lab: Application, slow_server: SlowServer
) -> None:
    page = lab.open(CELLS)
    search(page, "newcomer")
    expect(page.locator(PICKER)).to_contain_text("No model matches")
    slow_server.register("later", [entry("lab/new", "Newcomer", "Audio", {"n.safetensors": 1})])
    page.mouse.move(0, 0)  # an earlier story may have left it where the widget is now
    page.wait_for_timeout(5_100)  # those who look are answered at most every five seconds
    page.locator(".na-picker-list").hover()
    expect(row(page, "lab/new")).to_be_visible()


def test_traits_and_page_say_the_same_in_both_directions_and_in_two_views(lab: Application) -> None:
    page = lab.open([*CELLS, "picker"], ready=2)
    execute(page, "picker.category = 'Object Detection'; picker.query = 'big'; picker.value = ['lab/big']")
    expect(row(page, "lab/big")).to_have_count(2)
    expect(row(page, "lab/big").nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox", name="Search models").first).to_have_value("big")
    page.get_by_role("combobox", name="Category").first.select_option("Audio")
    page.get_by_role("combobox", name="Search models").first.fill("")
    expect(row(page, "lab/gated")).to_have_count(2)  # a box must not move while it is clicked
    page.get_by_label("Installed only").nth(1).check()
    for view in page.locator(PICKER).all():
        expect(view).to_contain_text("No model matches")
    known(page, "[picker.category, picker.query, picker.installed_only]", ["Audio", "", True])


def test_it_lies_in_a_box_and_drives_other_widgets(lab: Application) -> None:
    page = lab.open([CELLS[0], BOXED])
    row(page, "lab/big").click()
    expect(page.get_by_text("chosen: lab/big", exact=True)).to_be_visible()
    known(page, "seen", [["lab/big"]])
    execute(page, "text.value = 'painter'")
    expect(row(page, "lab/many")).to_be_visible()
    expect(row(page, "lab/big")).to_have_count(0)
    assert page.locator(PICKER).bounding_box()["width"] <= 600


def test_nothing_is_cut_off_in_a_narrow_cell(lab: Application) -> None:
    page = lab.open([CELLS[0], "picker = ModelPicker(query='lab/'); picker.layout.width = '320px'; picker"])
    row(page, "lab/many").click()
    button(page, "Install…").click()
    expect(button(page, "Install")).to_be_visible()
    for width in ("320px", "240px"):  # the second is the first at 133 %
        execute(page, f"picker.layout.width = '{width}'")
        page.wait_for_function(
            "width => document.querySelector('.na-model-picker').offsetWidth <= width", arg=int(width[:-2])
        )
        assert page.locator(PICKER).evaluate("root => root.scrollWidth - root.clientWidth") <= 0
    pictures(page.locator(PICKER), "model-picker-narrow")


def test_a_reload_midway_finds_the_choice_and_its_download(lab: Application) -> None:
    page = lab.open([CELLS[0], "picker = ModelPicker(query='lab/'); picker"], own=True)
    row(page, "lab/big").click()
    button(page, "Install…").click()
    button(page, "Install").click()
    expect(button(page, "Pause")).to_be_visible()
    saved(page, lab.server)
    page.reload()
    idle(page)
    shown(page)
    expect(row(page, "lab/big")).to_have_attribute("aria-selected", "true")
    expect(row(page, "lab/big")).to_contain_text("Installed", timeout=30_000)
    known(page, "picker.path", "Object Detection/model.safetensors")


def test_in_notebook_7_several_are_chosen_and_one_is_installed(slow_notebook7: Application) -> None:
    page = slow_notebook7.open([CELLS[0], "picker = ModelPicker(query='lab/', multiple=True); picker"])
    row(page, "lab/big").click()
    row(page, "lab/many").click()
    expect(page.locator(".na-picker-chosen")).to_have_text("Chosen: Big Detector, Painter")
    known(page, "picker.value", ["lab/big", "lab/many"])
    row(page, "lab/big").click()
    expect(page.locator(".na-picker-chosen")).to_have_text("Chosen: Painter")
    for _ in range(2):  # the last one that was clicked is the one whose details are shown
        row(page, "lab/many").click()
    button(page, "Install…").click()
    button(page, "Install").click()
    expect(row(page, "lab/many")).to_contain_text("Installed", timeout=30_000)
    known(page, "picker.paths", ["Diffusion Models/lab/many"])
    assert axe(page, READY) == []


def test_a_gated_model_says_what_to_do_and_links_its_page(lab: Application) -> None:
    page = lab.open([CELLS[0], "picker = ModelPicker(query='gated'); picker"])
    row(page, "lab/gated").click()
    button(page, "Install…").click()
    trouble = page.locator(".na-detail-stage .na-complaint")
    expect(trouble).to_contain_text("This model is gated and the server has no Hub token.")
    assert str(trouble.get_by_role("link").get_attribute("href")).endswith("/lab/gated")
    pictures(page.locator(PICKER), "model-picker-gated")


def test_axe_finds_nothing_while_a_plan_is_shown(lab: Application) -> None:
    page = lab.open([CELLS[0], "picker = ModelPicker(query='painter'); picker"])
    row(page, "lab/many").click()
    button(page, "Install…").click()
    expect(button(page, "Install")).to_be_visible()
    for name in ("JupyterLab Light", DARK):
        theme(page, name)
        assert axe(page, READY) == []
