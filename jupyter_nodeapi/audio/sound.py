"""libsndfile: exact seeks and exact counts for the formats that it reads well.

It is imported on first use: a server that never trims never pays for it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from jupyter_nodeapi.audio.kinds import Kind
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.audio.times import Span
from jupyter_nodeapi.errors import Unprocessable
from jupyter_nodeapi.jobs.engines import Stopped

__all__ = ["COMPANDED", "CONTAINERS", "cut", "damaged", "describe", "frames_of", "opened", "tags"]

#: libsndfile's word for each container that it may write for us.
CONTAINERS = {
    "wav": "WAV",
    "rf64": "RF64",
    "w64": "W64",
    "aiff": "AIFF",
    "au": "AU",
    "caf": "CAF",
    "flac": "FLAC",
}

_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_BITS |= {"ALAC_16": 16, "ALAC_20": 24, "ALAC_24": 24, "ALAC_32": 32}
#: libsndfile's words for samples of eight bits that stand for fourteen or thirteen.
COMPANDED = {"ULAW", "ALAW"}
_TAGS = (
    "title",
    "copyright",
    "software",
    "artist",
    "comment",
    "date",
    "album",
    "license",
    "tracknumber",
    "genre",
)
_BLOCK_FRAMES = 1 << 16
_UNKNOWN_FRAMES = 2**62  # libsndfile's count of a FLAC file whose head says none: it was written to a pipe


def opened(fd: int) -> Any:
    """Open a descriptor with libsndfile; the descriptor stays the caller's.

    Parameters
    ----------
    fd : int
        An open regular file.

    Raises
    ------
    Unprocessable
        ``corrupt_file``: libsndfile makes nothing of it.
    """
    import soundfile  # noqa: PLC0415

    os.lseek(fd, 0, os.SEEK_SET)
    try:
        return _straight()(fd, closefd=False)
    except soundfile.SoundFileError:
        raise damaged() from None


@functools.cache
def _straight() -> type[Any]:
    """Give a sound file that is where its last read has ended.

    soundfile seeks there once more after each read of a seekable file, which takes milliseconds in compressed
    formats and begins with a new decoder; so ours says that it is none. ``seek`` works all the same.
    """
    import soundfile  # noqa: PLC0415

    class Straight(soundfile.SoundFile):  # type: ignore[misc]
        def seekable(self) -> bool:
            return False

    return Straight


def damaged() -> Unprocessable:
    """Say that a file's own structure is broken."""
    return Unprocessable(
        "The file is damaged: its sound cannot be decoded.",
        code="corrupt_file",
        hint="Check that the upload is complete, or export the sound again.",
    )


def describe(fd: int, kind: Kind) -> Source:
    """Describe a file that libsndfile reads.

    Parameters
    ----------
    fd : int
        An open regular file; its position is moved.
    kind : Kind
        What it is by its bytes.
    """
    with opened(fd) as file:
        subtype = str(file.subtype)
        return Source(
            kind=kind,
            codec=_codec(kind, subtype),
            rate=int(file.samplerate),
            channels=int(file.channels),
            frames=None if file.frames >= _UNKNOWN_FRAMES else int(file.frames),
            bits=_BITS.get(subtype, 16),
            floating=subtype in {"FLOAT", "DOUBLE"},
        )


def _codec(kind: Kind, subtype: str) -> str:
    if kind.name == "flac":
        return "flac"
    if subtype.startswith("ALAC"):
        return "alac"
    if subtype.startswith(("PCM", "FLOAT", "DOUBLE")) or subtype in COMPANDED:
        return "pcm"
    return "mp3" if subtype.startswith("MPEG") else "adpcm"


def tags(fd: int) -> dict[str, str]:
    """Give the text tags that libsndfile finds, none for what it cannot open.

    Parameters
    ----------
    fd : int
        An open regular file; its position is moved.
    """
    try:
        with opened(fd) as file:
            return {name: str(text) for name in _TAGS if (text := getattr(file, name, ""))}
    except Unprocessable:
        return {}


def frames_of(path: str) -> tuple[int, int, int]:
    """Give ``(frames, rate, channels)`` that a finished file presents.

    Parameters
    ----------
    path : str
        A file that we have just written.
    """
    import soundfile  # noqa: PLC0415

    try:
        facts = soundfile.info(path)
    except soundfile.SoundFileError:
        raise damaged() from None
    frames = int(facts.frames)
    return 0 if frames >= _UNKNOWN_FRAMES else frames, int(facts.samplerate), int(facts.channels)


def cut(fd: int, span: Span, target: str, container: str, stopped: Callable[[], bool]) -> int:
    """Write a range of samples to a new file, keeping rate, channels, depth and text tags.

    Parameters
    ----------
    fd : int
        The open source.
    span : Span
        Which samples.
    target : str
        The file to write.
    container : str
        A key of :data:`CONTAINERS`.
    stopped : callable
        Asked between blocks.

    Returns
    -------
    int
        Samples a channel that were there and were written.

    Raises
    ------
    Unprocessable
        The source is damaged inside the range.
    Stopped
        ``stopped()`` said so.
    """
    import soundfile  # noqa: PLC0415

    with opened(fd) as source:
        subtype = _subtype(str(source.subtype), container)
        shape = {
            "samplerate": source.samplerate,
            "channels": source.channels,
            "format": CONTAINERS[container],
        }
        try:
            with soundfile.SoundFile(target, "w", subtype=subtype, **shape) as sink:
                for name in _TAGS:
                    if text := getattr(source, name, ""):
                        setattr(sink, name, text)
                return _copy(source, sink, span, subtype, stopped)
        except soundfile.SoundFileError:
            raise damaged() from None


def _copy(source: Any, sink: Any, span: Span, subtype: str, stopped: Callable[[], bool]) -> int:
    dtype = {"PCM_24": "int32", "PCM_32": "int32", "FLOAT": "float32", "DOUBLE": "float64"}.get(
        subtype, "int16"
    )
    if subtype.startswith("ALAC") and subtype != "ALAC_16":
        dtype = "int32"
    source.seek(span.first)
    left = span.frames if span.frames is not None else int(source.frames) - span.first
    written = 0
    while left > 0:
        if stopped():
            raise Stopped
        block = source.read(min(left, _BLOCK_FRAMES), dtype=dtype, always_2d=True)
        if not len(block):
            break
        sink.write(block)
        written += len(block)
        left -= len(block)
    return written


def _subtype(subtype: str, container: str) -> str:
    """Choose a sample format of the target that holds every value of the source's."""
    import soundfile  # noqa: PLC0415

    kept = subtype if subtype in _BITS or subtype in COMPANDED else "PCM_16"
    if soundfile.check_format(CONTAINERS[container], kept):
        return kept
    return {8: "PCM_U8" if container == "wav" else "PCM_S8", 24: "PCM_24"}.get(_BITS.get(kept, 16), "PCM_16")
