"""Files under ``/temp``, found for who may see them."""

from __future__ import annotations

import os

from jupyter_nodeapi.disk import owners
from jupyter_nodeapi.disk.roots import Root

__all__ = ["open_media"]


def open_media(root: Root, name: str, owner: str) -> tuple[int, os.stat_result]:
    """Open a file under the virtual root; blocks. The caller closes the descriptor.

    Parameters
    ----------
    root : Root
        The virtual root.
    name : str
        Path below it, such as ``uploads/<session>/...``.
    owner : str
        Who asks; files in another user's session do not exist for them.

    Raises
    ------
    NotFound, InvalidPath
        There is no such file, or never can be.
    """
    full = f"{root.prefix}/{name}"
    owners.resolve(root, full, owner)
    return root.open(full)
