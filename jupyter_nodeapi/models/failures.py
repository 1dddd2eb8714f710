"""How bringing a model here fails: for now, or for good.

::

    SourceUnavailable (retryable)  cut, stalled, busy, broken on the way: the same request may succeed later
    SourceRefused                  refused, gone, or lying: trying again brings the same
"""

from __future__ import annotations

from jupyter_nodeapi.errors import Unavailable, Unprocessable

__all__ = ["SourceRefused", "SourceUnavailable", "cut_short"]


class SourceUnavailable(Unavailable):
    """The place that serves the file cannot do so now."""

    code = "source_unavailable"
    sentence = "The server that holds this model did not deliver it."
    hint = "Try again; the bytes that have arrived are kept."


class SourceRefused(Unprocessable):
    """The place that serves the file will never deliver these bytes like this."""

    code = "source_refused"
    sentence = "The server that holds this model refused to deliver it."
    hint = "Check the model's page and its registry entry."


def cut_short() -> SourceUnavailable:
    """Give what to raise for a body that ended before the file did."""
    return SourceUnavailable("The connection ended before the file did.", code="connection_lost")
