"""The kinds of sound files we know, one line each: how FFmpeg must open them and what comes out.

A kind is decided by :mod:`.sniff` from a file's own bytes. ``demuxer`` is the only one that
FFmpeg is allowed for such a file; ``sndfile`` says that libsndfile reads it *and* counts its
samples right (it guesses the length of an MP3 without an index, so MP3 is not among them).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A container as its bytes say."""

    name: str
    demuxer: str
    sndfile: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("wav", "wav", sndfile=True),
        Kind("rf64", "wav", sndfile=True),
        Kind("w64", "w64", sndfile=True),
        Kind("aiff", "aiff", sndfile=True),
        Kind("au", "au", sndfile=True),
        Kind("caf", "caf", sndfile=True),
        Kind("flac", "flac", sndfile=True),
        Kind("mp3", "mp3"),
        Kind("adts", "aac"),
        Kind("mp4", "mov"),
        Kind("ogg", "ogg"),
        Kind("matroska", "matroska"),
        Kind("asf", "asf"),
        Kind("amr", "amr"),
        Kind("ac3", "ac3"),
        Kind("eac3", "eac3"),
        Kind("avi", "avi"),
        Kind("flv", "flv"),
        Kind("mpegts", "mpegts"),
        Kind("mpegps", "mpeg"),
        Kind("wavpack", "wv"),
        Kind("ape", "ape"),
        Kind("tta", "tta"),
        Kind("tak", "tak"),
        Kind("dsf", "dsf"),
        Kind("musepack", "mpc8"),
    )
}
