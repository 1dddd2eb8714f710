"""Which models are installed: the registry held against the disk, judged again when one of them changed.

Folders tell by their mtimes when names come and go. The content of a file changes without that, so the files
that verdicts rest on are looked at too; where they are many, not each time::

    last looked at        up to 2 s ago    up to 10 s ago           longer ago
    a reader              gets the view    gets it, and they are    waits until they
                                           looked at beside it      have been looked at
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec

from jupyter_nodeapi.errors import InvalidPath, NotFound
from jupyter_nodeapi.models.index import Facts, Index
from jupyter_nodeapi.models.judgement import Verdict, declared, judge
from jupyter_nodeapi.models.manifests import Manifests
from jupyter_nodeapi.models.memo import Memo
from jupyter_nodeapi.models.names import check_relative
from jupyter_nodeapi.models.orphans import unclaimed
from jupyter_nodeapi.models.registry import Registry, Snapshot
from jupyter_nodeapi.models.schemas import Entry, FileSpec, Manifest, ModelFile, ModelItem, SourceItem
from jupyter_nodeapi.models.staging import Store

__all__ = ["Catalog", "View"]

_MANY = 1000
_RECHECK_SECONDS = 2.0
_STALE_SECONDS = 10.0


class View(msgspec.Struct, frozen=True):
    """The catalog at one moment; ``version`` grows with each change."""

    version: int
    snapshot: Snapshot
    items: tuple[ModelItem, ...]
    verdicts: dict[str, Verdict]


class Catalog:
    """Answers what exists and what is installed; blocking, for a thread, and safe for several.

    Parameters
    ----------
    registry : Registry
        Which models exist.
    store : Store
        Where they are installed.
    memo : Memo
        Digests of files that people put there.
    follow : sequence of Path
        Where links in ``models_dir`` may lead.
    record : Path, optional
        Where the names in ``models_dir`` are kept for the next start.
    beside : callable
        Does what it is given while somebody else goes on; by default at once.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self,
        registry: Registry,
        store: Store,
        memo: Memo,
        follow: Sequence[Path] = (),
        *,
        record: Path | None = None,
        beside: Callable[[Callable[[], None]], None] = lambda look: look(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._index = Index(store.root.path, follow, record)
        self._manifests = Manifests(store.manifests)
        self._memo = memo
        self._beside = beside
        self._clock = clock
        self._lock = threading.RLock()  # a look beside may be at once
        self._looking = False
        self._differs = False
        self._key: tuple[int, ...] = ()
        self._facts: dict[str, Facts | None] = {}
        self._checked_at = 0.0
        self._view = View(0, Snapshot(0, {}, ()), (), {})

    def view(self) -> View:
        """Give the catalog as it is now."""
        with self._lock:
            snapshot = self._registry.current()
            key = (
                snapshot.version,
                self._index.refresh(),
                self._manifests.refresh(),
                self._memo.version,
            )
            if key != self._key or self._content_changed():
                self._judge_all(snapshot)
                self._key = (*key[:3], self._memo.version)
            return self._view

    def keep(self) -> None:
        """Keep for the next start what takes long to find out."""
        with self._lock:
            self._index.keep()

    def category(self, category: str) -> list[ModelFile]:
        """Give every file in a category's folder; an unknown or impossible one is empty."""
        try:
            folder = check_relative(category)
        except InvalidPath:
            return []
        with self._lock:
            self._index.refresh()
            names = self._index.files(folder)
        skip = len(folder) + 1
        return [ModelFile(name=str(PurePosixPath(name[skip:]).with_suffix("")), path=name) for name in names]

    def unclaimed(self) -> list[tuple[str, str | None]]:
        """Give the files of no known model; see :func:`jupyter_nodeapi.models.orphans.unclaimed`."""
        view = self.view()
        with self._lock:
            return unclaimed(self._index.files(""), view.verdicts, self._manifests.all())

    def manifests(self) -> list[Manifest]:
        """Give the manifests of everything that was installed here."""
        with self._lock:
            self._manifests.refresh()
            return self._manifests.all()

    def entry(self, model_id: str) -> Entry:
        """Give a registry entry by its id.

        Raises
        ------
        NotFound
            No registry knows it.
        """
        entry = self._registry.current().entries.get(model_id)
        if entry is None:
            raise NotFound(
                "No registry knows a model with this id.",
                code="unknown_model",
                hint="GET /api/models lists all; a registry file in models.d adds more.",
            )
        return entry

    def _content_changed(self) -> bool:
        """Look at the files that verdicts rest on: their content can change without their folder's mtime."""
        age = self._clock() - self._checked_at
        if len(self._facts) > _MANY and age < _STALE_SECONDS:
            if age >= _RECHECK_SECONDS and not self._looking:
                self._looking = True
                self._beside(self._look)
            return self._differs
        self._look()
        return self._differs

    def _look(self) -> None:
        """Hold the files that verdicts rest on against what they were."""
        facts, now = self._facts, self._clock()
        differs = any(self._index.facts(name) != before for name, before in facts.items())
        with self._lock:
            self._looking = False
            if facts is self._facts:  # else all was judged anew meanwhile
                self._differs, self._checked_at = differs, now

    def _judge_all(self, snapshot: Snapshot) -> None:
        self._facts, self._differs = {}, False
        self._memo.begin()
        verdicts = {model_id: self._judge(entry) for model_id, entry in snapshot.entries.items()}
        items = tuple(_item(entry, verdicts[model_id]) for model_id, entry in snapshot.entries.items())
        self._view = View(self._view.version + 1, snapshot, items, verdicts)
        self._checked_at = self._clock()  # every file was looked at just now

    def _judge(self, entry: Entry) -> Verdict:
        return judge(entry, self._manifests.get(entry.id), self._facts_of, self._memo.get)

    def _facts_of(self, name: str) -> Facts | None:
        if name not in self._index:
            return None
        facts = self._facts[name] = self._index.stat(name)
        return facts


def _item(entry: Entry, verdict: Verdict) -> ModelItem:
    source = entry.source
    return ModelItem(
        entry.id,
        entry.name,
        entry.category,
        SourceItem(source.type, _shown(entry), source.revision, source.gated),
        verdict.installed,
        verdict.verified,
        verdict.problem,
        entry.description,
        entry.license,
        entry.homepage,
        entry.tags,
        _size(declared(entry)),
        verdict.files,
    )


def _size(specs: tuple[FileSpec, ...]) -> int | None:
    """Give the bytes of all files together, or None while one's size is not known."""
    if len(specs) == 1:
        return specs[0].size
    known = [spec.size for spec in specs if spec.size is not None]
    return sum(known) if known and len(known) == len(specs) else None


def _shown(entry: Entry) -> str:
    """Give a source's address for clients: of a local one only its last part."""
    url = entry.source.url
    if entry.source.type != "local":
        return url
    path = urlsplit(url).path if url.lower().startswith("file:") else url
    return path.rstrip("/").rpartition("/")[2] or "local"
