"""What a page looks like: its theme, its pictures, and what axe-core says about it.

axe passes falsely inside JupyterLab, whose ``<body>`` has no height and hides what overflows, and takes a row of a
list that scrolls for half a row where the cell's end runs through it. So what is around the widget is made to show
everything, and two faults are planted beside the widget's own elements that axe has to find.
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
SETTLED_MS = 800  # a theme's colours come after its name, and canvases are drawn after them
LIGHT, DARK, CONTRAST = "JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"

_AXE = """async selector => {
  const root = document.querySelector(selector), clips = [];
  for (let above = root.parentElement; above; above = above.parentElement)
    if (getComputedStyle(above).overflowY === 'hidden') {
      clips.push([above, above.style.overflow]);
      above.style.overflow = 'visible';
    }
  const planted = document.createElement('div');
  planted.innerHTML = '<img class="planted" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    + '<p class="planted" style="color:#ddd;background:#fff">planted words</p>';
  root.append(planted);
  planted.scrollIntoView({block: 'nearest'});
  const {violations, incomplete} = await axe.run({include: [selector]}, {resultTypes: ['violations', 'incomplete']});
  planted.remove();
  for (const [above, overflow] of clips) above.style.overflow = overflow;
  const flat = results => results.flatMap(
    rule => rule.nodes.map(node => [node.html.includes('class="planted"'), `${rule.id}: ${node.html}`]));
  return {violations: flat(violations), incomplete: flat(incomplete)};
}"""


_LAYOUT = """root => {
  const faults = [], frame = root.getBoundingClientRect();
  const name = one => `${one.tagName.toLowerCase()}.${one.className} "${(one.innerText || one.ariaLabel || '').slice(0, 30)}"`;
  const seen = one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 1;
  const parts = [...root.querySelectorAll('button, input, select, a, p, summary, .na-chip, .na-badge')].filter(seen);
  const clipped = one => {
    let {left, right, top, bottom} = one.getBoundingClientRect();
    for (let above = one.parentElement; above !== root; above = above.parentElement) {
      if (getComputedStyle(above).overflowY === 'visible') continue;
      const box = above.getBoundingClientRect();
      [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    return {left, right, top, bottom};
  };
  const boxes = parts.map(clipped);
  if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth - root.clientWidth} px are cut off`);
  parts.forEach((one, place) => {
    const box = boxes[place];
    if (box.right > frame.right + 1 || box.left < frame.left - 1) faults.push(`${name(one)} sticks out`);
    if (one.tagName === 'BUTTON' && one.scrollWidth > one.clientWidth + 1) faults.push(`${name(one)} is cut off`);
    parts.slice(place + 1).forEach((other, further) => {
      const their = boxes[place + 1 + further];
      const wide = Math.min(box.right, their.right) - Math.max(box.left, their.left);
      const high = Math.min(box.bottom, their.bottom) - Math.max(box.top, their.top);
      if (wide > 1 && high > 1 && !one.contains(other) && !other.contains(one))
        faults.push(`${name(one)} lies on ${name(other)}`);
    });
  });
  return faults;
}"""
_UNSEEN = """root => {
  const faults = [], style = one => getComputedStyle(one);
  for (const one of root.querySelectorAll('button, input:not([type=file]), select')) {
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    const {borderTopWidth, borderTopColor, backgroundColor, color} = style(one);
    const edge = parseFloat(borderTopWidth) > 0 && borderTopColor !== backgroundColor;
    const native = ['checkbox', 'range'].includes(one.type);
    if (!edge && !native) faults.push(`${one.tagName} "${one.innerText || one.ariaLabel}" has no edge`);
    if (!native && color === backgroundColor) faults.push(`${one.tagName} "${one.innerText}" has unseen words`);
  }
  for (const fill of root.querySelectorAll('.na-bar-fill'))
    if (style(fill).backgroundColor === style(fill.parentElement).backgroundColor) faults.push('a bar is not seen');
  return faults;
}"""

_INK = """root => {
  const faults = [];
  for (const canvas of root.querySelectorAll('canvas')) {
    if (!canvas.checkVisibility()) continue;
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const paper = getComputedStyle(canvas.parentElement).backgroundColor.match(/[0-9]+/g).map(Number);
    let ink = 0;
    for (let at = 0; at < data.length; at += 4) {
      const away = [0, 1, 2].reduce((sum, part) => sum + Math.abs(data[at + part] - paper[part]), 0);
      if (data[at + 3] > 128 && away > 90) ink += 1;
    }
    const part = ink / (canvas.width * canvas.height);
    if (part < 0.02 || part > 0.6) faults.push(`ink covers ${Math.round(part * 100)} % of a canvas`);
  }
  return faults;
}"""


_CALM = """
.na-root :focus-visible, .na-root :focus-visible::after { outline-color: transparent !important; }
.jp-cell-toolbar, .jp-Notebook .jp-Collapser { visibility: hidden !important; }
.jp-Notebook .jp-Cell, .jp-Notebook .jp-Cell::before { border-color: transparent !important; box-shadow: none !important; }
"""


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


def layout(widget: Locator) -> list[str]:
    """Give what lies upon something else, sticks out of its widget or is cut off."""
    found: list[str] = widget.evaluate(_LAYOUT)
    return found


def unseen(widget: Locator) -> list[str]:
    """Give what forced colours take away: edges of controls, bars."""
    found: list[str] = widget.evaluate(_UNSEEN)
    return found


def ink(widget: Locator) -> list[str]:
    """Give the canvases that are empty, or flooded."""
    found: list[str] = widget.evaluate(_INK)
    return found


def theme(page: Page, name: str) -> None:
    """Change the application's theme, if it is another one."""
    if page.evaluate("() => document.body.dataset.jpThemeName") == name:
        return
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => true)", name
    )
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)  # it lies over the page while a theme loads
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def screenshot(target: Locator, name: str) -> None:
    """Write ``docs/images/<name>.png`` where pictures were asked for by ``NODEAPI_SCREENSHOTS=1``."""
    if asked_for_pictures():
        IMAGES.mkdir(exist_ok=True)
        target.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide", style=_CALM)


def pictures(target: Locator, name: str) -> None:
    """Write a picture in the light theme and one in the dark, ``<name>-dark``."""
    if asked_for_pictures():
        for wanted, suffix in ((DARK, "-dark"), (LIGHT, "")):
            theme(target.page, wanted)
            if target.locator("canvas").count():
                target.page.wait_for_timeout(SETTLED_MS)
            screenshot(target, f"{name}{suffix}")


def asked_for_pictures() -> bool:
    """Whether this run makes the pictures of the documentation."""
    return bool(os.environ.get("NODEAPI_SCREENSHOTS"))
