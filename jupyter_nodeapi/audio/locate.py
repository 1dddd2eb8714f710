"""Where FFmpeg is, and which one: the setting, then ``PATH``, then the ``imageio-ffmpeg`` wheel."""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass

from jupyter_nodeapi.audio.child import Limits, run
from jupyter_nodeapi.errors import FFmpegMissing, TimedOut

__all__ = ["Program", "find", "locate"]

_LIMITS = Limits(20, 1 << 20)


@dataclass(frozen=True, slots=True)
class Program:
    """An FFmpeg.

    Parameters
    ----------
    path : str
        Never shown to clients.
    source : str
        Where it was found: ``Audio.ffmpeg``, ``PATH`` or ``imageio-ffmpeg``.
    """

    path: str
    source: str

    @property
    def version(self) -> str | None:
        """Its own word for its version, such as ``5.1.9-0+deb12u1``; None when it does not run."""
        return _version(self.path)


@functools.lru_cache(maxsize=8)
def _version(path: str) -> str | None:
    out = bytearray()
    try:
        ended = run([path, "-version"], _LIMITS, lambda: False, on_output=out.extend)
    except TimedOut:
        return None
    words = out.decode("utf-8", "replace").split(maxsplit=3)
    return words[2] if ended.code == 0 and len(words) > 2 else None


def locate(configured: str = "") -> Program | None:
    """Look where the setting says, and only there; without one on ``PATH`` and in the wheel.

    Parameters
    ----------
    configured : str
        The trait ``Audio.ffmpeg``: a path or a name on ``PATH``; empty when unset.
    """
    if configured:
        path = shutil.which(configured)
        return Program(path, "Audio.ffmpeg") if path else None
    if path := shutil.which("ffmpeg"):
        return Program(path, "PATH")
    path = _in_wheel()
    return Program(path, "imageio-ffmpeg") if path else None


def find(configured: str = "") -> str:
    """Give the path of the FFmpeg to use.

    Parameters
    ----------
    configured : str
        The trait ``Audio.ffmpeg``.

    Raises
    ------
    FFmpegMissing
        There is none, or what is configured is none.
    """
    program = locate(configured)
    if program is not None:
        return program.path
    if configured:
        raise FFmpegMissing(hint="Audio.ffmpeg names no program that can be run: correct it or unset it.")
    raise FFmpegMissing


def _in_wheel() -> str | None:
    try:
        import imageio_ffmpeg  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None
