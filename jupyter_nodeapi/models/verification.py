"""Reading every byte of a model again."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from jupyter_nodeapi.errors import NotFound
from jupyter_nodeapi.models.hashes import Digest, read_blocks
from jupyter_nodeapi.models.judgement import Verdict, declared
from jupyter_nodeapi.models.removal import not_installed
from jupyter_nodeapi.models.schemas import Entry, InstalledFile, PlannedFile, VerifiedFile, VerifyReply
from jupyter_nodeapi.models.staging import Store

__all__ = ["verify"]


def verify(
    store: Store, model_id: str, entry: Entry | None, verdict: Verdict | None, check: Callable[[], None]
) -> VerifyReply:
    """Hold a model's bytes against what is known of them, and write down in its manifest what came out.

    Parameters
    ----------
    store : Store
        Where it is.
    model_id : str
        Which model.
    entry : Entry, optional
        What the registry says of it.
    verdict : Verdict, optional
        What the catalog says of it.
    check : callable
        Asked between blocks; raises to end the reading.

    Raises
    ------
    NotFound
        Nothing of it is here.
    """
    manifest = store.manifest(model_id)
    if manifest is None:
        return _verify_by_hand(store, model_id, entry, verdict, check)
    rows, files = [], []
    for file in manifest.files:
        row, mtime_ns = _read(store, file.path, file.size, file.sha256, check)
        rows.append(row)
        files.append(file if row.state != "ok" else _at(file, mtime_ns))
    damaged = tuple(row.path for row in rows if row.state == "modified")
    store.write_manifest(msgspec.structs.replace(manifest, files=tuple(files), damaged=damaged))
    return _reply(model_id, rows)


def _verify_by_hand(
    store: Store, model_id: str, entry: Entry | None, verdict: Verdict | None, check: Callable[[], None]
) -> VerifyReply:
    if entry is None or verdict is None or not verdict.files:
        raise not_installed()
    pairs = zip(verdict.files, declared(entry), strict=True)
    return _reply(model_id, [_read(store, name, spec.size, spec.sha256, check)[0] for name, spec in pairs])


def _read(
    store: Store, name: str, size: int | None, sha256: str | None, check: Callable[[], None]
) -> tuple[VerifiedFile, int]:
    digest = Digest(PlannedFile(path=name, locations=(), size=size, sha256=sha256))

    def take(block: memoryview) -> None:
        check()
        digest.update(block)

    try:
        fd, facts = store.root.open(name)
    except NotFound:
        return VerifiedFile(name, "missing"), 0
    try:
        read_blocks(fd, take)
    finally:
        os.close(fd)
    known = "ok" if sha256 is not None else "unknown"
    state = "modified" if digest.fault() else known
    return VerifiedFile(name, state, digest.size, digest.sha256), facts.st_mtime_ns


def _at(file: InstalledFile, mtime_ns: int) -> InstalledFile:
    return msgspec.structs.replace(file, mtime_ns=mtime_ns)


def _reply(model_id: str, rows: list[VerifiedFile]) -> VerifyReply:
    states = {row.state for row in rows}
    problem = next((state for state in ("missing", "modified") if state in states), None)
    return VerifyReply(
        id=model_id,
        installed=problem is None,
        verified=states == {"ok"},
        problem=problem,
        files=tuple(rows),
    )
