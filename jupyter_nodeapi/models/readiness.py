"""Whether a model may be installed: it is there already, its place is free, or somebody's file is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.models.catalog import Catalog, View
from jupyter_nodeapi.models.memo import Memo
from jupyter_nodeapi.models.schemas import Entry, InstalledFile, Manifest
from jupyter_nodeapi.models.staging import Store, occupied

__all__ = ["Readiness", "check"]


class Readiness(msgspec.Struct, frozen=True):
    """The entry; the names of its files if it is installed already; whether its place may be cleared."""

    entry: Entry
    files: tuple[str, ...] | None = None
    replace: bool = False

    def order(self) -> dict[str, Any]:
        """Give the part of an :class:`~jupyter_nodeapi.models.order.Order` that is this model's."""
        return {"entry": msgspec.to_builtins(self.entry), "replace": self.replace}


def check(catalog: Catalog, store: Store, memo: Memo, model_id: str, *, replace: bool) -> Readiness:
    """Look whether a model may be installed; blocking.

    Raises
    ------
    NotFound
        No registry knows the id.
    Conflict
        Somebody's file is in its place, and `replace` was not given.
    """
    entry = catalog.entry(model_id)
    verdict = _settled(catalog, memo, model_id).verdicts[model_id]
    if verdict.installed:
        return Readiness(entry, files=verdict.files)
    if verdict.problem and not replace and not _only_gaps(store, store.manifest(model_id)):
        raise occupied()
    return Readiness(entry, replace=replace or verdict.problem == "missing")


def _settled(catalog: Catalog, memo: Memo, model_id: str) -> View:
    """Give a view in which this model is judged to the end, large files of a person read."""
    view = catalog.view()
    if view.verdicts[model_id].problem == "checking":
        for name in view.verdicts[model_id].files:
            if name in memo.pending:
                memo.read(name)
        view = catalog.view()
    return view


def _only_gaps(store: Store, manifest: Manifest | None) -> bool:
    """Say whether all that is wrong with an installed model is that files of it are gone."""
    if manifest is None or manifest.damaged:
        return False
    known = {store.root.resolve(file.path): file for file in manifest.files}
    if any(path.exists() and _changed(path, file) for path, file in known.items()):
        return False
    folder = store.root.resolve(f"{manifest.category}/{manifest.id}")
    there = {path for path in folder.rglob("*") if not path.is_dir()} if len(known) > 1 else set()
    return there <= set(known)


def _changed(path: Path, file: InstalledFile) -> bool:
    facts = path.stat()
    return (facts.st_size, facts.st_mtime_ns) != (file.size, file.mtime_ns)
