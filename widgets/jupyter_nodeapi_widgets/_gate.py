"""What a page may reach through its kernel: the routes of this API, and nothing else of the server.

The kernel holds the server's token, so whoever sends it a message would otherwise be able to ask for
contents, kernels or terminals with it. A path passes only when it begins with one of :data:`ROOMS` and stays
there however often it is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

__all__ = ["ROOMS", "allowed", "passed_back", "passed_on"]

ROOMS = (
    "/api/audio",
    "/api/downloads",
    "/api/files",
    "/api/models",
    "/api/nodeapi",
    "/api/upload",
    "/api/uploads",
    "/temp",
)
"""Each stands for itself and for what is below it."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

_NEVER_ENDING = frozenset({"/api/downloads/events"})
_ON = frozenset(
    {
        "accept",
        "content-type",
        "if-match",
        "if-none-match",
        "prefer",
        "range",
        "upload-offset",
        "upload-length",
    }
)
_BACK = frozenset(
    {
        *("accept-ranges", "content-disposition", "content-length", "content-range", "content-type", "etag"),
        *("last-modified", "link", "location", "retry-after", "x-total-count"),
    }
)


def allowed(method: str, path: str) -> bool:
    """Say whether a page may send this through the kernel.

    Parameters
    ----------
    method : str
        In capitals.
    path : str
        As it would stand in the request: quoted, with its arguments.
    """
    if method not in METHODS or len(path) > 8192 or any(not 32 < ord(letter) < 127 for letter in path):
        return False
    bare = path.split("?", 1)[0]
    if "#" in path or bare in _NEVER_ENDING or not _inside(bare):
        return False
    return all(_stays(step) for step in _decodings(bare))


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Give those headers of a page that the server gets to see: no cookie, no other token."""
    return {name: value for name, value in headers.items() if name.lower() in _ON and _plain(value)}


def passed_back(headers: Mapping[str, str]) -> dict[str, str]:
    """Give those headers of the server that a page gets to see; names in lower case."""
    return {name: value for name, value in headers.items() if name in _BACK}


def _inside(path: str) -> bool:
    return any(path == room or path.startswith(f"{room}/") for room in ROOMS)


def _decodings(path: str) -> list[str]:
    found = [path]
    while (step := unquote(found[-1], errors="replace")) != found[-1]:
        found.append(step)
    return found


def _stays(path: str) -> bool:
    """No step up, and nothing that some proxy would turn into one."""
    names = path.replace("\\", "/").split("/")
    return "\\" not in path and not any(name in {".", ".."} or name.startswith("..;") for name in names)


def _plain(value: object) -> bool:
    return isinstance(value, str) and all(31 < ord(letter) < 256 for letter in value)
