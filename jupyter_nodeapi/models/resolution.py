"""Which of the models that a workflow names are here, can come, or are known to nobody."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from jupyter_nodeapi.models.catalog import View
from jupyter_nodeapi.models.schemas import Entry, ResolveItem, ResolveReply, ResolveRequest

__all__ = ["resolve"]


def resolve(view: View, request: ResolveRequest) -> ResolveReply:
    """Look up ids and names; a name may be a model's name, alias, file name or its stem, in any case."""
    entries = view.snapshot.entries
    asked = [(model_id, [model_id] if model_id in entries else []) for model_id in request.ids]
    if request.names:
        by_name = _by_name(entries.values())
        asked += [(name, by_name.get(_key(name), [])) for name in request.names]
    items = [
        ResolveItem(name, tuple(ids), any(view.verdicts[found].installed for found in ids))
        for name, ids in dict(asked).items()
    ]
    return ResolveReply(
        installed=tuple(item for item in items if item.installed),
        missing=tuple(item for item in items if item.ids and not item.installed),
        unknown=tuple(item.asked for item in items if not item.ids),
    )


def _by_name(entries: Iterable[Entry]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in entries:
        for name in {_key(name) for name in _names(entry)}:
            found.setdefault(name, []).append(entry.id)
    return found


def _names(entry: Entry) -> Iterable[str]:
    yield from (entry.id, entry.name, *entry.aliases)
    for file in entry.files:
        path = PurePosixPath(file.path)
        yield from (path.name, path.stem)


def _key(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.casefold() if "." in name else name.casefold()
