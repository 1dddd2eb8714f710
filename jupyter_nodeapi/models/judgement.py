"""Whether one model is installed.

::

    manifest ── every file there, size and mtime as written ──> installed, verified
        │           else ──> not installed: "missing" or "modified"
    no manifest: what a person put at the entry's place
        ├─ size or digest differ ──> not installed: "modified"
        ├─ some files absent ──────> not installed: "incomplete"
        ├─ still being read ───────> not installed: "checking"
        ├─ all digests known, equal> installed, verified (adopted)
        └─ nothing known ──────────> installed, not verified
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jupyter_nodeapi.models.index import Facts
from jupyter_nodeapi.models.schemas import Entry, FileSpec, Manifest
from jupyter_nodeapi.models.sources import declared_path
from jupyter_nodeapi.models.staging import target_names

__all__ = ["Verdict", "declared", "judge"]


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer, and the names in ``models_dir`` that it rests on."""

    installed: bool
    verified: bool | None = None
    problem: str | None = None
    files: tuple[str, ...] = ()
    managed: bool = False


_NOTHING = Verdict(installed=False)


def judge(
    entry: Entry,
    manifest: Manifest | None,
    facts_of: Callable[[str], Facts | None],
    digest_of: Callable[[str, Facts], str | None],
) -> Verdict:
    """Judge one model.

    Parameters
    ----------
    entry : Entry
        What the registry says.
    manifest : Manifest, optional
        What was installed.
    facts_of : callable
        Gives size and mtime of a name in ``models_dir``, or None.
    digest_of : callable
        Gives the SHA-256 of a file, or None while it is not known.
    """
    if manifest is not None:
        return _judge_manifest(manifest, facts_of)
    specs = entry.files or declared(entry)
    if len(specs) == 1:
        return _judge_one(specs[0], f"{entry.category}/{specs[0].path}", facts_of, digest_of)
    names = target_names(entry, [spec.path for spec in specs])
    found = [facts_of(name) for name in names]
    here = [facts for facts in found if facts is not None]
    if not here:
        return _NOTHING
    if len(here) < len(names):
        return Verdict(installed=False, problem="incomplete", files=tuple(names))
    states = {
        _compare(spec, name, facts, digest_of) for spec, name, facts in zip(specs, names, here, strict=True)
    }
    for problem in ("modified", "checking"):
        if problem in states:
            return Verdict(installed=False, problem=problem, files=tuple(names))
    return Verdict(installed=True, verified=states == {"equal"}, files=tuple(names))


def declared(entry: Entry) -> tuple[FileSpec, ...]:
    """Give the files that an entry names without asking anybody; none where only the Hub knows."""
    if entry.files or entry.source.type == "huggingface":
        return entry.files
    name = declared_path(entry)
    return (FileSpec(path=name),) if name else ()


def _judge_manifest(manifest: Manifest, facts_of: Callable[[str], Facts | None]) -> Verdict:
    names = tuple(file.path for file in manifest.files)
    found = [facts_of(name) for name in names]
    if None in found:
        return Verdict(installed=False, problem="missing", files=names, managed=True)
    same = all(facts == (file.size, file.mtime_ns) for facts, file in zip(found, manifest.files, strict=True))
    if not same or manifest.damaged:
        return Verdict(installed=False, problem="modified", files=names, managed=True)
    return Verdict(installed=True, verified=True, files=names, managed=True)


def _judge_one(
    spec: FileSpec,
    name: str,
    facts_of: Callable[[str], Facts | None],
    digest_of: Callable[[str, Facts], str | None],
) -> Verdict:
    """Judge what is most of any registry by the same rules, in a third of the time."""
    facts = facts_of(name)
    if facts is None:
        return _NOTHING
    state = _compare(spec, name, facts, digest_of)
    if state in {"modified", "checking"}:
        return Verdict(False, None, state, (name,))
    return Verdict(True, state == "equal", None, (name,))


def _compare(spec: FileSpec, name: str, facts: Facts, digest_of: Callable[[str, Facts], str | None]) -> str:
    if spec.size is not None and spec.size != facts.size:
        return "modified"
    if spec.sha256 is None:
        return "unknown"
    digest = digest_of(name, facts)
    if digest is None:
        return "checking"
    return "equal" if digest == spec.sha256 else "modified"
