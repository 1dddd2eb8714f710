"""Samples as libsndfile reads them: all of a range in blocks, or a few here and there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jupyter_nodeapi.audio import sound
from jupyter_nodeapi.errors import Unprocessable

__all__ = ["blocks", "counts", "looks"]


def counts(fd: int, frames: int, rate: int) -> bool:
    """Tell whether libsndfile opens a file and counts the same samples in it as we do.

    Parameters
    ----------
    fd : int
        An open regular file; its position is moved.
    frames, rate : int
        Our count.
    """
    try:
        with sound.opened(fd) as file:
            return bool(file.frames == frames and file.samplerate == rate)
    except Unprocessable:
        return False


def blocks(fd: int, first: int, last: int, size: int) -> Iterator[Any]:
    """Read a range in blocks, each ``(frames, channels)`` int16, or float32 where the source is no integer.

    Parameters
    ----------
    fd : int
        An open regular file; it is opened anew, so that several readers do not move each other.
    first, last : int
        The range in samples.
    size : int
        Samples a block.

    Raises
    ------
    Unprocessable
        The file is damaged inside the range.
    """
    import soundfile  # noqa: PLC0415

    with _reader(fd) as read:
        for at in range(first, last, size):
            try:
                block = read(at, min(size, last - at))
            except soundfile.SoundFileError:
                raise sound.damaged() from None
            yield block


def looks(fd: int, places: Iterable[int], size: int) -> Iterator[Any]:
    """Read ``size`` samples at each place, as :func:`blocks` gives them; empty where nothing can be read.

    Parameters
    ----------
    fd : int
        An open regular file.
    places : iterable of int
        Samples.
    size : int
        Samples a look.
    """
    import numpy as np  # noqa: PLC0415
    import soundfile  # noqa: PLC0415

    with _reader(fd) as read:
        for place in places:
            try:
                block = read(place, size)
            except soundfile.SoundFileError:
                block = np.zeros((0, 1), "i2")
            yield block


@contextlib.contextmanager
def _reader(fd: int) -> Iterator[Callable[[int, int], Any]]:
    """Open a file anew and give what reads so many samples at a place."""
    own = os.open(f"/dev/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with sound.opened(own) as file:
            whole = str(file.subtype).startswith(("PCM", "ALAC")) or file.subtype in sound.COMPANDED

            def read(first: int, size: int) -> Any:
                if file.tell() != first:
                    file.seek(first)
                return file.read(size, dtype="int16" if whole else "float32", always_2d=True)

            yield read
    finally:
        os.close(own)
