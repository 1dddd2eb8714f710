"""Files in ``models_dir`` that belong to no model that anybody knows of: listed, never touched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from jupyter_nodeapi.models.judgement import Verdict
from jupyter_nodeapi.models.schemas import Manifest, Orphan, OrphanQuery

__all__ = ["Found", "page", "unclaimed"]


class Found(msgspec.Struct, frozen=True):
    """One page of them, how many there are in all, and where the next page begins."""

    rows: tuple[Orphan, ...]
    total: int
    next: str | None = None


def unclaimed(
    names: Iterable[str], verdicts: Mapping[str, Verdict], manifests: Iterable[Manifest]
) -> list[tuple[str, str | None]]:
    """Give the names that no registry's model has, sorted, each with the model that once put it there.

    Parameters
    ----------
    names : iterable of str
        All files, relative to ``models_dir``.
    verdicts : mapping of str to Verdict
        What each known model has there.
    manifests : iterable of Manifest
        What was installed, also of models that no registry knows any more.
    """
    known = {name for verdict in verdicts.values() for name in verdict.files}
    once = {
        file.path: manifest.id
        for manifest in manifests
        if manifest.id not in verdicts
        for file in manifest.files
    }
    return [(name, once.get(name)) for name in sorted(names) if name not in known]


def page(found: Sequence[tuple[str, str | None]], query: OrphanQuery, folder: Path) -> Found:
    """Give the page that a query asks for, with size and time of each file that is still there."""
    start = bisect_right(found, query.cursor, key=lambda row: row[0]) if query.cursor else 0
    asked = found[start : start + query.limit]
    rows = tuple(row for name, model_id in asked if (row := _row(folder, name, model_id)) is not None)
    more = start + query.limit < len(found)
    return Found(rows, len(found), asked[-1][0] if more else None)


def _row(folder: Path, name: str, model_id: str | None) -> Orphan | None:
    try:
        facts = (folder / name).stat()
    except OSError:  # gone meanwhile
        return None
    return Orphan(name, facts.st_size, facts.st_mtime, model_id)
