"""The words of this room: of registries, plans and manifests, and of the replies.

On disk, in ``models_dir``::

    <category>/<path>                    a model of one file
    <category>/<id>/<path>               a model of several, published by one rename
    .nodeapi/manifests/<key>.json        Manifest, written last; <key> is the sha256 of the id
    .nodeapi/partial/<key>/files/<path>  bytes on their way, never seen by a listing
    .nodeapi/partial/<key>/state/*.json  how far each of them is safe
"""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = [
    "Entry",
    "FileSpec",
    "InstalledFile",
    "Location",
    "Manifest",
    "ModelFile",
    "ModelItem",
    "ModelQuery",
    "Orphan",
    "OrphanQuery",
    "PlanFile",
    "PlanReply",
    "PlannedFile",
    "Problem",
    "ResolveItem",
    "ResolveReply",
    "ResolveRequest",
    "Source",
    "SourceItem",
    "StartQuery",
    "StartReply",
    "UninstallQuery",
    "UninstallReply",
    "VerifiedFile",
    "VerifyReply",
]


class FileSpec(msgspec.Struct, frozen=True, gc=False, rename={"source": "from"}, omit_defaults=True):
    """One file of a registry entry: where it goes, where it comes from, what is known of it."""

    path: str
    source: str | None = None
    size: int | None = None
    sha256: str | None = None
    mirrors: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where the bytes of a model live."""

    type: str
    url: str
    revision: str | None = None
    gated: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One model of a registry; ``origin`` names the registry, ``folder`` is where its file lies."""

    id: str
    name: str
    category: str
    source: Source
    files: tuple[FileSpec, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    description: str = ""
    license: str = ""
    homepage: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    origin: str = ""
    folder: str | None = None


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A diagnostic: which registry, which entry, what is wrong and what to do."""

    registry: str
    message: str
    hint: str = ""
    model: str | None = None


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place that serves a file: an https URL, or the path of a local file."""

    url: str | None = None
    file: str | None = None
    hub: bool = False  # may be sent the Hub's token, at the Hub's own origin only
    reused: bool = False  # a file of this machine that seems to be the same


class PlannedFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file to bring here: its name, what is known of its bytes, where they are."""

    path: str
    locations: tuple[Location, ...]
    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None
    unsafe: bool = False  # the Hub's scanners found something in it


class InstalledFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of a manifest; ``path`` is relative to ``models_dir``."""

    path: str
    size: int
    sha256: str
    mtime_ns: int


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was installed, written after the files are in place: the one proof of an installation."""

    id: str
    category: str
    source: Source
    files: tuple[InstalledFile, ...]
    installed_at: float
    revision: str | None = None
    damaged: tuple[str, ...] = ()
    version: int = 1


class SourceItem(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The source as a client sees it, without anything of the server in it."""

    type: str
    url: str
    revision: str | None = None
    gated: bool = False


class _Item(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    category: str
    source: SourceItem
    installed: bool


class ModelItem(_Item, frozen=True, gc=False, omit_defaults=True):
    """One row of ``GET /api/models``."""

    verified: bool | None = None
    problem: str | None = None
    description: str = ""
    license: str = ""
    homepage: str = ""
    tags: tuple[str, ...] = ()
    size: int | None = None
    files: tuple[str, ...] = ()


class ModelFile(msgspec.Struct, frozen=True):
    """One row of ``GET /api/models/{category}``."""

    name: str
    path: str


Limit = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class ModelQuery(msgspec.Struct, frozen=True):
    """Arguments of ``GET /api/models``."""

    q: str | None = None
    category: str | None = None
    tag: str | None = None
    installed: bool | None = None
    sort: str | None = None
    limit: Limit | None = None
    cursor: str | None = None


class OrphanQuery(msgspec.Struct, frozen=True):
    """Arguments of ``GET /api/nodeapi/orphans``; ``cursor`` is the last path of the page before."""

    limit: Limit = 1_000
    cursor: str | None = None


class Orphan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of no known model; ``model_id`` names one that was installed and that no registry knows now."""

    path: str
    size: int
    modified: float
    model_id: str | None = None


class StartQuery(msgspec.Struct, frozen=True):
    """Arguments of ``POST /api/models/download/{id}``; ``replace`` gives leave to replace a changed file."""

    replace: bool = False


class StartReply(msgspec.Struct, frozen=True):
    """The job that installs the model."""

    job_id: str


class UninstallQuery(msgspec.Struct, frozen=True):
    """Arguments of ``DELETE /api/models/download/{id}``; ``force`` also deletes what a person put there."""

    force: bool = False


class UninstallReply(msgspec.Struct, frozen=True):
    """What was removed and what was left alone."""

    success: bool
    id: str
    removed: tuple[str, ...]
    kept: tuple[str, ...]


class VerifiedFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file after it was read again; ``state`` is ok, modified, missing or unknown."""

    path: str
    state: str
    size: int | None = None
    sha256: str | None = None


class VerifyReply(msgspec.Struct, frozen=True):
    """The outcome of reading every byte of a model again."""

    id: str
    installed: bool
    verified: bool
    problem: str | None
    files: tuple[VerifiedFile, ...]


class PlanFile(msgspec.Struct, frozen=True):
    """One file of a plan; ``action`` is keep, reuse or fetch; ``unsafe`` is what the Hub's scanners say."""

    path: str
    size: int | None
    verified_by: str | None
    action: str
    unsafe: bool


class PlanReply(msgspec.Struct, frozen=True):
    """What an installation would do, before anything moves."""

    id: str
    installed: bool
    gated: bool
    license: str
    revision: str | None
    files: tuple[PlanFile, ...]
    total_bytes: int | None
    download_bytes: int | None
    free_bytes: int
    enough_space: bool | None


class ResolveRequest(msgspec.Struct, frozen=True):
    """Models that a workflow needs, by id or by name (an alias or file name counts)."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class ResolveItem(msgspec.Struct, frozen=True):
    """One asked-for model: the registry entries that answer to it, and whether one is installed."""

    asked: str
    ids: tuple[str, ...]
    installed: bool


class ResolveReply(msgspec.Struct, frozen=True):
    """Which of the asked-for models are here, can be fetched, or are known to no registry."""

    installed: tuple[ResolveItem, ...]
    missing: tuple[ResolveItem, ...]
    unknown: tuple[str, ...]
