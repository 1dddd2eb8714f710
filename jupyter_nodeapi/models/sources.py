"""From a registry entry to the files it means: one function for each type of source.

Further types come by entry point ``jupyter_nodeapi.sources``: a callable ``(entry) -> (revision or None,
files)`` that gives https addresses. Whatever it gives is checked like everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import msgspec

from jupyter_nodeapi.errors import InvalidPath
from jupyter_nodeapi.models import huggingface, local
from jupyter_nodeapi.models.failures import SourceRefused
from jupyter_nodeapi.models.names import check_relative
from jupyter_nodeapi.models.offers import offered
from jupyter_nodeapi.models.schemas import Entry, FileSpec, Location, PlannedFile

__all__ = ["BUILTIN_TYPES", "Plan", "declared_path", "known_types", "plan"]

BUILTIN_TYPES = ("huggingface", "url", "local")
_GROUP = "jupyter_nodeapi.sources"


class Plan(msgspec.Struct, frozen=True):
    """What an entry means now: which revision, which files."""

    revision: str | None
    files: tuple[PlannedFile, ...]


def known_types() -> frozenset[str]:
    """Give the types of source that can be installed here."""
    return frozenset(BUILTIN_TYPES) | {point.name for point in offered(_GROUP)}


def plan(entry: Entry, shared_dirs: tuple[Path, ...] = ()) -> Plan:
    """Find out what an entry means; asks the Hub where the source is one of its repositories.

    Raises
    ------
    NotFound
        A local source is not there.
    SourceRefused, SourceUnavailable
        The source cannot say.
    """
    kind = entry.source.type
    if kind == "huggingface":
        return Plan(*huggingface.resolve(entry))
    if kind == "url":
        return Plan(entry.source.revision, _from_url(entry))
    if kind == "local":
        return Plan(entry.source.revision, _from_folder(entry, shared_dirs))
    return _foreign(kind, entry)


def declared_path(entry: Entry) -> str | None:
    """Give the one file name that an entry without ``files`` implies: the last part of its address."""
    path = urlsplit(entry.source.url).path if "://" in entry.source.url else entry.source.url
    try:
        return check_relative(unquote(path).rstrip("/").rpartition("/")[2])
    except InvalidPath:
        return None


def _specs(entry: Entry) -> tuple[FileSpec, ...]:
    if entry.files:
        return entry.files
    name = declared_path(entry)
    if name is None:
        raise SourceRefused("The entry names no file.", code="file_not_found", hint="Add 'files' to it.")
    return (FileSpec(path=name),)


def _from_url(entry: Entry) -> tuple[PlannedFile, ...]:
    base = entry.source.url
    return tuple(
        _planned(
            spec, Location(url=base if spec.source is None and len(_specs(entry)) == 1 else _join(base, spec))
        )
        for spec in _specs(entry)
    )


def _join(base: str, spec: FileSpec) -> str:
    return urljoin(base.rstrip("/") + "/", quote(spec.source or spec.path))


def _from_folder(entry: Entry, shared_dirs: tuple[Path, ...]) -> tuple[PlannedFile, ...]:
    folder = Path(entry.folder) if entry.folder else None
    allowed = (*shared_dirs, *((folder,) if folder else ()))
    base = local.locate(local.path_of(entry.source.url, folder), allowed)
    files = []
    for spec in _specs(entry):
        path = base / (spec.source or spec.path) if base.is_dir() else base
        real = local.locate(path, allowed)
        files.append(_planned(spec, Location(file=str(real)), size=real.stat().st_size))
    return tuple(files)


def _planned(spec: FileSpec, location: Location, size: int | None = None) -> PlannedFile:
    mirrors = tuple(Location(url=mirror) for mirror in spec.mirrors)
    return PlannedFile(
        path=check_relative(spec.path),
        locations=(location, *mirrors),
        size=spec.size if spec.size is not None else size,
        sha256=spec.sha256,
    )


def _foreign(kind: str, entry: Entry) -> Plan:
    found = entry_points(group=_GROUP, name=kind)
    if not found:
        raise SourceRefused(f"No installed package knows sources of type '{kind}'.", code="unknown_source")
    resolver: Callable[[Entry], tuple[str | None, tuple[PlannedFile, ...]]] = next(iter(found)).load()
    revision, files = resolver(entry)
    safe = tuple(_planned_elsewhere(file) for file in files)
    return Plan(revision, safe)


def _planned_elsewhere(file: PlannedFile) -> PlannedFile:
    """Keep of a foreign resolver's file what is safe: addresses only, no token, no local path."""
    locations = tuple(Location(url=place.url) for place in file.locations if place.url)
    return msgspec.structs.replace(file, path=check_relative(file.path), locations=locations)
