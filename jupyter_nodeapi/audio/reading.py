"""Samples as libsndfile reads them: all of a range in blocks, or a few here and there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any

from jupyter_nodeapi.audio import sound
from jupyter_nodeapi.errors import Unprocessable

__all__ = ["blocks", "counts", "looks"]

_RUN_UP = 1 << 15  # samples: the 511 bytes that a frame may reach back are 22 of the smallest frames


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

    All blocks are the same memory: who keeps one copies it. A short block is the last: the file promises
    more than there is.

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
    import numpy as np  # noqa: PLC0415
    import soundfile  # noqa: PLC0415

    with _opened_anew(fd) as (file, dtype):
        memory = np.empty((min(size, last - first), file.channels), dtype)
        try:
            _seek(file, first)
            for at in range(first, last, size):
                wanted = memory[: last - at]
                block = file.read(out=wanted)
                yield block
                if len(block) < len(wanted):
                    return
        except soundfile.SoundFileError:
            raise sound.damaged() from None


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

    with _opened_anew(fd) as (file, dtype):
        for place in places:
            try:
                file.seek(place)
                block = file.read(size, dtype=dtype, always_2d=True)
            except soundfile.SoundFileError:
                block = np.zeros((0, 1), "i2")
            yield block


def _seek(file: Any, place: int) -> None:
    """Go to a sample, in MPEG with a run-up: a frame there may need bits of many before it."""
    run_up = min(place, _RUN_UP) if str(file.subtype).startswith("MPEG") else 0
    file.seek(place - run_up)
    file.read(run_up, dtype="float32")


@contextlib.contextmanager
def _opened_anew(fd: int) -> Iterator[tuple[Any, str]]:
    """Give a file with a position of its own, and the numbers to read from it."""
    own = os.open(f"/dev/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with sound.opened(own) as file:
            whole = str(file.subtype).startswith(("PCM", "ALAC")) or file.subtype in sound.COMPANDED
            yield file, "int16" if whole else "float32"
    finally:
        os.close(own)
