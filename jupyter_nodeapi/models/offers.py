"""What installed packages offer to this room by entry points, found without parsing all of them.

``importlib.metadata`` reads and parses the entry points of every installed package: 20 ms at each start,
nearly always for nothing. Here their bytes are searched for the group's name first; where a package could
hide from that (an archive, a finder of its own) the library is asked as ever.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points

__all__ = ["offered"]

_ENDINGS = (".dist-info", ".egg-info")


def offered(group: str) -> Iterable[EntryPoint]:
    """Give the entry points of a group.

    Parameters
    ----------
    group : str
        Such as ``jupyter_nodeapi.registries``.
    """
    places = dict.fromkeys(path or "." for path in sys.path)
    if _finders() or any(_may_offer(place, group.encode()) for place in places):
        return entry_points(group=group)
    return ()


def _finders() -> bool:
    """Say whether anything beside Python's own finder of packages knows of some."""
    return any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path)


def _may_offer(place: str, group: bytes) -> bool:
    try:
        names = os.listdir(place)  # noqa: PTH208 - hot
    except FileNotFoundError:
        return False
    except OSError:  # an archive, or nothing that we may read
        return True
    return any(
        name == "EGG-INFO" or (name.endswith(_ENDINGS) and _mentions(f"{place}/{name}", group))
        for name in names
    )


def _mentions(folder: str, group: bytes) -> bool:
    try:
        fd = os.open(f"{folder}/entry_points.txt", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    with os.fdopen(fd, "rb", buffering=0) as file:
        return group in file.read()
