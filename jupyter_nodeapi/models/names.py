"""Names that come from registries and hubs, believed only after they were checked.

Everything here ends up as a path below ``models_dir``, so each part passes the one rule of
:func:`jupyter_nodeapi.disk.roots.check_component`.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from jupyter_nodeapi.disk.roots import check_component
from jupyter_nodeapi.errors import InvalidPath

__all__ = ["STORE", "check_id", "check_relative", "key_of"]

STORE = ".nodeapi"
"""The folder in ``models_dir`` that holds manifests and partial files; no listing shows it."""

_DEPTH = 16
_ID_BYTES = 200


def check_relative(path: str) -> str:
    """Give a relative posix path whose every part is harmless, or refuse it.

    Raises
    ------
    InvalidPath
        Absolute, ``..``, backslash, drive, hidden, reserved, too deep, too long or empty.
    """
    parts = path.split("/")
    if len(parts) > _DEPTH:
        raise InvalidPath("This path has too many folders.")
    return "/".join(_part(part) for part in parts)


def check_id(model_id: str) -> str:
    """Give a model id that may serve as a path and in a URL: ``name`` or ``org/name``."""
    if len(model_id.encode("utf-8", "replace")) > _ID_BYTES:
        raise InvalidPath(f"An id is at most {_ID_BYTES} bytes long.")
    return check_relative(model_id)


def key_of(model_id: str) -> str:
    """Give the file name under which the store keeps what it knows of this id."""
    return hashlib.sha256(model_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


@lru_cache(maxsize=50_000)
def _part(part: str) -> str:
    name = check_component(part)
    if name.startswith("."):
        raise InvalidPath("A name here must not begin with a dot.")
    return name
