"""What a server answers: whole, or piece by piece."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_nodeapi_widgets.client.errors import ApiError

__all__ = ["FAILURES", "Reply", "Stream"]

FAILURES = (OSError, http.client.HTTPException)

_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Parameters
    ----------
    status : int
        HTTP status.
    headers : dict
        Names in lower case.
    body : bytes
        All of it.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is below 300."""
        return self.status < 300

    def json(self) -> Any:
        """Give the body as the JSON value that it is.

        Raises
        ------
        ApiError
            It is none: something else than the API answered.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise ApiError(
                "The server's answer is not JSON.", code="not_json", hint="Is it a Jupyter server?"
            ) from None


class Stream:
    """An answer whose body is read piece by piece; a context manager.

    Parameters
    ----------
    response : http.client.HTTPResponse
        Of which only the head was read.
    connection : http.client.HTTPConnection
        Belongs to this answer alone, and is closed with it.
    """

    def __init__(self, response: http.client.HTTPResponse, connection: http.client.HTTPConnection) -> None:
        self._response = response
        self._connection = connection
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    @property
    def length(self) -> int | None:
        """Bytes that are still to come; None when the server does not say."""
        return self._response.length

    def read(self, size: int = _BLOCK) -> bytes:
        """Give up to `size` more bytes; none at the end.

        Raises
        ------
        ApiError
            The connection broke before the end.
        """
        try:
            piece = self._response.read(size)
            broken = not piece and bool(self._response.length)
        except FAILURES:
            broken = True
        if broken:
            raise _lost()
        return piece

    def lines(self) -> Iterator[str]:
        """Give line after line of a text without their ends, as soon as each is there."""
        while True:
            try:
                line = self._response.readline()
            except FAILURES:
                line = None
            if line is None:
                raise _lost()
            if not line:
                return
            yield line.decode("utf-8", "replace").rstrip("\r\n")

    def reply(self) -> Reply:
        """Read the rest and give it as a whole answer.

        Raises
        ------
        ApiError
            The connection broke before the end.
        """
        return Reply(self.status, self.headers, b"".join(iter(self.read, b"")))

    def close(self) -> None:
        """Let the connection go."""
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Stream:  # noqa: PYI034  (Self is younger than our oldest Python)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lost() -> ApiError:
    message = "The connection broke before the answer was whole."
    return ApiError(message, code="connection_lost", hint="Try again.")
