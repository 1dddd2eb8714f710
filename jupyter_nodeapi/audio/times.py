"""When a cut begins and ends: seconds of the caller become whole samples of the file.

``t = 0`` is the first sample that is *presented* (encoder delay, edit list and pre-skip
removed), a time names the sample ``round(t * rate)``, and a range is half-open::

    0        first                 last      total
    |----------[====================)----------|
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from jupyter_nodeapi.errors import InvalidParameter, InvalidRange, Unprocessable

__all__ = ["LONGEST_SECONDS", "Span", "out_of_range", "range_of", "seconds_of", "span_of"]

#: No sound is longer (31 years); beyond it FFmpeg's own numbers break.
LONGEST_SECONDS = 1e9

_CLOCK = re.compile(r"(?:(?:([0-9]{1,6}):)?([0-9]{1,6}):)?([0-9]{1,12})(\.[0-9]{1,30})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of samples ``[first, last)`` at ``rate`` samples a second.

    ``last`` is None where the end is the end of the file and its length is not known yet;
    ``clamped`` says that the caller asked for more than there is.
    """

    first: int
    last: int | None
    rate: int
    clamped: bool = False

    @property
    def frames(self) -> int | None:
        """Samples a channel, or None up to an unknown end."""
        return None if self.last is None else self.last - self.first


def seconds_of(value: float | str, field: str) -> float:
    """Read a time as the API takes it.

    Parameters
    ----------
    value : float or str
        Seconds, or ``[[HH:]MM:]SS[.mmm]`` in ASCII digits.
    field : str
        The name of the parameter, for the error.

    Raises
    ------
    InvalidParameter
        Not a finite number and not such a string.
    InvalidRange
        Negative, or longer than any sound.
    """
    time = _clock(value, field) if isinstance(value, str) else _number(value, field)
    if not 0 <= time <= LONGEST_SECONDS:
        raise InvalidRange(f"'{field}' is negative or longer than any sound.", field=field)
    return time


def _number(value: float, field: str) -> float:
    if isinstance(value, bool):
        raise InvalidParameter(f"'{field}' must be a number of seconds.", field=field)
    try:
        time = float(value)
    except OverflowError:
        time = math.inf
    if not math.isfinite(time):
        raise InvalidParameter(f"'{field}' must be a finite number of seconds.", field=field)
    return time


def _clock(text: str, field: str) -> float:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise _not_a_time(field)
    hours, minutes, whole, rest = match.groups(default="")
    if (minutes and float(whole) >= 60) or (hours and int(minutes) >= 60):
        raise _not_a_time(field)
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(whole + rest)


def _not_a_time(field: str) -> InvalidParameter:
    return InvalidParameter(
        f"'{field}' is not a time.", hint="Give seconds or [[HH:]MM:]SS[.mmm].", field=field
    )


def range_of(start: float | str, end: float | str | None) -> tuple[float, float | None]:
    """Seconds of the two times of a request; ``end`` None stays so.

    Raises
    ------
    InvalidParameter, InvalidRange
        As :func:`seconds_of`; or the end is not behind the start.
    """
    first = seconds_of(start, "start")
    last = None if end is None else seconds_of(end, "end")
    if last is not None and last <= first:
        raise InvalidRange
    return first, last


def span_of(start: float, end: float | None, rate: int, total: int | None) -> Span:
    """Which samples ``[start, end)`` seconds are.

    Parameters
    ----------
    start, end : float
        Seconds; ``end`` None is the end of the file.
    rate : int
        Samples a second.
    total : int or None
        Samples a channel that the file presents, None when only decoding would tell.

    Raises
    ------
    InvalidRange
        Less than one sample is left.
    Unprocessable
        ``out_of_range``, with the file's ``duration``: the range begins at or past the end.
    """
    if end is not None and end <= start:
        raise InvalidRange
    first = round(start * rate)
    last = None if end is None else round(end * rate)
    if total is not None and first >= total:
        raise out_of_range(total / rate)
    if last is not None and last <= first:
        raise InvalidRange("The range is shorter than one sample.")
    if total is None:
        return Span(first, last, rate)
    wanted = total if last is None else last
    return Span(first, min(wanted, total), rate, clamped=wanted > total)


def out_of_range(duration: float) -> Unprocessable:
    """Say that a range begins past the end of the sound.

    Parameters
    ----------
    duration : float
        What the file really presents, in seconds.
    """
    return Unprocessable(
        "The range begins at or after the end of the sound.",
        code="out_of_range",
        hint="Choose a start before 'duration'.",
        duration=round(duration, 6),
    )
