"""One entry of a registry, believed only after it was checked.

Everything that could end up as a path, an address or a place in a URL is looked at here, once, so that no
later code needs to wonder. What is wrong is said in one sentence with a hint: it becomes a diagnostic.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jupyter_nodeapi.errors import InvalidPath
from jupyter_nodeapi.models.addresses import has_secret
from jupyter_nodeapi.models.names import check_id, check_relative
from jupyter_nodeapi.models.schemas import Entry, FileSpec, Source

__all__ = ["BadEntry", "marked", "parse"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", re.ASCII)
_REVISION = re.compile(r"[\w./-]{1,200}", re.ASCII)
_RESERVED = {"download", "verify", "plan", "resolve"}
_MAX_FILES = 10_000
_MAX_TEXT = 8000
_MAX_SIZE = 1 << 53


class BadEntry(ValueError):
    """An entry that cannot be used.

    Parameters
    ----------
    message : str
        What is wrong.
    hint : str
        What to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def parse(raw: Any, *, origin: str, folder: str | None, types: frozenset[str] | set[str]) -> Entry:
    """Give a registry's raw entry as an :class:`Entry`.

    Parameters
    ----------
    raw : object
        A JSON value, unknown keys allowed; or an :class:`Entry` that a decoder made of one.
    origin : str
        The registry's name, for people.
    folder : str, optional
        Where the registry file lies; relative local sources start there.
    types : set of str
        The known types of source.

    Raises
    ------
    BadEntry
        Something in it is wrong.
    """
    entry = raw if isinstance(raw, Entry) else _converted(raw)
    try:
        return _checked(marked(entry, origin, folder), types)
    except InvalidPath as error:
        raise BadEntry(
            error.message, "Ids, categories and file names must be plain relative paths."
        ) from None
    except ValueError as error:
        if isinstance(error, BadEntry):
            raise
        raise BadEntry("It holds text or an address that is not valid.") from None


def marked(entry: Entry, origin: str, folder: str | None) -> Entry:
    """Give the entry with who says it and where that lies: the reader's to say, never the file's."""
    return msgspec.structs.replace(entry, origin=origin, folder=folder)


def _converted(raw: Any) -> Entry:
    if not isinstance(raw, dict):
        raise BadEntry("An entry must be a JSON object.")
    try:
        return msgspec.convert({"name": raw.get("id"), **raw}, Entry)
    except msgspec.ValidationError as error:
        raise BadEntry(f"{error}.", "Compare it with the registry's JSON schema.") from None


def _checked(entry: Entry, types: frozenset[str] | set[str]) -> Entry:
    category = check_relative(entry.category)
    if category.partition("/")[0].casefold() in _RESERVED:
        raise BadEntry(f"The category '{category}' is a word of the API.", "Choose another name for it.")
    _check_texts(entry)
    _check_source(entry.source, types)
    if len(entry.files) > _MAX_FILES:
        raise BadEntry("It has too many files.")
    files = tuple(map(_checked_file, entry.files))
    _check_count(entry)
    model_id = check_id(entry.id)
    if (model_id, category, files) == (entry.id, entry.category, entry.files):
        return entry
    return msgspec.structs.replace(entry, id=model_id, category=category, files=files)


def _check_texts(entry: Entry) -> None:
    texts = "\0".join(
        (entry.name, entry.description, entry.license, entry.homepage, *entry.tags, *entry.aliases)
    )
    texts.encode()  # a lone surrogate could never be sent
    if len(texts) > _MAX_TEXT or not entry.name.strip():
        raise BadEntry("The name is empty or the texts are too long.")
    if entry.homepage and not entry.homepage.startswith(("https://", "http://")):
        raise BadEntry("The homepage must be an http(s) URL.")


def _check_count(entry: Entry) -> None:
    """Refuse files that would land on each other, whatever the file system."""
    if len(entry.files) < 2:
        return
    folded = [file.path.casefold() for file in entry.files]
    if len(set(folded)) < len(folded):
        raise BadEntry("Two of its files have the same path.")


def _check_source(source: Source, types: frozenset[str] | set[str]) -> None:
    if source.type not in types:
        raise BadEntry(
            f"No installed package knows sources of type '{source.type}'.",
            f"Known: {', '.join(sorted(types))}.",
        )
    if source.revision is not None and not _REVISION.fullmatch(source.revision):
        raise BadEntry("The revision is not a branch, tag or commit.")
    if has_secret(source.url):
        raise BadEntry(
            "The source's address holds a secret.", "Keep tokens in HF_TOKEN; use an open address."
        )
    if source.type == "url":
        _check_url(source.url)
    elif source.type == "huggingface":
        path = urlsplit(source.url).path if "://" in source.url else source.url
        if not _REPOSITORY.fullmatch("/".join(path.strip("/").split("/")[:2])) or ".." in path:
            raise BadEntry("The source names no repository of the Hub.", "Write it as 'org/name'.")
    elif not source.url or "\0" in source.url:
        raise BadEntry("The source names nothing.")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError when it is no number
    if parts.scheme not in {"https", "http"} or not parts.hostname or re.search(r"[\x00-\x20\x7f]", url):
        raise BadEntry("This is not an https URL.", "Only https, and origins in c.Models.allowed_origins.")


def _checked_file(file: FileSpec) -> FileSpec:
    sha256 = file.sha256.lower() if file.sha256 is not None else None
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise BadEntry("A sha256 must have 64 hexadecimal digits.", "Leave it out where it is not known.")
    if file.size is not None and not 0 <= file.size <= _MAX_SIZE:
        raise BadEntry("A size must be a number of bytes.")
    if file.source is not None:
        check_relative(file.source)
    for mirror in file.mirrors:
        _check_url(mirror)
        if has_secret(mirror):
            raise BadEntry("A mirror's address holds a secret.")
    path = check_relative(file.path)
    if path == file.path and sha256 == file.sha256:
        return file
    return msgspec.structs.replace(file, path=path, sha256=sha256)
