"""Encoded pages of the list, kept as long as the catalog stays as it is."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import msgspec

from jupyter_nodeapi.models.catalog import View
from jupyter_nodeapi.models.listing import page
from jupyter_nodeapi.models.schemas import ModelQuery

__all__ = ["Listing", "Pages"]

_KEPT = 64


class Listing(msgspec.Struct, frozen=True):
    """An encoded page, its ETag, the rows of all pages, and where the next page begins."""

    data: bytes
    etag: str
    total: int
    next: str | None


class Pages:
    """The pages that were asked for last; safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, ModelQuery], Listing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, view: View, query: ModelQuery) -> Listing:
        """Give the page that a query asks for, encoded at most once for a state of the catalog."""
        key = (view.version, query)
        with self._lock:  # who asks for the same meanwhile gets it sooner by waiting
            listing = self._kept.get(key)
            if listing is None:
                listing = self._kept[key] = _encoded(view, query)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return listing


def _encoded(view: View, query: ModelQuery) -> Listing:
    found = page(view.items, query)
    data = msgspec.json.encode(found.rows)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return Listing(data, etag, found.total, found.next)
