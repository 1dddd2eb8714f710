"""Names that come from registries and hubs, believed only after they were checked.

Everything here ends up as a path below ``models_dir``, so each part passes the one rule of
:func:`jupyter_nodeapi.disk.roots.check_component`.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from jupyter_nodeapi.disk.roots import check_component
from jupyter_nodeapi.errors import InvalidPath

__all__ = ["STORE", "check_id", "check_relative", "key_of"]

STORE = ".nodeapi"
"""The folder in ``models_dir`` that holds manifests and partial files; no listing shows it."""

# What check_component accepts as it is, told faster. No device of Windows matches: each has at most four
# characters before a dot, or spaces before it, or a $.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ +-]{6,}((?<! )[.][A-Za-z0-9_+-]+)*(?<! )", re.ASCII)
_PLAIN_LENGTH = 200
_DEPTH = 16
_ID_BYTES = 200


def check_relative(path: str) -> str:
    """Give a relative posix path whose every part is harmless, or refuse it.

    Raises
    ------
    InvalidPath
        Absolute, ``..``, backslash, drive, hidden, reserved, too deep, too long or empty.
    """
    if "/" not in path:
        return _part(path)
    parts = path.split("/")
    if len(parts) > _DEPTH:
        raise InvalidPath("This path has too many folders.")
    return "/".join(map(_part, parts))


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
    if _PLAIN.fullmatch(part) and len(part) < _PLAIN_LENGTH:
        return part
    name = check_component(part)
    if name.startswith("."):
        raise InvalidPath("A name here must not begin with a dot.")
    return name
