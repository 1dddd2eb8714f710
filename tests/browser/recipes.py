"""The snippets of docs/how-to/uploaders.md, read out of the page so that what is written is what is tested."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "uploaders.md"
SHARED = "What they share"
# What the page says of an option: a title of its own, the recipe, and the change.
VARIANTS = {
    "tus-js-client in parts": ("tus-js-client", "    chunkSize,\n", "    parallelUploads: 3,\n"),
    "Dropzone by Deltablot": ("Dropzone", 'from "dropzone"', 'from "@deltablot/dropzone"'),
}
_SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


class Recipe(NamedTuple):
    """One client's snippet."""

    title: str
    language: str
    code: str

    @property
    def name(self) -> str:
        """The anchor of its section."""
        return re.sub(r"[^\w-]", "", self.title.lower().replace(" ", "-"))


@lru_cache
def recipes() -> dict[str, Recipe]:
    """Give every snippet by the title of its section.

    One number of the page is changed: chunks of 8 MiB become chunks of 1 MiB, so that small files have several.
    """
    text = PAGE.read_text(encoding="utf-8")
    found = {}
    for section in _SECTION.finditer(text):
        if block := _BLOCK.search(section["text"]):
            code = block["code"].replace("8 << 20", "1 << 20")
            found[section["title"]] = Recipe(section["title"], block["language"], code)
    for title, (original, before, after) in VARIANTS.items():
        recipe = found[original]
        assert recipe.code.count(before) == 1
        found[title] = Recipe(title, recipe.language, recipe.code.replace(before, after))
    return found


def titles(*languages: str) -> list[str]:
    """Give the titles of the sections of clients in these languages."""
    return [r.title for r in recipes().values() if r.language in languages and r.title != SHARED]
