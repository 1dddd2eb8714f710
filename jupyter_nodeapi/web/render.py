"""The one picture of an error: which words each failure becomes on the wire."""

from __future__ import annotations

from http.client import responses
from typing import Any

from tornado.web import HTTPError, MissingArgumentError

from jupyter_nodeapi.disk.faults import from_os_error
from jupyter_nodeapi.errors import (
    Forbidden,
    InvalidParameter,
    MethodNotAllowed,
    NodeApiError,
    NotFound,
    TooLarge,
)

__all__ = ["as_error", "fields"]


def as_error(error: BaseException | None, status: int = 500) -> NodeApiError:
    """Give the API's own error for anything that a handler can raise.

    Parameters
    ----------
    error : BaseException or None
        Ours, Tornado's, the machine's, or a bug.
    status : int
        The status that Tornado chose, when there is no exception.
    """
    if isinstance(error, NodeApiError):
        return error
    if isinstance(error, MissingArgumentError):
        return InvalidParameter(f"The argument '{error.arg_name}' is missing.", field=error.arg_name)
    if isinstance(error, HTTPError):
        return _from_http(error)
    if isinstance(error, (OSError, UnicodeError)):
        return from_os_error(error)
    return NodeApiError() if status >= 500 else _plain(status, responses.get(status, "Refused"))


def _from_http(error: HTTPError) -> NodeApiError:
    message = error.get_message() or ""
    if error.status_code == 403 and ("xsrf" in message.lower() or not message):
        return Forbidden("The request carries no valid token, and no matching X-XSRFToken header.")
    named: dict[int, type[NodeApiError]] = {
        403: Forbidden,
        404: NotFound,
        405: MethodNotAllowed,
        413: TooLarge,
    }
    if error.status_code in named:
        return named[error.status_code]()
    if error.status_code >= 500:
        return NodeApiError()
    return _plain(error.status_code, message or responses.get(error.status_code, "Refused"))


def _plain(status: int, message: str) -> NodeApiError:
    """Keep a status of Tornado's that has no class of its own, such as 400 for a bad escape."""
    plain = InvalidParameter(message)
    plain.status = status  # type: ignore[misc]  # one instance differs from its class
    return plain


def fields(error: NodeApiError, request_id: str) -> dict[str, Any]:
    """Give the JSON object of an error reply."""
    return {
        **error.details,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "retryable": error.retryable,
        "requestId": request_id,
    }
