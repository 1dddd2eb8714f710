"""Which upload a chunk belongs to, and where its file will lie.

::

    (sessionId, nodeName, nodeId, relativePath, filename, uploadId)
        ├── key: name of the folder that holds the parts until the file is whole
        └── /temp/uploads/<session>/<NodeName>_<nodeId>[/<relative folders>]/<filename>

Ids become readable names and no two ids share one; a file's name is the last component behind either
separator, as browsers and old clients mean it. What no file system should be asked to hold is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.disk.names import check_component, safe_component
from jupyter_nodeapi.errors import InvalidParameter, InvalidPath

__all__ = ["Identity", "clean_filename", "clean_folders", "numbered"]

_NAME_BYTES = 255
_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one upload from another.

    Parameters
    ----------
    session, node_name, node_id : str
        As the client sent them; one half of the node may be empty.
    filename : str
        From :func:`clean_filename`.
    folders : tuple of str
        From :func:`clean_folders`: where the file lies below the node's folder.
    upload_id : str
        Separates attempts at the same file; may be empty.
    """

    session: str
    node_name: str
    node_id: str
    filename: str
    folders: tuple[str, ...] = ()
    upload_id: str = ""

    @property
    def key(self) -> str:
        """Name of the folder for the parts: 32 hexadecimal digits."""
        return _digest(
            self.session, self.node_name, self.node_id, *self.folders, self.filename, "", self.upload_id
        )[:32]

    @property
    def session_folder(self) -> str:
        """One path component for the session."""
        return safe_component(self.session)

    @property
    def node_folder(self) -> str:
        """One path component for the node; different nodes may share it, see :attr:`other_node_folder`."""
        halves = [safe_component(half) for half in (self.node_name, self.node_id) if half]
        if not halves:
            raise InvalidParameter("Give nodeId, nodeName or both.", field="nodeId")
        return _fit("_".join(halves), self._node_digest)

    @property
    def other_node_folder(self) -> str:
        """The component to use when :attr:`node_folder` belongs to another node."""
        return _cut(self.node_folder, _NAME_BYTES - 9) + f"~{self._node_digest}"

    @property
    def target(self) -> PurePosixPath:
        """Where the file lies below the node's folder."""
        return PurePosixPath(*self.folders, self.filename)

    @property
    def path(self) -> str:
        """The documented path below ``/temp/uploads``."""
        return f"{self.session_folder}/{self.node_folder}/{self.target}"

    @property
    def _node_digest(self) -> str:
        return _digest(self.node_name, self.node_id)[:8]


def clean_filename(name: str) -> str:
    """Give the name that a file is stored under.

    The last component behind slashes and backslashes, NFC-normal, without dots and spaces at its end; names
    of devices on Windows get an underscore; what is longer than 255 bytes is cut, keeping its extension, and
    gets ``~`` with eight hexadecimal digits so that no two long names meet.

    Raises
    ------
    InvalidPath
        Nothing is left, or it holds control characters or lone surrogates.
    """
    base = re.split(r"[/\\]", name)[-1]
    if base in {".", ".."}:
        raise InvalidPath("A file cannot be called '.' or '..'.", field="filename")
    return _component(base)


def clean_folders(path: str, filename: str) -> tuple[str, ...]:
    """Give the folders of a ``relativePath``, which may end in the file's own name.

    Raises
    ------
    InvalidPath
        The path leads upwards or holds what :func:`clean_filename` refuses.
    """
    parts = [part for part in re.split(r"[/\\]", path) if part not in {"", "."}]
    if len(parts) > _DEPTH:
        raise InvalidPath(f"A relativePath has at most {_DEPTH} folders.", field="relativePath")
    if ".." in parts:
        raise InvalidPath("A relativePath cannot hold '..'.", field="relativePath")
    parts = [_component(part) for part in parts]
    return tuple(parts[:-1] if parts and parts[-1] == filename else parts)


def _component(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidPath("A name must be valid Unicode.", field="filename") from None
    clean = unicodedata.normalize("NFC", name).rstrip(". ")
    if not clean:
        raise InvalidPath("A name is empty.", field="filename")
    clean = re.sub(r"^([A-Za-z]):", r"\1_", clean)
    if clean.casefold().startswith(TEMP_PREFIX):
        clean = f"_{clean}"
    clean = _fit(clean, _digest(name)[:8])
    try:
        return check_component(clean)
    except InvalidPath:
        # Only the names of Windows devices become good by this; whatever else is wrong stays wrong.
        return check_component(f"_{clean}")


def numbered(name: str, number: int) -> str:
    """Give the name that a file gets when ``number`` others have taken its own: ``a (1).wav``.

    The name and what it gets are clean and have at most 255 bytes.
    """
    return _ended(name, f" ({number})")


def _fit(name: str, digest: str) -> str:
    return name if len(name.encode()) <= _NAME_BYTES else _ended(name, f"~{digest}")


def _ended(name: str, mark: str) -> str:
    """Put a mark before the extension, and cut what is before it to the length of a name."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 32:
        stem, dot, extension = name, "", ""
    ending = f"{mark}{dot}{extension}"
    return _cut(stem, _NAME_BYTES - len(ending.encode())) + ending


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
