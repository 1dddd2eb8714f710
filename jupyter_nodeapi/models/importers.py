"""Lists of models that others keep, as registries of ours.

::

    comfyui-manager   model-list.json: {"models": [{"name", "type", "base", "save_path", "filename", "url"}]}
    localai           index.yaml: [{"name", "license", "tags", "files": [{"filename", "uri", "sha256"}]}]

What cannot be said safely is left out and told: a place in ``custom_nodes`` would run code, a size like
``4.71MB`` is no size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from jupyter_nodeapi.errors import InvalidParameter
from jupyter_nodeapi.models.entries import BadEntry, parse
from jupyter_nodeapi.models.sources import BUILTIN_TYPES

__all__ = ["KINDS", "Imported", "convert"]

_HUB_FILE = re.compile(r"/(?P<repo>[\w.-]+/[\w.-]+)/(?:resolve|blob)/(?P<revision>[^/]+)/(?P<path>.+)")
_Raw = dict[str, Any]


class Imported(msgspec.Struct, frozen=True):
    """A registry, and why some of the foreign entries are not in it."""

    registry: dict[str, Any]
    skipped: tuple[str, ...]


def convert(kind: str, data: bytes) -> Imported:
    """Give a foreign list as a registry.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    data : bytes
        The file.

    Raises
    ------
    InvalidParameter
        The kind is unknown or the file is not of it.
    """
    if kind not in KINDS:
        raise InvalidParameter(f"Unknown kind of list; known are {', '.join(KINDS)}.", field="from")
    try:
        rows = list(KINDS[kind](data))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidParameter(f"The file is not a list of the kind '{kind}'.", field="file") from None
    models, skipped = [], []
    taken: set[str] = set()
    for name, raw in rows:
        if isinstance(raw, str):
            skipped.append(f"{name}: {raw}")
            continue
        raw["id"] = _unused(raw["id"], taken)
        try:
            parse(raw, origin=kind, folder=None, types=set(BUILTIN_TYPES))
        except BadEntry as error:
            skipped.append(f"{name}: {error.message}")
        else:
            taken.add(raw["id"])
            models.append(raw)
    return Imported({"version": 1, "models": models}, tuple(skipped))


def _comfyui_manager(data: bytes) -> Iterator[tuple[str, _Raw | str]]:
    for item in json.loads(data)["models"]:
        name = str(item.get("name"))
        folder = str(item.get("save_path") or "default")
        category = str(item.get("type")) if folder == "default" else folder
        if PurePosixPath(category).parts[:1] == ("custom_nodes",):
            yield name, "it would be put among the code of custom nodes"
            continue
        filename, url = str(item.get("filename")), str(item.get("url"))
        whole = filename == "<huggingface>"
        raw = {
            "id": _slug(name if whole else PurePosixPath(filename).stem),
            "name": name,
            "category": category,
            "description": str(item.get("description") or ""),
            "tags": [str(tag) for tag in (item.get("type"), item.get("base")) if tag],
            "aliases": [] if whole else [filename],
            **(
                {"source": {"type": "huggingface", "url": url}} if whole else _placed([(filename, url, None)])
            ),
        }
        if urlsplit(str(item.get("reference"))).scheme in {"http", "https"}:
            raw["homepage"] = str(item["reference"])
        yield name, raw


def _localai(data: bytes) -> Iterator[tuple[str, _Raw | str]]:
    import yaml  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 - jupyter_events brings it

    try:
        items = yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise ValueError from error
    for item in items:
        name = str(item["name"])
        files = [(str(f["filename"]), str(f["uri"]), f.get("sha256")) for f in item.get("files") or ()]
        if not files:
            yield name, "it names no files"
            continue
        placed = _placed(files)
        if not placed:
            yield name, "its files come from more than one place"
            continue
        yield (
            name,
            {
                "id": _slug(name),
                "name": name,
                "category": "LocalAI",
                "description": str(item.get("description") or "").strip()[:2000],
                "license": str(item.get("license") or ""),
                "tags": [str(tag) for tag in item.get("tags") or ()],
                **placed,
            },
        )


KINDS: dict[str, Callable[[bytes], Iterator[tuple[str, _Raw | str]]]] = {
    "comfyui-manager": _comfyui_manager,
    "localai": _localai,
}
"""The kinds of foreign lists."""


def _placed(files: Iterable[tuple[str, str, Any]]) -> _Raw:
    """Give source and files of (name, address, sha256 or None) rows; empty when no one source has all."""
    rows = list(files)
    hub = [_on_hub(uri) for _, uri, _ in rows]
    if all(hub) and len({(place["repo"], place["revision"]) for place in hub if place}) == 1:
        first = hub[0]
        assert first is not None
        source = {"type": "huggingface", "url": first["repo"]}
        if first["revision"] != "main":
            source["revision"] = first["revision"]
        specs = [
            {"path": name, "from": place["path"], **_digest(sha256)}
            for (name, _, sha256), place in zip(rows, hub, strict=True)
            if place
        ]
        return {"source": source, "files": specs}
    if len(rows) == 1:
        name, uri, sha256 = rows[0]
        return {"source": {"type": "url", "url": uri}, "files": [{"path": name, **_digest(sha256)}]}
    return {}


def _on_hub(uri: str) -> dict[str, str] | None:
    """Give repository, revision and path of a file on the Hub, from either way of writing it."""
    if uri.startswith(("huggingface://", "hf://")):
        owner, _, rest = uri.partition("://")[2].partition("/")
        name, _, path = rest.partition("/")
        name, _, revision = name.partition("@")
        return {"repo": f"{owner}/{name}", "revision": revision or "main", "path": path} if path else None
    parts = urlsplit(uri)
    match = _HUB_FILE.fullmatch(unquote(parts.path)) if parts.hostname == "huggingface.co" else None
    return match.groupdict() if match else None


def _digest(sha256: Any) -> dict[str, str]:
    return {"sha256": sha256} if isinstance(sha256, str) and sha256 else {}


def _slug(text: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", text, flags=re.ASCII).strip("-.")[:100] or "model"


def _unused(model_id: str, taken: set[str]) -> str:
    number, candidate = 1, model_id
    while candidate in taken:
        number += 1
        candidate = f"{model_id}-{number}"
    return candidate
