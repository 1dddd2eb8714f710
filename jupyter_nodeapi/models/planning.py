"""What an installation would do, said before anything moves."""

from __future__ import annotations

from pathlib import Path

from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import InsufficientStorage
from jupyter_nodeapi.models import sources
from jupyter_nodeapi.models.judgement import Verdict
from jupyter_nodeapi.models.lease import promised
from jupyter_nodeapi.models.reuse import with_reuse
from jupyter_nodeapi.models.schemas import Entry, PlanFile, PlannedFile, PlanReply
from jupyter_nodeapi.models.staging import Store

__all__ = ["describe"]


def describe(
    entry: Entry, verdict: Verdict | None, store: Store, space: Space, shared_dirs: tuple[Path, ...]
) -> PlanReply:
    """Ask an entry's source what it means now, and say what installing it would take.

    Raises
    ------
    SourceRefused, SourceUnavailable, NotFound
        The source cannot say.
    """
    plan = with_reuse(sources.plan(entry, shared_dirs), entry, store, shared_dirs)
    installed = verdict is not None and verdict.installed
    stage = store.stage(entry.id) / "files"
    rows = [_row(file, installed=installed) for file in plan.files]
    sizes = [file.size for file in plan.files]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    missing = 0 if installed else None if total is None else total - _here(stage, plan.files)
    fetched = None if missing is None else sum(row.size or 0 for row in rows if row.action == "fetch")
    return PlanReply(
        id=entry.id,
        installed=installed,
        gated=entry.source.gated,
        license=entry.license,
        revision=plan.revision,
        files=tuple(rows),
        total_bytes=total,
        download_bytes=None if missing is None or fetched is None else min(missing, fetched),
        free_bytes=space.free(store.root.path),
        enough_space=None
        if missing is None
        else _fits(space, store.root.path, missing + promised(stage.parent.parent)),
    )


def _row(file: PlannedFile, *, installed: bool) -> PlanFile:
    verified_by = (
        "sha256"
        if file.sha256
        else "git_sha1"
        if file.git_sha1
        else "size"
        if file.size is not None
        else None
    )
    local = any(place.file for place in file.locations)
    action = "keep" if installed else "reuse" if local else "fetch"
    return PlanFile(
        path=file.path, size=file.size, verified_by=verified_by, action=action, unsafe=file.unsafe
    )


def _here(stage: Path, files: tuple[PlannedFile, ...]) -> int:
    paths = [stage / file.path for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _fits(space: Space, path: Path, size: int) -> bool:
    try:
        space.require(path, size)
    except InsufficientStorage:
        return False
    return True
