"""``Models``: what the HTTP routes and the command line ask of this room."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path
from traitlets import Bool, Dict, Float, Int, List, Unicode, validate
from traitlets.config import LoggingConfigurable

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import Conflict, Unavailable
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.runner import Jobs
from jupyter_nodeapi.models.addresses import origin_of
from jupyter_nodeapi.models.collection import Collection
from jupyter_nodeapi.models.flawless import Flawless
from jupyter_nodeapi.models.orphans import Found
from jupyter_nodeapi.models.pages import Listing
from jupyter_nodeapi.models.registry import Registry
from jupyter_nodeapi.models.schemas import (
    ModelFile,
    ModelQuery,
    OrphanQuery,
    PlanReply,
    ResolveReply,
    ResolveRequest,
    UninstallReply,
    VerifyReply,
)
from jupyter_nodeapi.models.throttle import shared

__all__ = ["KIND", "Models"]

KIND = "download"
_WORK = "jupyter_nodeapi.models.install:install"


class Models(LoggingConfigurable):
    """The models that exist, those that are installed, and how one becomes the other.

    Parameters
    ----------
    models_dir : Path
        Where models live; may be shared.
    data_dir : Path
        What the extension keeps for itself.
    jobs : Jobs
        Runs the downloads.
    threads : Threads
        For everything that waits for a disk or the Hub.
    space : Space
        Free space.
    """

    allowed_origins = List(
        Unicode(),
        config=True,
        help="Extra origins (scheme://host[:port]) that a url source or a redirect may reach. "
        "Without it: https to public addresses only.",
    )
    shared_dirs = List(
        Unicode(),
        config=True,
        help="Read-only folders that local sources and links in models_dir may point into.",
    )
    entries = List(Dict(), config=True, help='Registry objects, each {"version": 1, "models": [...]}.')
    disabled = List(Unicode(), config=True, help="Ids of registry entries that are not shown.")
    builtin = Bool(True, config=True, help="Whether the extension's own short list of models is shown.")
    max_registry_bytes = Int(
        32 << 20, min=1, config=True, help="The largest registry file that is read (bytes)."
    )
    max_registry_entries = Int(50_000, min=1, config=True, help="How many entries of one registry are used.")
    partial_ttl_seconds = Float(
        7 * 86_400.0,
        min=0.0,
        config=True,
        help="How long the bytes of an unfinished download are kept after the last one came (seconds).",
    )
    stall_seconds = Float(
        60.0,
        min=0.1,
        config=True,
        help="How long a server may send nothing before the download tries again (seconds).",
    )

    connections = Int(
        1,
        min=1,
        max=16,
        config=True,
        help="How many connections a large file may come over, one for each 64 MiB of it at most.",
    )
    bytes_per_second = Int(
        0, min=0, config=True, help="Bandwidth of all downloads together (bytes per second); 0 is no limit."
    )
    niceness = Int(
        10,
        min=0,
        max=19,
        config=True,
        help="How far a download gives way to all other work of the machine, as in nice(1); 0 not at all.",
    )
    allow_unsafe = Bool(
        False, config=True, help="Whether files that the Hugging Face Hub's scanners call unsafe may come."
    )

    def __init__(
        self, models_dir: Path, data_dir: Path, jobs: Jobs, threads: Threads, space: Space, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._jobs = jobs
        self._threads = threads
        # What waits for the Hub or reads whole models must not take the threads of everybody else.
        self._patient = Threads(4, "nodeapi-models")
        self._space = space
        self._models_dir = models_dir
        self._shared = tuple(Path(path).expanduser().absolute() for path in self.shared_dirs)
        self.collection = Collection(
            models_dir,
            data_dir,
            self._registry(data_dir),
            space,
            shared_dirs=self._shared,
            beside=self._patient.begin,
        )
        self._throttle = shared(str(models_dir))  # of all its downloads: it lives as long as this service
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = threading.Event()
        jobs.register(KIND, _WORK, on_end=self._ended, context=self._context())

    @validate("allowed_origins")
    def _check_origins(self, proposal: Any) -> Any:
        for origin in proposal["value"]:
            if origin_of(origin) is None:
                raise ValueError(f"not an origin like https://host[:port]: {origin!r}")
        return proposal["value"]

    # -- asking

    async def page(self, query: ModelQuery) -> Listing:
        """Give a page of all models, encoded, with its ETag."""
        listing = await self._threads.run(self.collection.page, query)
        memo = self.collection.memo
        if memo.pending and not self._tasks:
            self._spawn(self._patient.run(memo.read_pending, self._stopping.is_set))
        return listing

    async def category(self, category: str) -> list[ModelFile]:
        """Give every model file in a category's folder."""
        return await self._threads.run(self.collection.category, category)

    async def orphans(self, query: OrphanQuery) -> Found:
        """Give the files in ``models_dir`` that belong to no known model."""
        return await self._threads.run(self.collection.orphans, query)

    async def plan(self, model_id: str) -> PlanReply:
        """Say what installing a model would take."""
        return await self._patient.run(self.collection.plan, model_id)

    async def resolve(self, request: ResolveRequest) -> ResolveReply:
        """Say which of the asked-for models are here, can come, or are unknown."""
        return await self._threads.run(self.collection.resolve, request)

    # -- doing

    async def install(self, model_id: str, *, replace: bool = False) -> Job:
        """Give the job that installs a model: the one that is under way, a new one, or a completed one.

        Raises
        ------
        NotFound
            No registry knows the id.
        Conflict
            Somebody else's file is in its place, and `replace` was not given.
        """
        ready = await self._threads.run(self.collection.ready, model_id, replace=replace)
        if ready.files is not None:
            result = {"files": list(ready.files)}
            return await self._jobs.finished(
                KIND, model_id, {}, subject=model_id, result=result, message="Already installed."
            )
        return await self._jobs.start(KIND, model_id, ready.order(), subject=model_id)

    def order(self, model_id: str, *, replace: bool = False) -> dict[str, Any] | None:
        """Give what the work that installs a model must be told, None when it is installed; blocking."""
        ready = self.collection.ready(model_id, replace=replace)
        return {**ready.order(), **self._context()} if ready.files is None else None

    async def uninstall(self, model_id: str, *, force: bool = False) -> UninstallReply:
        """Remove a model that was installed here; what a person owns only with `force`.

        Raises
        ------
        NotFound
            It is not installed.
        Conflict
            It is being downloaded, or was put there by hand.
        """
        if any(job.kind == KIND and job.key == model_id for job in self._jobs.live()):
            raise Conflict(
                "This model is being downloaded.", code="downloading", hint="Cancel its job first."
            )
        return await self._threads.run(self.collection.uninstall, model_id, force=force)

    async def verify(self, model_id: str) -> VerifyReply:
        """Read every byte of a model again."""
        return await self._patient.run(self.collection.verify, model_id, self._check)

    # -- living

    def prepare(self) -> None:
        """Look at registries and disk beside the rest of the start: the first reader hardly waits."""
        self._patient.begin(self.collection.prepare)

    async def start(self) -> None:
        """Take up work again after a stop."""
        self._stopping.clear()

    async def stop(self) -> None:
        """End what still reads the disk."""
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        self._patient.close()

    def sweep(self, *, dry_run: bool = False) -> list[str]:
        """Remove partial downloads that nobody went on with, and give their keys; blocks.

        Parameters
        ----------
        dry_run : bool
            Only give the keys.
        """
        return self.collection.store.sweep(self.partial_ttl_seconds, dry_run=dry_run)

    def _registry(self, data_dir: Path) -> Registry:
        return Registry(
            lambda: [Path(path) for path in jupyter_path("nodeapi", "models.d")],
            extra=self.entries,
            builtin=self.builtin,
            disabled=self.disabled,
            max_file_bytes=self.max_registry_bytes,
            max_entries=self.max_registry_entries,
            flawless=Flawless(data_dir / "registries" / "flawless.json"),
        )

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Unavailable("The server is stopping.", retry_after=5)

    def _ended(self, job: Job) -> None:
        """Delete the partial after a cancel; keep it after a pause, a stop or an error, to go on from."""
        if job.state == "cancelled":
            self.collection.discard(job.subject)

    def _context(self) -> dict[str, Any]:
        return {
            "models_dir": str(self._models_dir),
            "shared_dirs": [str(path) for path in self._shared],
            "allowed_origins": self.allowed_origins,
            "reserve_bytes": self._space.reserve_bytes,
            "stall_seconds": self.stall_seconds,
            "connections": self.connections,
            "bytes_per_second": self.bytes_per_second,
            "allow_unsafe": self.allow_unsafe,
            "niceness": self.niceness,
        }

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="nodeapi-models")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
