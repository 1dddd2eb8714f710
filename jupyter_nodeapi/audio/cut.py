"""The cut in hand, and what came of it: the two values that every strategy shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from jupyter_nodeapi.audio.child import Limits
from jupyter_nodeapi.audio.formats import FORMATS, Format, same_format
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.audio.spec import TrimSpec
from jupyter_nodeapi.audio.times import Span
from jupyter_nodeapi.jobs.engines import Report

__all__ = ["Cut", "Outcome", "Strategy"]

_ROOM = 64 << 20


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut to make, with the source open.

    Parameters
    ----------
    fd : int
        The source: the very file that was looked at, whatever its name means meanwhile.
    part : str
        Where the result is to be written; its final name comes later, by rename.
    """

    fd: int
    source: Source
    span: Span
    spec: TrimSpec
    part: str
    report: Report
    stopped: Callable[[], bool]

    @property
    def same(self) -> bool:
        """Whether the result stays in the source's own container."""
        return self.spec.format in {"same", self.source.kind.name}

    @property
    def form(self) -> Format:
        """What an encoder has to write."""
        return same_format(self.source) if self.spec.format == "same" else FORMATS[self.spec.format]

    @property
    def limits(self) -> Limits:
        """What a child process may use for this cut."""
        frames = self.span.frames or int(self.spec.timeout_seconds * 1000) * self.span.rate
        return Limits(self.spec.timeout_seconds, frames * 8 * max(2, self.source.channels) + _ROOM)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a strategy wrote.

    Parameters
    ----------
    extension : str
        Of the real container.
    frames, rate, channels : int
        What the result presents.
    method : str
        ``slice``, ``gapless-copy`` or ``reencode``.
    exact : bool
        The result is the asked samples, none more, none fewer, none shifted.
    lossless : bool
        No value of a sample was changed on the way.
    clamped : bool
        The source turned out to end before the range, whatever its header says.
    """

    extension: str
    frames: int
    rate: int
    channels: int
    method: str
    exact: bool
    lossless: bool
    clamped: bool = False


Strategy: TypeAlias = Callable[[Cut], Outcome | None]
