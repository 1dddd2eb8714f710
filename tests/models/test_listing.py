"""Search, order and pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import InvalidParameter
from jupyter_nodeapi.models.listing import page
from jupyter_nodeapi.models.schemas import ModelItem, ModelQuery, SourceItem


def item(model_id, **fields):
    values = {"name": model_id, "category": "C", "source": SourceItem("url", "https://h"), "installed": False}
    return ModelItem(id=model_id, **{**values, **fields})


ITEMS = [
    item("b", name="Beta", size=2, installed=True, tags=("x",)),
    item("a", name="alpha", category="D", description="A Large model"),
    item("c", name="Gamma", size=1, tags=("x", "y")),
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, "bac"),
        ({"q": "LARGE"}, "a"),
        ({"q": "large model"}, "a"),
        ({"q": "large nothing"}, ""),
        ({"q": "x"}, "bc"),
        ({"category": "D"}, "a"),
        ({"category": "d"}, ""),
        ({"tag": "y"}, "c"),
        ({"installed": True}, "b"),
        ({"installed": False}, "ac"),
        ({"sort": "name"}, "abc"),
        ({"sort": "-name"}, "cba"),
        ({"sort": "size"}, "cba"),
        ({"sort": "installed"}, "bac"),
        ({"sort": "category"}, "bca"),
    ],
)
def test_a_query_selects_and_orders(query, ids):
    found = page(ITEMS, ModelQuery(**query))
    assert "".join(row.id for row in found.rows) == ids
    assert (found.total, found.next) == (len(ids), None)


@given(st.lists(st.text(min_size=1), unique=True, max_size=30), st.integers(1, 7))
def test_pages_together_are_the_whole_in_order(ids, limit):
    rows = [item(model_id) for model_id in ids]
    seen, cursor = [], None
    while True:
        found = page(rows, ModelQuery(limit=limit, cursor=cursor))
        seen += [row.id for row in found.rows]
        cursor = found.next
        if cursor is None:
            break
    assert seen == ids


def test_a_page_goes_on_behind_its_last_row_when_rows_came_before_it():
    rows = [item(model_id) for model_id in "abcd"]
    cursor = page(rows, ModelQuery(limit=2)).next
    more = [item("0"), *rows]
    assert [row.id for row in page(more, ModelQuery(limit=2, cursor=cursor)).rows] == ["c", "d"]


@pytest.mark.parametrize(
    "query", [{"sort": "x"}, {"sort": ""}, {"cursor": "x"}, {"cursor": "ÿ"}, {"cursor": "YWJj"}]
)
def test_a_wrong_order_or_cursor_is_refused(query):
    with pytest.raises(InvalidParameter):
        page(ITEMS, ModelQuery(**query))
