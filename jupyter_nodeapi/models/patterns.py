"""Which files of a repository a model is: by include and exclude, or by what is safe to load.

A pickle runs code when it is loaded. Where a repository also holds safetensors, its pickles and its
Python files are left behind unless the entry asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

__all__ = ["selected"]

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_CODE = (".py", ".pyc", ".sh", ".ipynb")


def selected(names: Iterable[str], include: Iterable[str] = (), exclude: Iterable[str] = ()) -> list[str]:
    """Give the wanted ones among a repository's file names, in order.

    Parameters
    ----------
    names : iterable of str
        Paths in the repository.
    include, exclude : iterable of str
        Shell patterns; ``*`` also spans folders. Without include, everything but code, hidden files, and
        pickles beside safetensors.
    """
    include, exclude = tuple(include), tuple(exclude)
    visible = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    if include:
        kept = [name for name in visible if _matches(name, include)]
    else:
        unwanted = _CODE + (_PICKLES if any(name.endswith(".safetensors") for name in visible) else ())
        kept = [name for name in visible if not name.lower().endswith(unwanted)]
    return sorted(name for name in kept if not _matches(name, exclude))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
