"""The work of a download job: an entry becomes an installed model, or nothing has happened under its name.

::

    resolving    what does the entry mean now?        sources.plan
    downloading  each file into the staging folder    mover, local
    verifying    (inline: every byte passes a digest; what is resumed is read again)
    installing   fsync, one rename, manifest last     staging.Store

``install(spec, report, stopped)`` is plain and synchronous and can run in any process that sees
``models_dir``. Its spec holds no secret: the Hub's token is read where the work is done. A failure that may
pass is raised as an error that says so (``retryable``); the next attempt goes on from what is safe in the
staging folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from jupyter_nodeapi.disk.beside import gently
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import NodeApiError, NotFound
from jupyter_nodeapi.jobs.engines import Report
from jupyter_nodeapi.models import huggingface, local, mover, sources
from jupyter_nodeapi.models.addresses import Addresses
from jupyter_nodeapi.models.blocks import Hooks
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from jupyter_nodeapi.models.hashes import BLOCK, Digest
from jupyter_nodeapi.models.lease import Lease, promised
from jupyter_nodeapi.models.order import Order
from jupyter_nodeapi.models.partial import Partial
from jupyter_nodeapi.models.progress import Progress
from jupyter_nodeapi.models.reuse import with_reuse
from jupyter_nodeapi.models.schemas import Entry, InstalledFile, Location, Manifest, PlannedFile
from jupyter_nodeapi.models.staging import Store, occupied
from jupyter_nodeapi.models.throttle import largest_block, shared
from jupyter_nodeapi.models.transport import Client
from jupyter_nodeapi.models.watch import Watch

__all__ = ["install"]


def install(spec: dict[str, Any], report: Report, stopped: Callable[[], bool]) -> dict[str, Any]:
    """Install one model.

    Parameters
    ----------
    spec : dict
        An :class:`Order`.
    report : Report
        Told the bytes of all files together, and those of each.
    stopped : callable
        Asked between blocks.

    Returns
    -------
    dict
        ``files`` (names relative to ``models_dir``), ``bytes`` and ``revision``.

    Raises
    ------
    NodeApiError
        It could not be installed; the message says why.
    Stopped
        As told.
    """
    order = msgspec.convert(spec, Order)
    store = Store(Path(order.models_dir), tuple(map(Path, order.shared_dirs)))
    before = store.manifest(order.entry.id)
    lease = Lease(store.lease(order.entry.id))

    def done() -> bool:
        """Follow the server that is bringing this model already; say whether it has."""
        note = lease.read()
        report(note.bytes, note.total, "Another server is downloading this model...", stage="downloading")
        return store.manifest(order.entry.id) not in {None, before}

    try:
        if not lease.wait(stopped, done) or store.manifest(order.entry.id) not in {None, before}:
            return _result(store.manifest(order.entry.id))
        return gently(lambda: _lead(order, store, lease, report, stopped), order.niceness)
    finally:
        lease.give_back()


def _lead(
    order: Order, store: Store, lease: Lease, report: Report, stopped: Callable[[], bool]
) -> dict[str, Any]:
    report(0, None, "Looking up the model...", stage="resolving")
    shared = tuple(map(Path, order.shared_dirs))
    planned = with_reuse(sources.plan(order.entry, shared), order.entry, store, shared)
    client = Client(
        Addresses([*order.allowed_origins, huggingface.endpoint()]),
        huggingface.secret() if _needs_hub(planned.files) else None,
        read_seconds=order.stall_seconds,
    )
    try:
        with Watch(client, stopped, stall_seconds=order.stall_seconds) as watch:
            return _Installation(
                order, planned, store, lease, client=client, watch=watch, report=report
            ).run()
    finally:
        client.close()


def _result(manifest: Manifest | None) -> dict[str, Any]:
    assert manifest is not None
    return {
        "files": [file.path for file in manifest.files],
        "bytes": sum(file.size for file in manifest.files),
        "revision": manifest.revision,
    }


def _needs_hub(files: tuple[PlannedFile, ...]) -> bool:
    return any(place.hub for file in files for place in file.locations)


class _Installation:
    """One run of the work."""

    def __init__(
        self,
        order: Order,
        planned: sources.Plan,
        store: Store,
        lease: Lease,
        *,
        client: Client,
        watch: Watch,
        report: Report,
    ) -> None:
        self._order = order
        self._plan = planned
        self._client = client
        self._watch = watch
        self._store = store
        self._lease = lease
        self._stage = self._store.stage(order.entry.id)
        self._space = Space(order.reserve_bytes)
        self._throttle = shared(order.models_dir)
        self._progress = Progress(report, planned.files)

    def run(self) -> dict[str, Any]:
        """Do it."""
        files = self._plan.files
        paths = [file.path for file in files]
        _check_apart(paths)
        if not self._order.allow_unsafe:
            huggingface.check_safe(files)
        if not self._order.replace and self._store.occupied(self._order.entry, paths):
            raise occupied()
        self._prune(set(paths))
        self._require_space()
        digests = [self._bring(file) for file in files]
        self._watch.check()
        self._lease.check()
        self._progress.stage("installing")
        return self._finish(digests)

    def _bring(self, file: PlannedFile) -> Digest:
        self._progress.begin(file)
        with Partial(self._stage, file.path, alone=len(self._plan.files) == 1) as partial:
            digest = self._from_anywhere(file, partial)
        self._progress.end(digest.size)
        return digest

    def _from_anywhere(self, file: PlannedFile, partial: Partial) -> Digest:
        """Try the file's places in order; the last one's failure counts, but a hope for later counts more."""
        failure: NodeApiError | None = None
        for place in file.locations:
            try:
                return self._from(place, file, partial)
            except (SourceUnavailable, SourceRefused, NotFound) as error:  # noqa: PERF203 - few places
                if failure is None or not failure.retryable:
                    failure = error
        raise failure or SourceRefused(
            "The entry names no place to fetch this file from.", code="no_location"
        )

    def _from(self, place: Location, file: PlannedFile, partial: Partial) -> Digest:
        if place.file is not None:
            return local.bring(file, Path(place.file), partial, self._watch.check, self._progress.moved)
        hooks = Hooks(
            moved=self._moved,
            check=self._watch.check,
            room=self._room,
            begin=self._begin,
            came=self._came,
            most=largest_block(self._order.bytes_per_second, BLOCK),
            connections=self._order.connections,
        )
        try:
            return mover.fetch(file, place.url or "", partial, self._client, hooks)
        except SourceUnavailable as error:
            raise self._watch.verdict(error) from error
        finally:
            self._watch.end()

    def _begin(self) -> None:
        self._client.revive()
        self._watch.begin()

    def _moved(self, position: int) -> None:
        self._progress.moved(position)
        self._lease.progress(self._progress.done, self._progress.total)

    def _came(self, count: int) -> None:
        self._watch.beat(count)
        self._throttle.pace(count, self._order.bytes_per_second, self._watch.check)

    def _room(self, remaining: int | None) -> None:
        self._lease.check()
        self._space.require(self._stage, remaining or 0)

    def _require_space(self) -> None:
        """Refuse before a byte moves what cannot fit."""
        missing = 0
        for file in self._plan.files:
            path = self._stage / "files" / file.path
            here = path.stat().st_size if path.exists() else 0
            missing += max(0, (file.size or 0) - here)
        self._lease.announce(missing)
        self._space.require(self._stage, missing + promised(self._stage.parent, besides=self._lease))

    def _prune(self, paths: set[str]) -> None:
        """Remove what an older plan left in the stage: it would be published too."""
        files = self._stage / "files"
        for folder, _, names in os.walk(files):
            for name in names:
                path = Path(folder, name)
                if path.relative_to(files).as_posix() not in paths:
                    path.unlink()

    def _finish(self, digests: list[Digest]) -> dict[str, Any]:
        entry = self._order.entry
        self._store.forget(entry.id)  # never a manifest beside files that it does not describe
        placed = self._store.publish(entry, self._plan.files, replace=self._order.replace)
        files = tuple(
            InstalledFile(
                path=self._store.root.name_of(path),
                size=digest.size,
                sha256=digest.sha256,
                mtime_ns=path.stat().st_mtime_ns,
            )
            for path, digest in zip(placed, digests, strict=True)
        )
        manifest = Manifest(
            id=entry.id,
            category=entry.category,
            source=msgspec.structs.replace(entry.source, url=_told(entry)),
            files=files,
            installed_at=time.time(),
            revision=self._plan.revision,
        )
        self._store.write_manifest(manifest)
        self._store.discard(entry.id)
        return _result(manifest)


def _told(entry: Entry) -> str:
    """Give the source as a manifest may keep it: others can read that, so no path of this machine."""
    return entry.source.url if entry.source.type != "local" else Path(entry.source.url).name


def _check_apart(paths: list[str]) -> None:
    """Refuse files that would overwrite each other, on any file system."""
    folded = [path.casefold() for path in paths]
    parents = {
        "/".join(path.split("/")[:depth]) for path in folded for depth in range(1, path.count("/") + 1)
    }
    if len(set(folded)) < len(folded) or parents & set(folded):
        raise SourceRefused("Two files of this model would have the same name.", code="unsafe_name")
