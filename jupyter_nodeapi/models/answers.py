"""What a server's answer to a request for bytes means.

Transient: 408, 425, 429, 5xx, and a link that expired on the way (401 and 403 from the place a redirect led
to: the next try resolves it anew). Permanent: the other 4xx, a body that is compressed although we forbade
it, and a page of HTML where a model was promised, which is what login pages and proxies send.
"""

from __future__ import annotations

import email.utils
import re
import time
from typing import NoReturn

import urllib3

from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from jupyter_nodeapi.models.schemas import PlannedFile

__all__ = ["check_answer", "retry_after"]

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_TRANSIENT = {408, 421, 423, 425, 429}
_WORST_WAIT = 3600
_REFUSALS: dict[int, tuple[str, str, str]] = {
    401: (
        "auth_required",
        "The model's server asks for a login.",
        "Set HF_TOKEN for the server, or check the model's page.",
    ),
    403: (
        "access_denied",
        "The model's server refuses access.",
        "Check the model's page: it may ask to accept a licence.",
    ),
    404: (
        "file_not_found",
        "The model's server does not know this file.",
        "The registry entry may be out of date.",
    ),
    410: ("file_not_found", "The model was removed by its server.", "The registry entry may be out of date."),
    451: ("access_denied", "The model is withheld for legal reasons.", "Choose another model."),
}


def check_answer(
    response: urllib3.BaseHTTPResponse, file: PlannedFile, *, redirected: bool = False
) -> tuple[int, int | None]:
    """Give the offset of the body's first byte and the size of the whole file, where anybody says it.

    Parameters
    ----------
    response : urllib3.BaseHTTPResponse
        Its body is unread.
    file : PlannedFile
        What was asked for.
    redirected : bool
        The answer comes from where a redirect led: its 401 and 403 mean a signed link that has expired.

    Raises
    ------
    SourceUnavailable
        It may go better later.
    SourceRefused
        It will not.
    """
    if response.status not in {200, 206}:
        _refuse(response, redirected=redirected)
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in {"", "identity"}:
        raise SourceRefused("The model's server sent compressed data, unasked.", code="unexpected_encoding")
    _check_type(response, file)
    offset, total = _extent(response)
    return offset, total if total is not None else file.size


def retry_after(value: str | None, now: float | None = None) -> int | None:
    """Give the seconds that a ``Retry-After`` header asks for, at most an hour; a date counts from `now`."""
    if value is None:
        return None
    if value.strip().isdigit():
        seconds = float(value)
    else:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - (
                time.time() if now is None else now
            )
        except (TypeError, ValueError):
            return None
    return int(max(0, min(_WORST_WAIT, seconds)) + 0.999)


def _extent(response: urllib3.BaseHTTPResponse) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status == 206 and match:
        return int(match[1]), None if match[3] == "*" else int(match[3])
    if response.status == 206:
        raise SourceUnavailable("The model's server answered with an unknown part of the file.")
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _check_type(response: urllib3.BaseHTTPResponse, file: PlannedFile) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"} and not file.path.lower().endswith((".html", ".htm")):
        raise SourceRefused(
            "A web page came instead of the model.",
            code="html_page",
            hint="A proxy or a login page answered; open the model's page from the server's network.",
        )


def _refuse(response: urllib3.BaseHTTPResponse, *, redirected: bool) -> NoReturn:
    status = response.status
    if redirected and status in {401, 403}:
        raise SourceUnavailable("The link to the file has expired.", code="link_expired", retry_after=0)
    if status in _TRANSIENT or status >= 500:
        busy = status in {429, 503}
        raise SourceUnavailable(
            "The model's server is busy." if busy else f"The model's server failed (HTTP {status}).",
            code="source_busy" if busy else "source_failed",
            retry_after=retry_after(response.headers.get("Retry-After")),
        )
    raise _refusal(status)


def _refusal(status: int) -> NodeApiError:
    code, message, hint = _REFUSALS.get(
        status, ("source_refused", f"The model's server refused the request (HTTP {status}).", None)
    )
    return SourceRefused(message, code=code, hint=hint)
