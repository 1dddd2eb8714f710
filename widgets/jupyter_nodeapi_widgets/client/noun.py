"""What ``api.models``, ``api.files`` ... have in common: a server to ask, and answers as values."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from jupyter_nodeapi_widgets.client.results import made

if TYPE_CHECKING:
    from jupyter_nodeapi_widgets.client.api import NodeApi

__all__ = ["Noun", "quoted"]

T = TypeVar("T")


class Noun:
    """One noun of the API.

    Parameters
    ----------
    api : NodeApi
        The server.
    """

    def __init__(self, api: NodeApi) -> None:
        self._api = api

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} of {self._api!r}>"

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        """Give the JSON value of the answer; what is sent is named as for :meth:`NodeApi.request`."""
        return self._api.request(method, path, **sent).json()

    def _one(self, kind: type[T], method: str, path: str, **sent: Any) -> T:
        return made(kind, self._ask(method, path, **sent))

    def _all(self, kind: type[T], path: str, **sent: Any) -> builtins.list[T]:
        return [made(kind, told) for told in self._ask("GET", path, **sent)]


def quoted(name: str) -> str:
    """Give a name as one part of a path: an id with slashes stays one id."""
    return quote(name, safe="")
