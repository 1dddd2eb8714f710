"""What is known about a sound before it is cut."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_nodeapi.audio.kinds import Kind

__all__ = ["Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A sound file, described.

    Parameters
    ----------
    kind : Kind
        Its container, by its bytes.
    codec : str
        ``pcm``, ``adpcm``, ``flac``, ``mp3``, ``aac`` ... in lower case.
    rate : int
        Samples a second as decoders give them.
    channels : int
        At least 1.
    frames : int or None
        Samples a channel that are presented; None where only decoding would tell.
    bits : int
        Bits a sample of a lossless source; 16 for a lossy one.
    floating : bool
        The samples are floating point.
    bitrate : int
        Bits a second of a lossy source, 0 when unknown or lossless.
    profile : str
        The codec's variant where it matters (``he-aac``), else empty.
    told_seconds : float or None
        What the container says of its duration: an estimate, good for a picture and nothing else.
    joined : bool
        Several streams follow one another: times in it mean nothing to a seek.
    """

    kind: Kind
    codec: str
    rate: int
    channels: int
    frames: int | None
    bits: int = 16
    floating: bool = False
    bitrate: int = 0
    profile: str = ""
    told_seconds: float | None = None
    joined: bool = False

    @property
    def lossless(self) -> bool:
        """Whether the codec keeps every sample."""
        return self.codec in {"pcm", "flac", "alac", "wavpack", "ape", "tta", "tak"}

    @property
    def duration(self) -> float | None:
        """Seconds that are presented, None where only decoding would tell."""
        return None if self.frames is None else self.frames / self.rate
