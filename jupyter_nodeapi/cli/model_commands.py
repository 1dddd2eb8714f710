"""What the words of ``jupyter nodeapi models`` do; each gives an exit code."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.errors import InvalidParameter, NodeApiError
from jupyter_nodeapi.models import importers
from jupyter_nodeapi.models.install import install as work
from jupyter_nodeapi.models.listing import page
from jupyter_nodeapi.models.published import registry_schema
from jupyter_nodeapi.models.registry import Registry
from jupyter_nodeapi.models.schemas import ModelQuery, OrphanQuery
from jupyter_nodeapi.models.service import Models

__all__ = ["add", "check", "import_list", "install", "remove", "schema", "show", "verify"]

_TRIES = 5
_BAR = 30


def show(models: Models, words: list[str], *, orphans: bool = False) -> int:
    """Print what exists and what is installed, one model a line; or the files that belong to no model."""
    if orphans:
        return _show_orphans(models)
    rows = page(
        models.collection.catalog.view().items, ModelQuery(q=" ".join(words) or None, sort="category")
    ).rows
    width = max((len(row.id) for row in rows), default=0)
    for row in rows:
        state = "installed" if row.installed else row.problem or "-"
        print(f"{row.id:<{width}}  {state:<10}  {row.category}: {row.name}")
    return 0


def _show_orphans(models: Models) -> int:
    found = models.collection.orphans(OrphanQuery(limit=100_000))
    for row in found.rows:
        whose = f"  once {row.model_id}" if row.model_id else ""
        print(f"{row.size:>15,}  {row.path}{whose}")
    print(f"{found.total} files of no known model", file=sys.stderr)
    return 0


def check(models: Models, words: list[str]) -> int:
    """Print what is wrong with the registries."""
    problems = models.collection.diagnostics()
    for problem in problems:
        place = ": ".join(filter(None, (problem["registry"], problem.get("model"))))
        print(f"{place}: {problem['message']} {problem.get('hint', '')}".rstrip())
    print(f"{models.collection.count()} models, {len(problems)} problems", file=sys.stderr)
    return 1 if problems else 0


def install(models: Models, ids: list[str], *, replace: bool = False) -> int:
    """Install models one after the other, here and now, with a progress bar."""
    for model_id in ids:
        order = models.order(model_id, replace=replace)
        if order is None:
            print(f"{model_id}: already installed")
            continue
        result = _insist(order, _Bar(model_id))
        print(f"{model_id}: {', '.join(result['files'])}")
    return 0


def verify(models: Models, ids: list[str]) -> int:
    """Read every byte of models again."""
    well = True
    for model_id in ids:
        for file in models.collection.verify(model_id).files:
            well = well and file.state in {"ok", "unknown"}
            print(f"{file.state:<9} {file.path}")
    return 0 if well else 1


def remove(models: Models, ids: list[str], *, force: bool = False) -> int:
    """Uninstall models."""
    for model_id in ids:
        reply = models.collection.uninstall(model_id, force=force)
        for path in reply.removed:
            print(f"removed   {path}")
        for path in reply.kept:
            print(f"kept      {path}")
    return 0


def schema() -> int:
    """Print the JSON Schema of registry files."""
    print(json.dumps(registry_schema(), indent=1))
    return 0


def add(source: Path, folder: Path, *, force: bool = False) -> int:
    """Check a registry file and put it into a ``models.d`` folder; nothing is kept of one with a problem."""
    checked = Registry(list, extra=[_json(source)], builtin=False, points=list).current()
    for problem in checked.problems:
        print(f"{problem.model or source.name}: {problem.message} {problem.hint}".rstrip(), file=sys.stderr)
    if checked.problems:
        return 1
    _store(folder / f"{source.stem}.json", source.read_bytes(), force=force)
    print(f"{len(checked.entries)} models added")
    return 0


def import_list(kind: str, source: Path, folder: Path | None, *, force: bool = False) -> int:
    """Put a foreign list as a registry into a ``models.d`` folder, or print it when there is none."""
    imported = importers.convert(kind, source.read_bytes())
    text = json.dumps(imported.registry, indent=1, ensure_ascii=False) + "\n"
    for reason in imported.skipped:
        print(f"left out  {reason}", file=sys.stderr)
    if folder is None:
        print(text, end="")
    else:
        _store(folder / f"{kind}.json", text.encode(), force=force)
    print(f"{len(imported.registry['models'])} models imported", file=sys.stderr)
    return 0


class _Bar:
    """A progress bar on standard error, where that is a terminal."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = ""

    def __call__(
        self,
        bytes: int,  # noqa: A002 - the word that work and wire share
        total: int | None = None,
        message: str = "",
        *,
        stage: str | None = None,
        files: list[dict[str, Any]] | None = None,
    ) -> None:
        done = bytes * _BAR // total if total else 0
        text = f"{self._name} [{'#' * done}{'.' * (_BAR - done)}] {bytes / 1e6:.0f} MB"
        if text != self._shown and sys.stderr.isatty():
            print(f"\r{text}", end="" if not total or bytes < total else "\n", file=sys.stderr, flush=True)
        self._shown = text


def _insist(order: dict[str, Any], bar: _Bar) -> dict[str, Any]:
    """Do the work, again after failures that may pass: it goes on where it stopped."""
    for attempt in range(1, _TRIES):
        try:
            return work(order, bar, lambda: False)
        except NodeApiError as error:  # noqa: PERF203 - minutes apart
            if not error.retryable or error.status == 507:
                raise
            print(f"{error.message} Trying again.", file=sys.stderr)
            threading.Event().wait(error.retry_after or 2**attempt)
    return work(order, bar, lambda: False)


def _json(source: Path) -> Any:
    try:
        return atomic.read_json(source)
    except ValueError:
        raise InvalidParameter(
            "The file is not valid JSON.", hint="Compare it with the documentation."
        ) from None


def _store(path: Path, data: bytes, *, force: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        atomic.write(path, data, replace=force)
    except FileExistsError:
        raise InvalidParameter(
            f"A registry named '{path.name}' is there already.", hint="Repeat with --force to replace it."
        ) from None
