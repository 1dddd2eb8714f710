"""Every way a request can fail, in one tree.

::

    NodeApiError
    ├── 400 InvalidJSON  InvalidParameter  InvalidPath  InvalidRange  InvalidMultipart
    ├── 403 ReadOnly  Forbidden
    ├── 404 NotFound
    ├── 405 MethodNotAllowed
    ├── 409 Conflict
    ├── 410 Gone
    ├── 412 PreconditionFailed
    ├── 413 TooLarge
    ├── 415 UnsupportedMedia
    ├── 416 RangeNotSatisfiable
    ├── 422 Unprocessable
    ├── 429 Busy
    ├── 501 FFmpegMissing
    ├── 503 Unavailable
    ├── 504 TimedOut
    └── 507 InsufficientStorage

An error knows its status, its stable ``code``, a sentence for a person, a hint that says what
to do next, and whether the same request may succeed later. It is raised where the cause is
known and rendered once, in :mod:`jupyter_nodeapi.web.handler`. Errors of the machine become
one of these in :mod:`jupyter_nodeapi.disk.faults`: the operating system's own text holds paths.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "Busy",
    "Conflict",
    "FFmpegMissing",
    "Forbidden",
    "Gone",
    "InsufficientStorage",
    "InvalidJSON",
    "InvalidMultipart",
    "InvalidParameter",
    "InvalidPath",
    "InvalidRange",
    "MethodNotAllowed",
    "NodeApiError",
    "NotFound",
    "PreconditionFailed",
    "RangeNotSatisfiable",
    "ReadOnly",
    "TimedOut",
    "TooLarge",
    "Unavailable",
    "Unprocessable",
    "UnsupportedMedia",
]


class NodeApiError(Exception):
    """A failure that is told to the caller as it is.

    Parameters
    ----------
    message : str, optional
        What happened, one sentence without a path of the server. Default: the class's sentence.
    code : str, optional
        A more exact stable word than the class's own.
    hint : str, optional
        What to do about it.
    retry_after : int, optional
        Seconds after which the same request may succeed; sent as ``Retry-After``.
    **details
        Additional fields of the JSON reply, such as ``field`` or ``duration``.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"
    sentence: ClassVar[str] = "Something went wrong on the server."
    hint: str | None = "Look for the requestId in the server's log."
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        hint: str | None = None,
        retry_after: int | None = None,
        **details: Any,
    ) -> None:
        self.message = message or self.sentence
        self.code = code or self.code
        self.hint = hint or self.hint
        self.retry_after = retry_after
        self.details = details
        super().__init__(self.message)


class InvalidJSON(NodeApiError):
    """The body is not one RFC 8259 JSON text."""

    status = 400
    code = "invalid_json"
    sentence = "The body is not valid JSON."
    hint = "Send one RFC 8259 JSON value: no NaN, no duplicate keys, UTF-8 without a BOM."


class InvalidParameter(NodeApiError):
    """A field or argument has the wrong type or value, or is missing."""

    status = 400
    code = "invalid_parameter"
    sentence = "A parameter is missing or has a wrong value."
    hint = "Compare the request with GET /api/nodeapi/openapi.json."


class InvalidPath(NodeApiError):
    """A path that can never name a file here."""

    status = 400
    code = "invalid_path"
    sentence = "This path cannot be used."
    hint = "Use a relative path of plain names, separated by '/', without '..'."


class InvalidRange(NodeApiError):
    """A range whose start is not before its end."""

    status = 400
    code = "invalid_range"
    sentence = "The range is empty or negative."
    hint = "Give 0 <= start < end, in seconds or as [[HH:]MM:]SS[.mmm]."


class InvalidMultipart(NodeApiError):
    """A form that breaks RFC 7578."""

    status = 400
    code = "invalid_multipart"
    sentence = "The form data is malformed."
    hint = "Send multipart/form-data with a boundary and each field once."


class ReadOnly(NodeApiError):
    """The server may not write there."""

    status = 403
    code = "read_only"
    sentence = "The server has no permission to write there."
    hint = "Run 'jupyter nodeapi doctor' on the server: it names the folder and the fix."


class Forbidden(NodeApiError):
    """The caller may not do this."""

    status = 403
    code = "forbidden"
    sentence = "You may not do this."
    hint = "Send 'Authorization: token ...', or the X-XSRFToken header beside the cookie."


class NotFound(NodeApiError):
    """What was asked for does not exist, or is not the caller's to see."""

    status = 404
    code = "not_found"
    sentence = "Nothing with this name exists here."
    hint = "List what exists and check the spelling."


class MethodNotAllowed(NodeApiError):
    """The route does not know this verb."""

    status = 405
    code = "method_not_allowed"
    sentence = "This route does not take this HTTP method."
    hint = "See GET /api/nodeapi/openapi.json."


class Conflict(NodeApiError):
    """The request contradicts what exists."""

    status = 409
    code = "conflict"
    sentence = "This contradicts what already exists."
    hint = "Read the current state and decide again."


class Gone(NodeApiError):
    """It was cancelled or has expired."""

    status = 410
    code = "gone"
    sentence = "This was cancelled or has expired."
    hint = "Start again from the beginning."


class PreconditionFailed(NodeApiError):
    """``If-Match`` or ``If-None-Match`` does not hold."""

    status = 412
    code = "precondition_failed"
    sentence = "The file is not in the state your request expects."
    hint = "Read it again and repeat the change on the new version."


class TooLarge(NodeApiError):
    """A limit of size."""

    status = 413
    code = "too_large"
    sentence = "This is larger than the server accepts."
    hint = "Send less, or in smaller pieces; the limits are in GET /api/nodeapi."


class UnsupportedMedia(NodeApiError):
    """Bytes of a kind that this route cannot use."""

    status = 415
    code = "unsupported_media"
    sentence = "This kind of data is not supported here."
    hint = "GET /api/nodeapi/openapi.json says what this route takes."


class RangeNotSatisfiable(NodeApiError):
    """The range lies behind the end of the file."""

    status = 416
    code = "range_not_satisfiable"
    sentence = "The range lies behind the end of the file."
    hint = "Content-Range says how long the file is."


class Unprocessable(NodeApiError):
    """Understood, and impossible for this data."""

    status = 422
    code = "unprocessable"
    sentence = "The data does not allow this."
    hint = "Send other data, or ask for something else of it."


class Busy(NodeApiError):
    """More than the server does at once."""

    status = 429
    code = "busy"
    sentence = "The server is busy with other requests of this kind."
    hint = "Try again after the seconds in Retry-After."
    retryable = True


class FFmpegMissing(NodeApiError):
    """The one program that this needs is not there."""

    status = 501
    code = "ffmpeg_missing"
    sentence = "This format needs FFmpeg, and the server has none."
    hint = "In the server's environment: pip install 'jupyter_nodeapi[ffmpeg]'."


class Unavailable(NodeApiError):
    """Not now: stopping, or out of a resource."""

    status = 503
    code = "unavailable"
    sentence = "The server cannot do this right now."
    hint = "Try again after the seconds in Retry-After."
    retryable = True


class TimedOut(NodeApiError):
    """It took longer than the server allows."""

    status = 504
    code = "timeout"
    sentence = "This took longer than the server allows."
    hint = "Ask for less, or raise the limit in the server's configuration."


class InsufficientStorage(NodeApiError):
    """No space, or no quota."""

    status = 507
    code = "insufficient_storage"
    sentence = "The server has not enough free disk space for this."
    hint = "Free some space on the server and go on: nothing sent so far is lost."
    retryable = True
