"""The HTTP face of the models."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_nodeapi.errors import Conflict, Unavailable, Unprocessable
from jupyter_nodeapi.models.schemas import (
    ModelFile,
    ModelItem,
    ModelQuery,
    Orphan,
    OrphanQuery,
    PlanReply,
    ResolveReply,
    ResolveRequest,
    StartQuery,
    StartReply,
    UninstallQuery,
    UninstallReply,
    VerifyReply,
)
from jupyter_nodeapi.models.service import Models
from jupyter_nodeapi.web import Handler, Operation, Route

__all__ = [
    "ROUTES",
    "CategoryHandler",
    "DownloadHandler",
    "ListHandler",
    "OrphansHandler",
    "PlanHandler",
    "ResolveHandler",
    "VerifyHandler",
]


class ModelsHandler(Handler):
    """What the handlers of this room share."""

    room = "nodeapi_models"

    def initialize(self, models: Models) -> None:
        """Take the service."""
        self.models = models

    def link_to(self, cursor: str) -> str:
        """Give the Link header of the page that begins at a cursor."""
        asked = [(name, value) for name, value in parse_qsl(self.request.query) if name != "cursor"]
        return f'<{self.request.path}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'


class ListHandler(ModelsHandler):
    """All models."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give all models of the registries and whether they are installed."""
        listing = await self.models.page(self.query(ModelQuery))
        self.set_header("X-Total-Count", str(listing.total))
        if listing.next is not None:
            self.set_header("Link", self.link_to(listing.next))
        self.reply_bytes(listing.data, listing.etag)


class CategoryHandler(ModelsHandler):
    """The files of a category."""

    @web.authenticated
    @authorized
    async def get(self, category: str) -> None:
        """Give every model file in a category's folder."""
        self.reply(await self.models.category(category))


class DownloadHandler(ModelsHandler):
    """Installing and uninstalling."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:  # noqa: A002 - the document's word
        """Start the job that installs a model, or give the one that is under way."""
        job = await self.models.install(id, replace=self.query(StartQuery).replace)
        self.reply(StartReply(job.job_id), status=202)

    @web.authenticated
    @authorized
    async def delete(self, id: str) -> None:  # noqa: A002
        """Uninstall a model."""
        self.reply(await self.models.uninstall(id, force=self.query(UninstallQuery).force))


class VerifyHandler(ModelsHandler):
    """Reading a model again."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:  # noqa: A002
        """Read every byte of a model again."""
        self.reply(await self.models.verify(id))


class PlanHandler(ModelsHandler):
    """What an installation would take."""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:  # noqa: A002
        """Say what installing a model would take, before anything moves."""
        self.reply(await self.models.plan(id))


class OrphansHandler(ModelsHandler):
    """Files of nobody."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give the files in the models folder that belong to no known model."""
        found = await self.models.orphans(self.query(OrphanQuery))
        self.set_header("X-Total-Count", str(found.total))
        if found.next is not None:
            self.set_header("Link", self.link_to(found.next))
        self.reply(found.rows)


class ResolveHandler(ModelsHandler):
    """What a workflow lacks."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Say which of the named models are here, can come, or are unknown."""
        self.reply(await self.models.resolve(await self.body(ResolveRequest)))


ROUTES: tuple[Route, ...] = (
    Route(
        "/api/models",
        ListHandler,
        {
            "get": Operation(
                "List all models with their install status.", query=ModelQuery, reply=list[ModelItem]
            )
        },
    ),
    Route(
        "/api/models/download/{id:path}",
        DownloadHandler,
        {
            "post": Operation(
                "Install a model in the background.",
                query=StartQuery,
                reply=StartReply,
                status=202,
                errors=(Conflict,),
            ),
            "delete": Operation(
                "Uninstall a model.", query=UninstallQuery, reply=UninstallReply, errors=(Conflict,)
            ),
        },
    ),
    Route(
        "/api/models/verify/{id:path}",
        VerifyHandler,
        {"post": Operation("Read every byte of a model again.", reply=VerifyReply, errors=(Unavailable,))},
    ),
    Route(
        "/api/models/plan/{id:path}",
        PlanHandler,
        {
            "get": Operation(
                "Say what installing a model would take.",
                reply=PlanReply,
                errors=(Unprocessable, Unavailable),
            )
        },
    ),
    Route(
        "/api/models/resolve",
        ResolveHandler,
        {"post": Operation("Say which models a workflow lacks.", request=ResolveRequest, reply=ResolveReply)},
    ),
    Route(
        "/api/nodeapi/orphans",  # not below /api/models, where every word may be somebody's category
        OrphansHandler,
        {
            "get": Operation(
                "List the files in the models folder that belong to no known model.",
                query=OrphanQuery,
                reply=list[Orphan],
            )
        },
    ),
    Route(
        "/api/models/{category:path}",
        CategoryHandler,
        {"get": Operation("List the model files of a category.", reply=list[ModelFile])},
    ),
)
