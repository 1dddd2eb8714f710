"""Where a model waits until it is whole, and how it then appears at once.

::

    <models_dir>/.nodeapi/partial/<key>/{files,state}   <key> is the sha256 of the id
        │ every file verified and fsynced
        v one rename
    <category>/<path>  or  <category>/<id>/
        │
        v
    .nodeapi/manifests/<key>.json                       last: a model without it is not installed
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import Conflict, NotFound
from jupyter_nodeapi.models.lease import held
from jupyter_nodeapi.models.names import STORE, key_of
from jupyter_nodeapi.models.schemas import Entry, Manifest, PlannedFile

__all__ = ["Store", "occupied", "target_names"]


class Store:
    """Our own folder in ``models_dir``: staging folders and manifests.

    Parameters
    ----------
    models_dir : Path
        Where models live.
    shared_dirs : sequence of Path
        Folders into which links in it may lead.
    """

    def __init__(self, models_dir: Path, shared_dirs: Sequence[Path] = ()) -> None:
        self.root = Root(models_dir, follow=shared_dirs)
        self._own = Root(models_dir)
        self._folder = models_dir / STORE

    @property
    def manifests(self) -> Path:
        """The folder of the manifests."""
        return self._folder / "manifests"

    def stage(self, model_id: str) -> Path:
        """Give the staging folder of a model; it need not exist."""
        return self._folder / "partial" / key_of(model_id)

    def lease(self, model_id: str) -> Path:
        """Give the file that says which server is bringing a model here."""
        return self._folder / "partial" / f"{key_of(model_id)}.lease"

    def held(self, model_id: str) -> bool:
        """Say whether some server seems to be bringing a model here."""
        return held(self.lease(model_id))

    def expired(self, older_than_seconds: float, now: float) -> list[Path]:
        """Give the staging folders that nobody works on and that nothing was added to for that long."""
        stages = [path for path in (self._folder / "partial").glob("*") if path.is_dir()]
        return [
            path
            for path in stages
            if not held(path.with_name(f"{path.name}.lease"), now)
            and now - max(place.lstat().st_mtime for place in (path, *path.rglob("*"))) > older_than_seconds
        ]

    def sweep(self, older_than_seconds: float, *, dry_run: bool = False) -> list[str]:
        """Remove the staging folders that have expired, and give their keys; dry: only give them."""
        expired = self.expired(older_than_seconds, time.time())
        for path in () if dry_run else expired:
            shutil.rmtree(path)
        return [path.name for path in expired]

    def discard(self, model_id: str) -> None:
        """Delete what has arrived of a model that nobody wants any more."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.stage(model_id))

    def manifest(self, model_id: str) -> Manifest | None:
        """Read a model's manifest; None when there is none that is whole."""
        try:
            data = self._manifest_path(model_id).read_bytes()
            return msgspec.json.decode(data, type=Manifest)
        except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
            return None

    def write_manifest(self, manifest: Manifest) -> None:
        """Say that a model is installed."""
        self.manifests.mkdir(parents=True, exist_ok=True)
        atomic.write(self._manifest_path(manifest.id), msgspec.json.encode(manifest))

    def forget(self, model_id: str) -> None:
        """Say that a model is installed no more."""
        with contextlib.suppress(FileNotFoundError):
            self._manifest_path(model_id).unlink()

    def place(self, name: str) -> Path | None:
        """Give the path of a name that may be written to; None where a link leads into a shared folder."""
        try:
            return self._own.resolve(name)
        except NotFound:
            return None

    def publish(self, entry: Entry, files: Sequence[PlannedFile], *, replace: bool) -> list[Path]:
        """Give the verified files of a stage their final names by one rename; give those names.

        Raises
        ------
        Conflict
            Something is there already, and was not to be replaced.
        """
        names = target_names(entry, [file.path for file in files])
        staged = self.stage(entry.id) / "files"
        if len(files) == 1:
            source, target = staged / files[0].path, self.place(names[0])
        else:
            source, target = staged, self.place(f"{entry.category}/{entry.id}")
        if target is None:
            raise occupied()
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.settle(source)
        try:
            atomic.rename(source, target, replace=replace)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            raise occupied() from None
        atomic.fsync_folder(target.parent)  # that it is gone from the stage need not last: that is removed
        return [self.root.resolve(name) for name in names]

    def occupied(self, entry: Entry, files: Sequence[str]) -> bool:
        """Say whether anything already stands where this model would."""
        name = target_names(entry, files)[0] if len(files) == 1 else f"{entry.category}/{entry.id}"
        path = self.place(name)
        return path is None or os.path.lexists(path)

    def _manifest_path(self, model_id: str) -> Path:
        return self.manifests / f"{key_of(model_id)}.json"


def occupied() -> Conflict:
    """Give the error for a place that somebody else's file has."""
    return Conflict(
        "A file that this server did not install, or that was changed since, is in this model's place.",
        code="exists",
        hint="Verify it, move it away, or repeat the request with ?replace=true to replace it.",
    )


def target_names(entry: Entry, paths: Sequence[str]) -> list[str]:
    """Give the names, relative to ``models_dir``, under which a model's files are installed.

    Parameters
    ----------
    entry : Entry
        Its category and id.
    paths : sequence of str
        The files' checked paths: one goes right into the category, several into a folder of their own.
    """
    folder = entry.category if len(paths) == 1 else f"{entry.category}/{entry.id}"
    return [f"{folder}/{path}" for path in paths]
