"""What a person does to a page, and what a line does to both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page

API = re.compile(r"/(api/(nodeapi|models|downloads|jobs|files|uploads?|audio)|temp)([/?]|$)")


class Line:
    """What lies between a page and its server: as slow as asked for, and cut when asked to."""

    def __init__(self, page: Page, bytes_per_second: float) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self.cut(False)

    def cut(self, offline: bool = True) -> None:
        """Cut it, or mend it."""
        self._session.send("Network.emulateNetworkConditions", {"offline": offline, **self._speed})


def drop(target: Locator, *paths: Path) -> None:
    """Drop files or folders from the desktop on an element."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None, "nothing to drop on"
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = target.page.context.new_cdp_session(target.page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **where})
    session.detach()


def paste_picture(target: Locator) -> None:
    """Copy a picture to the clipboard and press the keys that paste it, with the focus on an element."""
    page = target.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    target.focus()
    page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(8, 8);
          canvas.getContext('2d').fillRect(0, 0, 4, 4);
          const blob = await canvas.convertToBlob({type: 'image/png'});
          await navigator.clipboard.write([new ClipboardItem({'image/png': blob})]);
        }"""
    )
    page.keyboard.press("ControlOrMeta+v")


@contextmanager
def offline(page: Page) -> Iterator[None]:
    """Cut the page's network, and mend it at the end."""
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)


def no_api(page: Page) -> None:
    """Let nothing of the API be reached by the page, as where the kernel's server is another machine's."""
    page.route(API, lambda route: route.abort())
