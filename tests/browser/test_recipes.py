"""What the page says about the recipes is true: versions, links, and one login for all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .recipes import PAGE, SHARED, VARIANTS, recipes, titles

_ROW = re.compile(r"^\| \[(?P<title>.+?)\]\(#(?P<anchor>.+?)\) \| (?P<version>[\d.]+) \|", re.MULTILINE)
_IMPORT = re.compile(r'^import (?:.+? from )?"((?:@[^/"]+/)?[^./"][^/"]*)', re.MULTILINE)
ROWS = {row["title"]: row for row in _ROW.finditer(PAGE.read_text(encoding="utf-8"))}
PINS = json.loads((Path(__file__).parent / "package.json").read_text(encoding="utf-8"))["dependencies"]


def test_every_client_of_the_page_is_run_and_every_one_that_is_run_is_in_its_table() -> None:
    assert set(titles("js")) - VARIANTS.keys() == ROWS.keys()
    assert len(titles("js", "python", "sh")) == 17 + len(VARIANTS)


@pytest.mark.parametrize("title", ROWS)
def test_the_page_names_the_version_that_is_tested(title: str) -> None:
    imported = _IMPORT.findall(recipes()[title].code)
    assert ROWS[title]["version"] in {PINS[package] for package in imported}


@pytest.mark.parametrize("title", ROWS)
def test_the_table_leads_to_the_recipe(title: str) -> None:
    assert ROWS[title]["anchor"] == re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))


@pytest.mark.parametrize("title", titles("js"))
def test_a_recipe_says_who_is_calling_and_where_the_file_belongs(title: str) -> None:
    code = recipes()[title].code
    assert 'from "./server.js"' in code
    assert "headers" in code.split('"./server.js"', 1)[1]
    assert "ids" in code.split('"./server.js"', 1)[1]


def test_only_the_size_of_the_chunks_is_changed_for_the_tests() -> None:
    text = PAGE.read_text(encoding="utf-8")
    plain = [title for title in recipes() if title not in VARIANTS]
    assert all(recipes()[title].code.replace("1 << 20", "8 << 20") in text for title in plain)
    assert "chunkSize = 1 << 20" in recipes()[SHARED].code
