"""Taking a model away: what we installed and nobody changed, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from jupyter_nodeapi.errors import Conflict, NotFound
from jupyter_nodeapi.models.judgement import Verdict
from jupyter_nodeapi.models.schemas import InstalledFile, Manifest, UninstallReply
from jupyter_nodeapi.models.staging import Store

__all__ = ["not_installed", "uninstall"]


def uninstall(
    store: Store,
    model_id: str,
    verdict: Verdict | None,
    others: Iterable[Manifest],
    *,
    force: bool,
) -> UninstallReply:
    """Remove an installed model's files, then its manifest.

    Parameters
    ----------
    store, model_id
        Which model, and where.
    verdict : Verdict, optional
        What the catalog says of it.
    others : iterable of Manifest
        Of the other models: their files stay.
    force : bool
        Also remove what a person put there or changed.

    Raises
    ------
    NotFound
        Nothing of it is here.
    Conflict
        It was put there by hand, and `force` was not given.
    """
    store.discard(model_id)
    manifest = store.manifest(model_id)
    if manifest is None and (verdict is None or not verdict.files):
        raise not_installed()
    if manifest is None and not force:
        raise _by_hand()
    owned = {file.path for other in others if other.id != model_id for file in other.files}
    known = {file.path: file for file in manifest.files} if manifest else {}
    removed, kept = [], []
    for name in list(known) or list(verdict.files if verdict else ()):
        path = store.place(name)
        if path is None or name in owned or not (force or _untouched(path, known.get(name))):
            kept += [name] if path is None or path.exists() else []
        else:
            removed += [name] if _remove(store, path) else []
    store.forget(model_id)
    return UninstallReply(success=True, id=model_id, removed=tuple(removed), kept=tuple(kept))


def _by_hand() -> Conflict:
    return Conflict(
        "This model's file was put there by hand; it is not the server's to delete.",
        code="by_hand",
        hint="Repeat the request with ?force=true to delete it all the same.",
    )


def not_installed() -> NotFound:
    """Give the error for a model that is not here."""
    return NotFound(
        "This model is not installed.",
        code="not_installed",
        hint="POST /api/models/download/{id} installs it.",
    )


def _untouched(path: Path, file: InstalledFile | None) -> bool:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return False
    return file is not None and (facts.st_size, facts.st_mtime_ns) == (file.size, file.mtime_ns)


def _remove(store: Store, path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    with contextlib.suppress(
        OSError
    ):  # the first folder that still holds something stays, with those above it
        for parent in path.parents:
            if parent == store.root.path:
                break
            parent.rmdir()
    return True
