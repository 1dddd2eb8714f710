"""FFmpeg: what it says about a file, and how it is run safely.

A file reaches it as an inherited descriptor (``/dev/fd/N``), already opened and looked at by
us, with the one demuxer that fits its bytes and no protocol but ``file``. Playlists and
scripts disguised as sound therefore find nothing that would read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.audio.kinds import Kind
from jupyter_nodeapi.errors import FFmpegMissing, InsufficientStorage, NodeApiError, Unprocessable

__all__ = ["Heard", "describe", "failure", "guarded", "opening", "output"]

_STREAM = re.compile(
    r"Stream #0:\d+[^\n]*?: Audio: (?P<codec>\w+)(?P<profile>[^,\n]*), (?P<rate>\d+) Hz, (?P<layout>[^,\n]+)"
    r"(?:, (?P<format>\w+)(?: \((?P<bits>\d+) bit\))?)?(?:, (?P<rate_kb>\d+) kb/s)?"
)
_BITRATE = re.compile(r"Duration: [^\n]*bitrate: (\d+) kb/s")
_DURATION = re.compile(r"Duration: (\d+):(\d+):(\d+\.\d+)")
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4}


@dataclass(frozen=True, slots=True)
class Heard:
    """What FFmpeg's banner says of the first sound in a file."""

    codec: str
    profile: str
    rate: int
    channels: int
    bits: int
    floating: bool
    bitrate: int
    seconds: float | None


def opening(program: str, kind: Kind, name: str, *, seek: float = 0.0, loud: str = "error") -> list[str]:
    """Begin a command: the guarded input, with an optional seek before it.

    Parameters
    ----------
    program : str
        Path of FFmpeg.
    kind : Kind
        What the input is; nothing else is tried.
    name : str
        ``/dev/fd/N`` of a descriptor that the child inherits.
    seek : float
        Seconds to seek in the input before decoding; 0 for none at all (a seek to 0 is not the
        same: it makes encoder priming audible).
    loud : str
        FFmpeg's log level.
    """
    return [program, "-nostdin", "-hide_banner", "-v", loud, "-y", *guarded(kind.demuxer, name, seek=seek)]


def guarded(demuxer: str, name: str, *, seek: float = 0.0) -> list[str]:
    """Name an input, with all that keeps FFmpeg to this one file.

    Parameters
    ----------
    demuxer : str
        FFmpeg's name of what the input is; nothing else is tried.
    name : str
        As in :func:`opening`.
    seek : float
        Seconds to seek in it, 0 for none.
    """
    guard = ["-protocol_whitelist", "file", "-format_whitelist", demuxer, "-f", demuxer]
    before = ["-ss", f"{seek:.6f}"] if seek > 0 else []
    return [*guard, *before, "-i", f"file:{name}"]


def describe(program: str, fd: int, kind: Kind, limits: Limits, stopped: Callable[[], bool]) -> Heard:
    """Ask FFmpeg what the first sound in a file is.

    Parameters
    ----------
    program : str
        Path of FFmpeg.
    fd : int
        The open file.
    kind : Kind
        What our own look says it is.
    limits : Limits
        Time and size for the child.
    stopped : callable
        True ends it.

    Raises
    ------
    Unprocessable
        ``no_audio_stream`` or ``corrupt_file``.
    """
    with borrowed(fd) as (number, name):
        ended = run(opening(program, kind, name, loud="info"), limits, stopped, fds=[number])
    match = _STREAM.search(ended.tail)
    if match is None or int(match["rate"]) == 0:
        if "Input #0" in ended.tail:
            raise failure("matches no streams")
        raise failure(ended.tail)
    whole = _BITRATE.search(ended.tail)
    kilobits = match["rate_kb"] or (whole[1] if whole and "Video:" not in ended.tail else "0")
    return Heard(
        codec=match["codec"].lower(),
        profile=match["profile"].lower(),
        rate=int(match["rate"]),
        channels=_channels(match["layout"]),
        bits=_bits(match["format"] or "", match["bits"]),
        floating=(match["format"] or "").startswith(("flt", "dbl")),
        bitrate=int(kilobits) * 1000,
        seconds=_seconds(ended.tail),
    )


def _seconds(banner: str) -> float | None:
    match = _DURATION.search(banner)
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None


def _channels(layout: str) -> int:
    layout = layout.strip().split("(")[0].strip()
    if match := re.match(r"(\d+) channels?", layout):
        return int(match[1])
    if match := re.fullmatch(r"(\d+)\.(\d+)", layout):
        return int(match[1]) + int(match[2])
    return _LAYOUTS.get(layout, 2)


def _bits(sample_format: str, stated: str | None) -> int:
    if stated:
        return int(stated)
    return {"u8": 8, "s32": 32, "flt": 32, "dbl": 64}.get(sample_format.rstrip("p"), 16)


def failure(tail: str) -> NodeApiError:
    """Say in the API's words why FFmpeg ended without a result.

    Parameters
    ----------
    tail : str
        The end of its error text, which itself is never shown: it holds paths.
    """
    if "matches no streams" in tail or "does not contain any stream" in tail:
        return Unprocessable(
            "This file holds no sound.", code="no_audio_stream", hint="Choose a file with an audio track."
        )
    if "No space left" in tail or "quota exceeded" in tail.lower():
        return InsufficientStorage()
    if "Unknown encoder" in tail or "Unknown decoder" in tail or "Requested output format" in tail:
        return FFmpegMissing("The server's FFmpeg was built without what this format needs.")
    return Unprocessable(
        "The file is damaged: its sound cannot be decoded.",
        code="corrupt_file",
        hint="Check that the upload is complete, or export the sound again.",
    )


def output(kind: Kind, path: str, muxer: str, arguments: Sequence[str], size: int) -> list[str]:
    """End a command: the first sound only, into one file of at most ``size`` bytes.

    Parameters
    ----------
    kind : Kind
        What the input is.
    path : str
        The file to write, absolute.
    muxer : str
        FFmpeg's name of the container.
    arguments : sequence of str
        Range, filters and encoder.
    size : int
        Bytes at most.
    """
    chosen = ["-map", "0:a:0", *_tags(kind), "-map_chapters", "-1"]
    return [*chosen, *arguments, "-fs", str(size), "-f", muxer, f"file:{path}"]


def _tags(kind: Kind) -> list[str]:
    """Carry the tags over; Ogg keeps them in the stream, all others for the whole file."""
    return ["-map_metadata", "0:s:a:0" if kind.name == "ogg" else "0"]
