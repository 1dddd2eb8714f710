"""How long a sound really is, counted and not believed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_nodeapi.audio import ffmpeg, sound
from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.audio.formats import Format
from jupyter_nodeapi.audio.headers import mp4
from jupyter_nodeapi.audio.kinds import Kind
from jupyter_nodeapi.errors import Unprocessable

__all__ = ["Measured", "decoded_seconds", "measure"]

_TIME = re.compile(rb"out_time_us=(\d+)")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a finished file presents: ``frames`` samples in each of ``channels`` at ``rate``."""

    frames: int
    rate: int
    channels: int


def measure(path: str, form: Format) -> Measured | None:
    """Count what a result presents; None when it holds no sound at all.

    Parameters
    ----------
    path : str
        A file that we have just written.
    form : Format
        What it was written as.
    """
    if not Path(path).is_file() or not Path(path).stat().st_size:
        return None
    if form.name != "m4a":
        try:
            return Measured(*sound.frames_of(path))
        except Unprocessable:
            return None
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        track = mp4.parse(fd)
    except ValueError:
        return None
    finally:
        os.close(fd)
    return Measured(track.frames, track.rate, track.channels) if track and track.frames else None


def decoded_seconds(
    program: str, fd: int, kind: Kind, limits: Limits, stopped: Callable[[], bool]
) -> float | None:
    """Decode a whole file to nothing and give its length in seconds; None when nothing comes out.

    Parameters
    ----------
    program : str
        Path of FFmpeg.
    fd : int
        The open file.
    kind : Kind
        What it is by its bytes.
    limits : Limits
        For the child.
    stopped : callable
        True ends it.
    """
    tail = bytearray()

    def keep(data: bytes) -> None:
        tail.extend(data)
        del tail[:-4096]

    with borrowed(fd) as (number, name):
        command = [
            *ffmpeg.opening(program, kind, name),
            "-map",
            "0:a:0",
            "-progress",
            "pipe:1",
            "-f",
            "null",
            "-",
        ]
        run(command, limits, stopped, fds=[number], on_output=keep)
    times = _TIME.findall(bytes(tail))
    return int(times[-1]) / 1e6 if times else None
