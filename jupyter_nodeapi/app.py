"""The extension: its settings, its rooms, their start and their stop. Nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server._tz import utcnow
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Float, Int, Type, Unicode, default, validate

from jupyter_nodeapi import __version__
from jupyter_nodeapi.audio.service import Audio
from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.disk.expiry import Sweeper, Usage
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.files.library import Library
from jupyter_nodeapi.jobs.engines import Engine
from jupyter_nodeapi.jobs.engines.local import LocalEngine
from jupyter_nodeapi.jobs.events import SCHEMA_PATH
from jupyter_nodeapi.jobs.runner import Jobs
from jupyter_nodeapi.models.service import Models
from jupyter_nodeapi.routes import ROUTES, rules
from jupyter_nodeapi.site.about import About
from jupyter_nodeapi.site.metrics import Metrics
from jupyter_nodeapi.site.openapi import document
from jupyter_nodeapi.uploads.service import Uploads
from jupyter_nodeapi.web.patience import SILENCE_SECONDS

__all__ = ["NodeApiApp", "main"]


class NodeApiApp(ExtensionApp):
    """Models, files, uploads and audio for notebooks and node editors, on a Jupyter server."""

    name = "nodeapi"
    version = __version__
    description = "The backend that notebooks and node editors on Jupyter are missing."
    extension_url = "/nodeapi"
    load_other_extensions = True
    classes = [Models, Jobs, LocalEngine, Library, Uploads, Audio]
    subcommands = {  # by name: a command looks into the app, so the app must not look into it
        "doctor": (
            "jupyter_nodeapi.cli.doctor.DoctorApp",
            "Say what works, what does not, and what to do about it.",
        ),
        "clean": ("jupyter_nodeapi.cli.clean.CleanApp", "Remove expired uploads, results and caches now."),
        "models": (
            "jupyter_nodeapi.cli.models.ModelsApp",
            "List, install, verify, remove, check and import models.",
        ),
        "openapi": ("jupyter_nodeapi.cli.openapi.OpenApiApp", "Print the OpenAPI document."),
    }

    data_dir = Unicode(
        help="Folder of everything the extension keeps. Default: <jupyter_data_dir>/nodeapi."
    ).tag(config=True)
    models_dir = Unicode(
        help="Folder of installed models; may be shared or read-only. Default: models in data_dir."
    ).tag(config=True)
    libs_dir = Unicode(help="Folder of node files. Default: libs in data_dir.").tag(config=True)
    temp_dir = Unicode(help="Folder behind /temp: uploads and results. Default: temp in data_dir.").tag(
        config=True
    )
    url_prefix = Unicode(
        "", help="Put before every path of the API, for servers where /api/... is taken."
    ).tag(config=True)
    engine_class = Type(LocalEngine, klass=Engine, help="Who runs jobs.").tag(config=True)
    disk_reserve_bytes = Int(
        None,
        allow_none=True,
        help="Disk space in bytes that is never used up. Default: the smaller of 1 GiB and 2 % of the disk.",
    ).tag(config=True)
    silence_seconds = Float(
        SILENCE_SECONDS,
        min=1.0,
        help="How long nothing may come of a body before its sender is hung up on (seconds).",
    ).tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "nodeapi")

    @default("models_dir")
    def _default_models_dir(self) -> str:
        return str(Path(self.data_dir) / "models")

    @default("libs_dir")
    def _default_libs_dir(self) -> str:
        return str(Path(self.data_dir) / "libs")

    @default("temp_dir")
    def _default_temp_dir(self) -> str:
        return str(Path(self.data_dir) / "temp")

    @validate("data_dir", "models_dir", "libs_dir", "temp_dir")
    def _absolute(self, proposal: dict[str, Any]) -> str:
        return str(Path(proposal["value"]).expanduser().absolute())

    # -- building

    def initialize_settings(self) -> None:
        """Build everything and connect it to the server."""
        self.build()
        self.settings["nodeapi_silence_seconds"] = self.silence_seconds
        self.models.prepare()
        self._connect_jobs()

    def build(self) -> None:
        """Build the floor and the rooms; needs no server, so the commands can look into them too."""
        self.threads = Threads(8, "nodeapi")
        self.space = Space(self.disk_reserve_bytes)
        self.usage = Usage()
        self.sweeper = Sweeper(self.log)
        self.temp = Root(Path(self.temp_dir), prefix="/temp")
        data = Path(self.data_dir)
        self.jobs = Jobs(data / "jobs", self.threads, engine_class=self.engine_class, parent=self)
        self.library = Library(Root(Path(self.libs_dir)), self.threads, self.space, parent=self)
        self.uploads = Uploads(self.temp, self.threads, self.space, self.usage, parent=self)
        quota = self.uploads.store.quota
        floor = (self.threads, self.usage, self.space)
        self.audio = Audio(self.temp, self.jobs, *floor, quota=quota, parent=self)
        self.models = Models(Path(self.models_dir), data, self.jobs, self.threads, self.space, parent=self)
        self.about = About(self)
        self.metrics = Metrics(self.jobs.live, lambda: self.space.free(data))

    def _connect_jobs(self) -> None:
        """Let running jobs count as activity, and put their events on Jupyter's bus."""
        self.jobs.on_activity = self._note_activity
        bus = self._server.event_logger
        assert bus is not None
        bus.register_event_schema(SCHEMA_PATH)
        self.jobs.events.emit = lambda schema_id, data: bus.emit(schema_id=schema_id, data=data)

    def _note_activity(self) -> None:
        """Keep an idle culler away while a job reports; a hung one stops reporting and is culled rightly."""
        self._server.web_app.settings["last_activity_times"]["jupyter_nodeapi"] = utcnow()

    @property
    def _server(self) -> ServerApp:
        assert self.serverapp is not None
        return self.serverapp

    def initialize_handlers(self) -> None:
        """Serve the whole route table."""
        base_url = self._server.base_url
        services = {
            "about": self.about,
            "audio": self.audio,
            "jobs": self.jobs,
            "library": self.library,
            "models": self.models,
            "openapi": functools.cache(lambda: document(ROUTES, base_url + self.url_prefix.strip("/"))),
            "temp": self.temp,
            "threads": self.threads,
            "uploads": self.uploads,
            "usage": self.usage,
        }
        self.handlers.extend(rules(services, self.url_prefix))

    def sweeps(self) -> dict[str, Callable[..., Sequence[object]]]:
        """Everything that expires, by name; each takes ``dry_run`` and gives what it has removed."""
        return {
            "drafts": self.library.sweep,
            "uploads": self.uploads.sweep,
            "results": self.audio.sweep,
            "jobs": self.jobs.sweep,
            "models": self.models.sweep,
        }

    # -- living

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Start the rooms, then take up the jobs that an earlier process left."""
        self.temp.path.mkdir(parents=True, exist_ok=True)
        for room in (self.library, self.uploads, self.audio, self.models):
            await room.start()
        await self.jobs.restore()
        for name, sweep in self.sweeps().items():
            self.sweeper.add(name, sweep)
        self.sweeper.start()
        self.metrics.start()

    async def stop_extension(self) -> None:
        """Stop the rooms; unfinished jobs stay on disk and go on after the next start."""
        self.metrics.stop()
        await self.sweeper.stop()
        await self.jobs.stop()
        for room in (self.models, self.audio, self.uploads, self.library):
            await room.stop()
        self.threads.close()

    def current_activity(self) -> dict[str, Any] | None:
        """Tell Jupyter's own shutdown timer which jobs are alive."""
        live = {job.job_id: {"state": job.state, "progress": job.progress} for job in self.jobs.live()}
        return live or None


main = NodeApiApp.launch_instance
