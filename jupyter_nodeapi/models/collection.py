"""The models of one server: which are known, where they lie, what may be asked of them and done to them.

Everything here waits for a disk or for the Hub; it is for threads, and for the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.models import orphans, planning, readiness, removal, resolution, sharing, verification
from jupyter_nodeapi.models.catalog import Catalog
from jupyter_nodeapi.models.memo import Memo
from jupyter_nodeapi.models.pages import Listing, Pages
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
from jupyter_nodeapi.models.staging import Store

__all__ = ["Collection"]


class Collection:
    """All models, known and installed; blocking, and safe for several threads.

    Parameters
    ----------
    models_dir : Path
        Where models live; may be shared.
    data_dir : Path
        What the extension keeps for itself.
    registry : Registry
        Which models exist.
    space : Space
        Free space.
    shared_dirs : tuple of Path
        Read-only tiers.
    beside : callable
        Does what it is given while somebody else goes on.
    """

    def __init__(
        self,
        models_dir: Path,
        data_dir: Path,
        registry: Registry,
        space: Space,
        *,
        shared_dirs: tuple[Path, ...],
        beside: Callable[[Callable[[], None]], None],
    ) -> None:
        self.registry = registry
        self.store = Store(models_dir, shared_dirs)
        self.memo = Memo(data_dir / "models" / "hashes.json", self.store.root.open)
        names = data_dir / "registries" / "index.mpk"
        self.catalog = Catalog(registry, self.store, self.memo, shared_dirs, record=names, beside=beside)
        self._models_dir = models_dir
        self._shared = shared_dirs
        self._space = space
        self._pages = Pages()

    def prepare(self) -> None:
        """Look at registries and disk, so that the first reader hardly waits; keep what took long."""
        self.page(ModelQuery())
        self.catalog.keep()

    # -- asking

    def page(self, query: ModelQuery) -> Listing:
        """Give a page of all models, encoded."""
        return self._pages.get(self.catalog.view(), query)

    def category(self, category: str) -> list[ModelFile]:
        """Give every model file in a category's folder."""
        return self.catalog.category(category)

    def orphans(self, query: OrphanQuery) -> orphans.Found:
        """Give the files that belong to no model."""
        return orphans.page(self.catalog.unclaimed(), query, self.store.root.path)

    def plan(self, model_id: str) -> PlanReply:
        """Say what installing a model would take."""
        entry = self.catalog.entry(model_id)
        verdict = self.catalog.view().verdicts.get(model_id)
        return planning.describe(entry, verdict, self.store, self._space, self._shared)

    def resolve(self, request: ResolveRequest) -> ResolveReply:
        """Say which of the asked-for models are here, can come, or are unknown."""
        return resolution.resolve(self.catalog.view(), request)

    def count(self) -> int:
        """Give the number of known models."""
        return len(self.registry.current().entries)

    def diagnostics(self) -> list[dict[str, Any]]:
        """Give what is wrong with the registries."""
        return [msgspec.to_builtins(problem) for problem in self.registry.current().problems]

    def advice(self) -> list[sharing.Advice]:
        """Give what keeps some users of a shared folder from installing, and the commands against it."""
        return list(sharing.advise(self._models_dir, sharing.umask()))

    # -- doing

    def ready(self, model_id: str, *, replace: bool = False) -> readiness.Readiness:
        """Look whether a model may be installed; see :func:`jupyter_nodeapi.models.readiness.check`."""
        return readiness.check(self.catalog, self.store, self.memo, model_id, replace=replace)

    def uninstall(self, model_id: str, *, force: bool = False) -> UninstallReply:
        """Remove a model that was installed here; what a person owns only with `force`.

        Raises
        ------
        NotFound
            It is not installed.
        Conflict
            It was put there by hand.
        """
        verdict = self.catalog.view().verdicts.get(model_id)
        if verdict is None and self.store.manifest(model_id) is None:
            self.catalog.entry(model_id)
        return removal.uninstall(self.store, model_id, verdict, self.catalog.manifests(), force=force)

    def verify(self, model_id: str, check: Callable[[], None] = lambda: None) -> VerifyReply:
        """Read every byte of a model again.

        Parameters
        ----------
        model_id : str
            Which.
        check : callable
            Asked between blocks; raises to end the reading.
        """
        view = self.catalog.view()
        verdict, entry = view.verdicts.get(model_id), view.snapshot.entries.get(model_id)
        if entry is None and self.store.manifest(model_id) is None:
            self.catalog.entry(model_id)
        return verification.verify(self.store, model_id, entry, verdict, check)

    def discard(self, model_id: str) -> None:
        """Delete what has arrived of a model that nobody wants any more, unless another server goes on."""
        if not self.store.held(model_id):
            self.store.discard(model_id)
