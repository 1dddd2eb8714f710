"""What a page looks like: its theme, its pictures, and what axe-core says about it.

axe passes falsely inside JupyterLab, whose ``<body>`` has no height and hides what overflows. So the body is
made to show it, and two faults are planted beside the widget's own elements that axe has to find.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.npm import modules

_log = logging.getLogger(__name__)

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
LIGHT, DARK, CONTRAST = "JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"

_AXE = """async selector => {
  document.body.style.overflow = 'visible';
  const root = document.querySelector(selector);
  const planted = document.createElement('div');
  planted.innerHTML = '<img class="planted" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    + '<p class="planted" style="color:#ddd;background:#fff">planted words</p>';
  root.append(planted);
  planted.scrollIntoView({block: 'nearest'});
  const {violations, incomplete} = await axe.run({include: [selector]}, {resultTypes: ['violations', 'incomplete']});
  planted.remove();
  document.body.style.overflow = '';
  const flat = results => results.flatMap(
    rule => rule.nodes.map(node => [node.html.includes('class="planted"'), `${rule.id}: ${node.html}`]));
  return {violations: flat(violations), incomplete: flat(incomplete)};
}"""


@cache
def _axe_core() -> str:
    return (modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page, selector: str) -> list[str]:
    """Give what axe-core finds wrong below an element, each as ``rule: element``."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {_axe_core()} }} }}")
    found = page.evaluate(_AXE, selector)
    planted = {text.split(":")[0] for was_planted, text in found["violations"] if was_planted}
    assert planted >= {"image-alt", "color-contrast"}, f"axe is blind here: it found only {planted}"
    for was_planted, text in found["incomplete"]:
        if not was_planted:
            _log.info("to be looked at: %s", text)
    return [text for was_planted, text in found["violations"] if not was_planted]


def theme(page: Page, name: str) -> None:
    """Change the application's theme."""
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => true)", name
    )
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)  # it lies over the page while a theme loads


def screenshot(target: Locator, name: str) -> None:
    """Write ``docs/images/<name>.png`` where pictures were asked for by ``NODEAPI_SCREENSHOTS=1``."""
    if os.environ.get("NODEAPI_SCREENSHOTS"):
        IMAGES.mkdir(exist_ok=True)
        target.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide")
