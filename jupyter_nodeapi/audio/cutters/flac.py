"""A picture put into a FLAC file that has been written already.

::

    fLaC | STREAMINFO | all that followed            before
    fLaC | STREAMINFO | PICTURE | all that followed  after: frames and seek points count from the first frame
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["add_picture"]

_STREAMINFO_ENDS = 42
_LAST = 0x80
_PICTURE = 6


def add_picture(path: str, block: bytes) -> None:
    """Put a picture block behind the first block of a file.

    Parameters
    ----------
    path : str
        A FLAC file that we have just written.
    block : bytes
        The block's body; longer than 16 MiB is more than FLAC can hold, and is left out.
    """
    if len(block) >= 1 << 24:
        return
    fuller = Path(f"{path}-fuller")
    try:
        with Path(path).open("rb") as old, fuller.open("xb") as new:
            head = bytearray(old.read(_STREAMINFO_ENDS))
            last, head[4] = head[4] & _LAST, head[4] & ~_LAST
            new.write(head + bytes([last | _PICTURE]) + len(block).to_bytes(3, "big") + block)
            shutil.copyfileobj(old, new, 1 << 20)
        os.replace(fuller, path)  # noqa: PTH105
    finally:
        fuller.unlink(missing_ok=True)
