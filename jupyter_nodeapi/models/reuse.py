"""Bytes that are here already: in a shared folder, the Hub's own cache, or another installed model.

Only a file whose digest is known is looked for, and wherever it is found its bytes are read and held against
that digest before they count: a name proves nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.models import huggingface
from jupyter_nodeapi.models.manifests import Manifests
from jupyter_nodeapi.models.schemas import Entry, Location, PlannedFile
from jupyter_nodeapi.models.sources import Plan
from jupyter_nodeapi.models.staging import Store, target_names

__all__ = ["with_reuse"]


def with_reuse(plan: Plan, entry: Entry, store: Store, shared_dirs: Sequence[Path]) -> Plan:
    """Put before each file's places those on this machine that seem to hold it.

    Parameters
    ----------
    plan : Plan
        What the source says.
    entry : Entry
        The model.
    store : Store
        Where models are installed.
    shared_dirs : sequence of Path
        Read-only tiers, laid out like ``models_dir``.
    """
    names = target_names(entry, [file.path for file in plan.files])
    installed = _installed(store)
    files = []
    for file, name in zip(plan.files, names, strict=True):
        found = (
            [] if not (file.sha256 or file.git_sha1) else list(_found(file, name, entry, plan, shared_dirs))
        )
        if file.sha256 in installed and not found:
            found = [path for path in _paths(store, installed[file.sha256]) if _fits(path, file)]
        places = tuple(Location(file=str(path), reused=True) for path in found)
        files.append(msgspec.structs.replace(file, locations=(*places, *file.locations)))
    return msgspec.structs.replace(plan, files=tuple(files))


def _found(
    file: PlannedFile, name: str, entry: Entry, plan: Plan, shared_dirs: Sequence[Path]
) -> Iterator[Path]:
    for folder in shared_dirs:
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and _fits(path, file):
            yield path
    if entry.source.type == "huggingface" and plan.revision:
        for spec in entry.files or (file,):
            if spec.path == file.path:
                wanted = getattr(spec, "source", None) or spec.path
                cached = huggingface.cached(entry, wanted, plan.revision)
                if cached is not None and _fits(cached, file):
                    yield cached


def _installed(store: Store) -> dict[str | None, list[str]]:
    """Give the names of the files of all installed models by their digest."""
    manifests = Manifests(store.manifests)
    manifests.refresh()
    found: dict[str | None, list[str]] = {}
    for manifest in manifests.all():
        for file in manifest.files:
            found.setdefault(file.sha256, []).append(file.path)
    return found


def _paths(store: Store, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        with contextlib.suppress(NodeApiError):  # a manifest that names a place outside proves nothing
            yield store.root.resolve(name).resolve()


def _fits(path: Path, file: PlannedFile) -> bool:
    try:
        return path.is_file() and (file.size is None or path.stat().st_size == file.size)
    except OSError:
        return False
