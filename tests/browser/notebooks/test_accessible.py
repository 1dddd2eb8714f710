"""axe-core finds nothing to say about any widget in any theme; the pictures of the documentation are made here."""

from __future__ import annotations

import pytest

from .application import Application
from .cells import EVERY_WIDGET, SELECTORS
from .looks import CONTRAST, DARK, LIGHT, axe, screenshot, theme

pytestmark = [pytest.mark.live, pytest.mark.slow]

SUFFIXES = {LIGHT: "", DARK: "-dark", CONTRAST: "-contrast"}


def test_axe_finds_nothing_in_any_theme(lab: Application) -> None:
    page = lab.open(EVERY_WIDGET, ready=len(SELECTORS))
    page.set_viewport_size({"width": 1280, "height": 1100})  # axe judges only what is on the screen
    found = {}
    for name, suffix in SUFFIXES.items():
        theme(page, name)
        screenshot(page.locator(".jp-NotebookPanel"), f"widgets{suffix}")
        for selector in SELECTORS:
            found[name, selector] = axe(page, selector)
    assert {where: faults for where, faults in found.items() if faults} == {}
