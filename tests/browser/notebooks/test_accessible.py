"""Every widget, whoever looks: in any theme, in forced colours, at 200 %, after a reload.

The pictures of the documentation that show all widgets are made here.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .application import Application, idle, saved, shown
from .cells import EVERY_WIDGET, SELECTORS
from .looks import CONTRAST, DARK, LIGHT, axe, ink, layout, screenshot, theme, unseen

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_every_widget_can_be_seen_and_used_by_everybody(lab: Application) -> None:
    page = lab.open(EVERY_WIDGET, ready=len(SELECTORS), own=True)
    page.set_viewport_size({"width": 1280, "height": 1900})  # axe judges only what is on the screen
    expect(page.locator(".na-trim-sparse")).to_be_hidden()
    found = {}
    for name in (LIGHT, DARK, CONTRAST):
        theme(page, name)
        if name == CONTRAST:
            screenshot(page.locator(".jp-NotebookPanel"), "widgets-contrast")
        for selector in SELECTORS:
            found[name, selector] = axe(page, selector) + ink(page.locator(selector))
    theme(page, LIGHT)
    page.emulate_media(forced_colors="active")
    screenshot(page.locator(".jp-NotebookPanel"), "widgets-forced-colours")
    for selector in SELECTORS:
        found["forced colours", selector] = unseen(page.locator(selector)) + ink(page.locator(selector))
    page.emulate_media(forced_colors="none")
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    page.set_viewport_size({"width": 640, "height": 1900})  # what 200 % leaves of 1280
    for selector in SELECTORS:
        found["200 %", selector] = layout(page.locator(selector))
    screenshot(page.locator(".jp-NotebookPanel"), "widgets-zoomed")
    assert {where: faults for where, faults in found.items() if faults} == {}
    saved(page, lab.server)
    page.reload()
    idle(page)
    shown(page, len(SELECTORS))
