"""The whole HTTP surface as one table, gathered from the rooms."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from jupyter_server.utils import url_path_join

import jupyter_nodeapi.audio.handlers
import jupyter_nodeapi.files.handlers
import jupyter_nodeapi.jobs.handlers
import jupyter_nodeapi.models.handlers
import jupyter_nodeapi.site.handlers
import jupyter_nodeapi.uploads.handlers
from jupyter_nodeapi.web import Route

__all__ = ["ROUTES", "rules"]

ROUTES: tuple[Route, ...] = (
    *jupyter_nodeapi.jobs.handlers.ROUTES,
    *jupyter_nodeapi.models.handlers.ROUTES,
    *jupyter_nodeapi.files.handlers.ROUTES,
    *jupyter_nodeapi.uploads.handlers.ROUTES,
    *jupyter_nodeapi.audio.handlers.ROUTES,
    *jupyter_nodeapi.site.handlers.ROUTES,
)
"""Every route, the more specific before the more general."""


def rules(services: Mapping[str, Any], prefix: str = "") -> list[tuple[str, type, dict[str, Any]]]:
    """Make Tornado's rules: each handler is given the services that its ``initialize`` names.

    Parameters
    ----------
    services : mapping of str to object
        Every service by its keyword, such as ``library``.
    prefix : str
        Put before every path; empty for the documented paths.
    """
    return [
        (
            url_path_join(prefix, route.pattern) if prefix else route.pattern,
            route.handler,
            _wanted(route, services),
        )
        for route in ROUTES
    ]


def _wanted(route: Route, services: Mapping[str, Any]) -> dict[str, Any]:
    names = list(inspect.signature(route.handler.initialize).parameters)[1:]
    return {name: services[name] for name in names if name in services}
