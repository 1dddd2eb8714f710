"""Every uploader of docs/how-to/uploaders.md, as configured there, in a real browser over a bad line."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live.real_server import RealServer

from .faults import Fault, FaultLayer
from .recipes import recipes, titles
from .stories import MIB, Story, check, stories

pytestmark = [pytest.mark.live, pytest.mark.slow]

RESUMING = ["Resumable.js", "flow.js", "simple-uploader.js", "tus-js-client", "Uppy Tus"]


def pick(page: Page, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)


def shown(page: Page) -> str:
    result = page.locator("#result")
    expect(result).not_to_be_empty(timeout=30_000)
    return result.inner_text()


@pytest.mark.parametrize("story", stories(titles("js")))
def test_what_lies_on_the_disk_is_what_was_picked(
    story: Story, tmp_path: Path, member: BrowserContext, pages: str, server: RealServer, layer: FaultLayer
) -> None:
    file = story.file(tmp_path)
    page = member.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{pages}{recipes()[story.client].name}.html")
    layer.begin(story.fault)
    pick(page, file)
    check(story, shown(page), file, server, layer)
    assert errors == []


def half_sent(page: Page, client: str, file: Path, pages: str, layer: FaultLayer) -> None:
    """Let a client send two of five chunks, and reload its page while it sends the others."""
    begins = 1 if "tus" in client.lower() else 0  # a request that creates the upload
    page.goto(f"{pages}{recipes()[client].name}.html")
    layer.begin(hold_after=begins + 2)
    pick(page, file)
    layer.wait(lambda seen: len(seen.fates("answered")) == begins + 2 and bool(seen.fates("held")))
    layer.begin()
    page.reload()


@pytest.mark.parametrize("client", RESUMING)
def test_a_reloaded_page_sends_only_what_is_missing(
    client: str, tmp_path: Path, member: BrowserContext, pages: str, server: RealServer, layer: FaultLayer
) -> None:
    story = Story(f"{client} reload", 5 * MIB, Fault.NONE)
    file = story.file(tmp_path)
    page = member.new_page()
    half_sent(page, client, file, pages, layer)
    pick(page, file)
    check(story, shown(page), file, server, layer)
    sent = layer.fates("answered")
    assert len(sent) == 3
    assert sum(seen.size for seen in sent) == pytest.approx(3 * MIB, abs=32 * 1024)

    layer.begin()
    page.reload()
    pick(page, file)
    check(story, shown(page), file, server, layer)
    assert layer.seen == [], "a file that is there was sent again"
