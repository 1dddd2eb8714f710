"""A whole file gets its documented name, durably, by one rename. Everything here blocks.

::

    /temp/uploads/<session>/<NodeName>_<nodeId>/.nodeapi-node     which node the folder belongs to
    /temp/uploads/<session>/<NodeName>_<nodeId>/<filename>

``publishing`` is journaled before the rename and ``done`` after it: whoever finds the first without the
second and the bytes gone knows that the rename took place.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from jupyter_nodeapi.disk import atomic
from jupyter_nodeapi.disk.roots import Root
from jupyter_nodeapi.errors import Conflict, Unprocessable
from jupyter_nodeapi.uploads import regions
from jupyter_nodeapi.uploads.attempt import Attempt
from jupyter_nodeapi.uploads.identity import Identity, numbered
from jupyter_nodeapi.uploads.journal import Done, Publishing
from jupyter_nodeapi.uploads.parts import Parts
from jupyter_nodeapi.uploads.request import OnConflict

__all__ = ["check_name", "is_still_there", "node_folder", "publish", "recover", "verify"]

_NODE = f"{atomic.TEMP_PREFIX}node"
_TRIES = 1000


def verify(parts: Parts, attempt: Attempt, file_hash: str | None) -> None:
    """Make sure that the file is what the client has.

    Raises
    ------
    Unprocessable
        Its SHA-256 is another one.
    """
    with parts.data(attempt).open("r+b") as file:
        # Whatever a broken chunk left behind the end does not belong to the file.
        file.truncate(attempt.size)
        if file_hash and regions.sha256_of(file.fileno(), 0, attempt.size) != file_hash.partition(":")[2]:
            raise Unprocessable(
                "The file's checksum is not the one that was announced.",
                code="hash_mismatch",
                hint="Upload the file again.",
            )


def publish(root: Root, parts: Parts, attempt: Attempt, identity: Identity, policy: OnConflict) -> Done:
    """Give the whole file its name, and give the record of it.

    Raises
    ------
    Conflict
        The name is taken and the policy is ``error``; the upload stays as it is.
    """
    folder = node_folder(root, identity)
    for number in range(_TRIES):
        name = _numbered(folder, identity, number)
        target = root.resolve(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        parts.append(attempt, Publishing(name))
        with contextlib.suppress(FileExistsError):
            atomic.publish(parts.data(attempt), target, replace=policy == "replace")
            return _done(parts, attempt, name, target)
        if policy == "error":
            raise _exists()
    raise Conflict(
        "Too many files of this name exist already.",
        code="exists",
        hint="Choose another name, or remove some.",
    )


def check_name(root: Root, identity: Identity, policy: OnConflict) -> None:
    """Make sure that a file can get its name as things are, before its bytes have come.

    Raises
    ------
    Conflict
        The name is taken and the policy is ``error``.
    """
    if policy == "error" and root.resolve(_numbered(_found(root, identity), identity, 0)).exists():
        raise _exists()


def _exists() -> Conflict:
    return Conflict(
        "A file of this name exists already.", code="exists", hint="Send conflict=rename or replace."
    )


def recover(root: Root, parts: Parts) -> Attempt | None:
    """Load an attempt, and write down a publication that a kill kept from being written down."""
    attempt = parts.load()
    if attempt is None or attempt.done or attempt.publishing is None or parts.data(attempt).exists():
        return attempt
    target = root.resolve(attempt.publishing)
    if not target.is_file() or target.stat().st_size != attempt.size:
        return None
    _done(parts, attempt, attempt.publishing, target)
    return attempt


def is_still_there(root: Root, done: Done) -> bool:
    """Say whether the published file is there and nobody has changed it."""
    try:
        facts = root.resolve(done.path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns) == (done.inode, done.size, done.modified_ns)


def _done(parts: Parts, attempt: Attempt, name: str, target: Path) -> Done:
    facts = target.stat()
    done = Done(name, facts.st_size, facts.st_ino, facts.st_mtime_ns)
    parts.append(attempt, done)
    return done


def node_folder(root: Root, identity: Identity) -> str:
    """Give the node's folder as a virtual path, made and durable; the plain one is the first node's."""
    path = root.resolve(f"{root.prefix}/uploads/{identity.session_folder}/{identity.node_folder}")
    path.mkdir(parents=True, exist_ok=True)
    if not (path / _NODE).exists():
        with contextlib.suppress(FileExistsError):
            atomic.write(path / _NODE, _node(identity), replace=False)
    return _found(root, identity)


def _found(root: Root, identity: Identity) -> str:
    """Give the node's folder as it would be, without making it."""
    session = f"{root.prefix}/uploads/{identity.session_folder}"
    plain = f"{session}/{identity.node_folder}"
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if (root.resolve(plain) / _NODE).read_bytes() != _node(identity):
            return f"{session}/{identity.other_node_folder}"
    return plain


def _node(identity: Identity) -> bytes:
    return json.dumps([identity.node_name, identity.node_id]).encode()


def _numbered(folder: str, identity: Identity, number: int) -> str:
    target = identity.target
    if number:
        target = target.with_name(numbered(target.name, number))
    return f"{folder}/{target.as_posix()}"
