"""Search, filter, order and pages over the catalog: pure functions of rows and a query."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from jupyter_nodeapi.errors import InvalidParameter
from jupyter_nodeapi.models.schemas import ModelItem, ModelQuery

__all__ = ["Page", "page"]

_ORDERS: dict[str, Callable[[ModelItem], Any]] = {
    "id": lambda item: item.id.casefold(),
    "name": lambda item: (item.name.casefold(), item.id),
    "category": lambda item: (item.category.casefold(), item.name.casefold()),
    "installed": lambda item: (not item.installed, item.name.casefold()),
    "size": lambda item: (item.size is None, item.size or 0),
}


class Page(msgspec.Struct, frozen=True):
    """The rows of one page, how many there are in all, and where the next page begins."""

    rows: Sequence[ModelItem]
    total: int
    next: str | None = None


def page(items: Sequence[ModelItem], query: ModelQuery) -> Page:
    """Give the page that a query asks for.

    Raises
    ------
    InvalidParameter
        An unknown order or a cursor that is not ours.
    """
    rows = _ordered([item for item in items if _matches(item, query, _words(query))], query.sort)
    start = _position(query.cursor, rows)
    end = start + query.limit if query.limit else len(rows)
    following = _cursor(end, rows[end - 1].id) if end < len(rows) else None
    return Page(rows[start:end], len(rows), following)


def _words(query: ModelQuery) -> list[str]:
    return (query.q or "").casefold().split()


def _matches(item: ModelItem, query: ModelQuery, words: list[str]) -> bool:
    if query.category is not None and item.category != query.category:
        return False
    if query.installed is not None and item.installed is not query.installed:
        return False
    if query.tag is not None and query.tag not in item.tags:
        return False
    if not words:
        return True
    text = " ".join((item.id, item.name, item.category, item.description, *item.tags)).casefold()
    return all(word in text for word in words)


def _ordered(rows: list[ModelItem], sort: str | None) -> list[ModelItem]:
    if sort is None:
        return rows
    order = _ORDERS.get(sort.removeprefix("-"))
    if order is None:
        raise InvalidParameter(
            "This order is unknown.",
            hint=f"One of {', '.join(_ORDERS)}, with '-' for the reverse.",
            field="sort",
        )
    return sorted(rows, key=order, reverse=sort.startswith("-"))


def _cursor(position: int, last: str) -> str:
    return base64.urlsafe_b64encode(f"{position}:{last}".encode()).decode().rstrip("=")


def _position(cursor: str | None, rows: Sequence[ModelItem]) -> int:
    """Give where a page begins: behind the last row of the one before, wherever that is by now."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        number, _, last = text.partition(":")
        position = int(number)
    except (binascii.Error, ValueError):
        raise InvalidParameter("This cursor is not one of ours.", field="cursor") from None
    if not 0 < position <= len(rows) or rows[position - 1].id != last:
        moved = next((n for n, row in enumerate(rows, 1) if row.id == last), None)
        position = moved if moved is not None else max(0, min(position, len(rows)))
    return position
