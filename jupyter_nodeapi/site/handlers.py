"""Routes about the whole: ``/nodeapi``, ``/api/nodeapi`` and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.site.about import About, AboutReply
from jupyter_nodeapi.site.page import page
from jupyter_nodeapi.web import Handler, Operation, Route

__all__ = ["ROUTES"]


class AboutHandler(Handler):
    """``/api/nodeapi``."""

    room = "nodeapi"
    _track_activity = False

    def initialize(self, about: About) -> None:
        """Take the service."""
        self.about = about

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say what this server is and can do."""
        self.reply(await self.about.describe())


class OpenApiHandler(Handler):
    """``/api/nodeapi/openapi.json``."""

    room = "nodeapi"

    def initialize(self, openapi: Callable[[], dict[str, Any]], threads: Threads) -> None:
        """Take what makes the document, for whoever asks first, and keeps it."""
        self.openapi = openapi
        self.threads = threads

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give the OpenAPI document."""
        self.reply(await self.threads.run(self.openapi))


class PageHandler(Handler):
    """``/nodeapi``: a page, so a visitor without a login is sent to the login."""

    room = "nodeapi"

    def get_login_url(self) -> str:
        """Where a visitor logs in; replies of the API never redirect, pages do."""
        return str(JupyterHandler.get_login_url(self))

    async def guard(self) -> None:
        """Leave visitors without a login to the verb, which redirects them."""
        if self.current_user:
            await super().guard()

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Show the page."""
        html, policy = page()
        self.set_header("Content-Security-Policy", policy)
        self.finish(html, set_content_type="text/html; charset=utf-8")


ROUTES = (
    Route("/nodeapi", PageHandler, {"get": Operation("The extension's own page", media="text/html")}),
    Route(
        "/api/nodeapi", AboutHandler, {"get": Operation("What this server is and can do", reply=AboutReply)}
    ),
    Route(
        "/api/nodeapi/openapi.json",
        OpenApiHandler,
        {"get": Operation("This document", reply=dict[str, Any])},
    ),
)
