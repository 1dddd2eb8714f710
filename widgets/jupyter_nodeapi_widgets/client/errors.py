"""Every way a call can fail, as one small tree.

::

    ApiError                 a sentence, a stable code, a hint, the HTTP status (0: no answer came)
    ├── NoServer             there is nobody to talk to, or not in this way
    └── JobFailed            the job was accepted, and ended badly

No error holds the token: neither its text, nor its attributes, nor what it was raised from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["ApiError", "JobFailed", "NoServer", "refusal"]

_RETRYABLE = frozenset({0, 408, 429, 502, 503, 504})
_WHICH_KEY = "Give the right token: NodeApi(url, token), or JUPYTER_NODEAPI_TOKEN in the kernel."


class ApiError(Exception):
    """A call that failed.

    Parameters
    ----------
    message : str
        What happened, in one sentence.
    code : str
        A stable word for programs.
    hint : str
        What to do about it; may be empty.
    status : int
        The HTTP status; 0 when no answer came.
    retry_after : float, optional
        Seconds after which the server wants to be asked again.
    details : mapping, optional
        The other fields of the server's answer.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str = "",
        status: int = 0,
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.status = status
        self.retry_after = retry_after
        self.details = dict(details or {})

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return bool(self.details.get("retryable", self.status in _RETRYABLE))

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip() + f" [{self.code}]"


class NoServer(ApiError):
    """There is no server to talk to: none was found, none answers, or it does not know the API."""


class JobFailed(ApiError):
    """A job ended in an error, or was cancelled."""


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Give the error that an answer with a status of 300 or more means.

    Parameters
    ----------
    status : int
        Of the answer.
    headers : mapping
        Names in lower case.
    body : bytes
        JSON of the API, or whatever a proxy or a login page put there.
    """
    told = _object(body)
    if "code" in told:
        return ApiError(
            str(told.get("message") or told.get("error") or "The server refused."),
            code=str(told["code"]),
            hint=str(told.get("hint") or ""),
            status=status,
            retry_after=_seconds(headers.get("retry-after")),
            details=told,
        )
    message, code, hint = _known(status)
    kind = ApiError if status in {408, 413, 429} else NoServer
    after = _seconds(headers.get("retry-after"))
    return kind(message, code=code, hint=hint, status=status, retry_after=after)


def _known(status: int) -> tuple[str, str, str]:
    """Tell what an answer means that the API itself cannot have given."""
    if 300 <= status < 400:
        return "The server sends us to a login page: the login has expired.", "login_expired", _WHICH_KEY
    if status in {401, 403}:
        return "The server does not accept the token.", "token", _WHICH_KEY
    if status == 404:
        hint = "Install it where the server runs (pip install jupyter_nodeapi) and start the server again."
        return "This Jupyter server has no jupyter_nodeapi extension.", "extension_missing", hint
    if status == 413:
        return "Something on the way takes no body that large.", "too_large", "Send less at once."
    if status in {424, 502, 503, 504}:
        return "The server is not running.", "unreachable", "Start it, or let the Hub start it."
    return f"The server answered {status}.", f"http_{status}", "Look into the server's log."


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
