"""``api.models``: what can be installed, what is, and installing it."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from jupyter_nodeapi_widgets.client.noun import Noun, quoted
from jupyter_nodeapi_widgets.client.progress import Progress
from jupyter_nodeapi_widgets.client.results import Job, Model, ModelFile, Orphan, Plan

__all__ = ["Models"]


class Models(Noun):
    """The models of the server."""

    def list(
        self,
        query: str | None = None,
        *,
        category: str | None = None,
        tag: str | None = None,
        installed: bool | None = None,
        sort: str | None = None,
        limit: int | None = None,
    ) -> list[Model]:
        """Give the models that the registries know; with `limit` the first so many.

        Parameters
        ----------
        query : str, optional
            Words that all occur in id, name, category, description or tags.
        category, tag : str, optional
            Only of this category, only with this tag.
        installed : bool, optional
            Only those that are here, or only those that are not.
        sort : str, optional
            The order, as the API names it.
        limit : int, optional
            How many at most.
        """
        params = {"q": query, "category": category, "tag": tag, "installed": installed}
        return self._all(Model, "/api/models", params={**params, "sort": sort, "limit": limit})

    def files(self, category: str) -> builtins.list[ModelFile]:
        """Give every model file of a category, also those put there by hand."""
        return self._all(ModelFile, f"/api/models/{quoted(category)}")

    def orphans(self, limit: int = 1_000) -> builtins.list[Orphan]:
        """Give the files in the server's folder of models that belong to no known model, so many at most."""
        return self._all(Orphan, "/api/nodeapi/orphans", params={"limit": limit})

    def plan(self, model_id: str) -> Plan:
        """Say what installing would take, before anything moves."""
        return self._one(Plan, "GET", f"/api/models/plan/{quoted(model_id)}")

    def start(self, model_id: str, *, replace: bool = False) -> str:
        """Begin to install a model and give the job's id at once.

        Parameters
        ----------
        model_id : str
            Which.
        replace : bool
            Also replace a file that was changed by hand.
        """
        params = {"replace": True} if replace else None
        return str(self._ask("POST", f"/api/models/download/{quoted(model_id)}", params=params)["job_id"])

    def install(
        self,
        model_id: str,
        *,
        replace: bool = False,
        timeout: float | None = None,
        progress: Progress = True,
    ) -> Job:
        """Install a model and wait until it is here; one that is here already costs nothing.

        Parameters
        ----------
        model_id, replace
            As for :meth:`start`.
        timeout, progress
            As for :meth:`Jobs.wait`.

        Raises
        ------
        JobFailed
            It could not be installed.
        """
        return self._api.jobs.wait(self.start(model_id, replace=replace), timeout=timeout, progress=progress)

    def uninstall(self, model_id: str, *, force: bool = False) -> dict[str, Any]:
        """Remove a model; `force` also deletes what a person put there. Gives what was removed and kept."""
        params = {"force": True} if force else None
        found: dict[str, Any] = self._ask("DELETE", f"/api/models/download/{quoted(model_id)}", params=params)
        return found

    def verify(self, model_id: str) -> dict[str, Any]:
        """Let the server read every byte of a model again."""
        found: dict[str, Any] = self._ask("POST", f"/api/models/verify/{quoted(model_id)}", timeout=3600)
        return found

    def resolve(self, ids: str | Iterable[str] = (), *, names: str | Iterable[str] = ()) -> dict[str, Any]:
        """Say which models a workflow lacks: ``installed``, ``missing``, ``unknown``; one may stand alone."""
        body = {"ids": _listed(ids), "names": _listed(names)}
        found: dict[str, Any] = self._ask("POST", "/api/models/resolve", json=body)
        return found


def _listed(some: str | Iterable[str]) -> list[str]:
    return [some] if isinstance(some, str) else list(some)
