"""HTTP as the client needs it: the standard library's, with connections that are kept for the next call.

::

    Http.send(...)  ->  Reply     the whole body
    Http.open(...)  ->  Stream    the body piece by piece; close it

A connection that the server closed while it was idle is noticed before it is used again. Failures of the
network become :class:`ApiError` *after* the exception of the library is gone: its frames hold the header with
the token, and a verbose traceback would print them.
"""

from __future__ import annotations

import http.client
import json
import select
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_nodeapi_widgets.client.address import Address
from jupyter_nodeapi_widgets.client.connections import connect
from jupyter_nodeapi_widgets.client.errors import ApiError, NoServer, refusal

__all__ = ["Http", "Reply", "Stream"]

_BLOCK = 256 * 1024
_SAFE_TWICE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_Failure = (OSError, http.client.HTTPException)


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
        except _Failure:
            broken = True
        if broken:
            raise _lost()
        return piece

    def lines(self) -> Iterator[str]:
        """Give line after line of a text without their ends, as soon as each is there."""
        while True:
            try:
                line = self._response.readline()
            except _Failure:
                line = None
            if line is None:
                raise _lost()
            if not line:
                return
            yield line.decode("utf-8", "replace").rstrip("\r\n")

    def close(self) -> None:
        """Let the connection go."""
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Stream:  # noqa: PYI034  (Self is younger than our oldest Python)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Http:
    """Speaks to one server; may be used from any thread.

    Parameters
    ----------
    address : Address
        The server.
    timeout : float
        Seconds of silence after which a call is given up.
    """

    def __init__(self, address: Address, timeout: float = 60.0) -> None:
        self.address = address
        self.timeout = timeout
        self._idle: list[http.client.HTTPConnection] = []
        self._finish = weakref.finalize(self, _close_all, self._idle)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Send one request and give the whole answer, of whatever status.

        Raises
        ------
        NoServer
            No answer came.
        """
        kept = self._idle_one()
        for connection in (kept, None):
            if connection is None and kept is not None and method not in _SAFE_TWICE:
                break
            fresh = connection or connect(self.address, self.timeout)
            self._patience(fresh, timeout or self.timeout)
            reply = self._once(fresh, method, path, body, headers)
            if reply is not None:
                self._idle.append(fresh)
                return reply
            if connection is None:
                break
        raise self._silent()

    def open(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Send one request and give the answer with its body still to be read.

        Parameters
        ----------
        method, path : str
            As they stand; the path is below the server's base.
        body : bytes, file object or iterable of bytes, optional
            A file object or iterable needs a ``Content-Length`` in `headers`.
        headers : mapping, optional
            Sent beside the token.
        timeout : float, optional
            Seconds of silence.

        Raises
        ------
        NoServer
            No answer came.
        ApiError
            The answer is a refusal.
        """
        connection = connect(self.address, self.timeout)
        connection.timeout = timeout or self.timeout
        try:
            connection.request(method, self._target(path), body, self._headers(headers))
            stream = Stream(connection.getresponse(), connection)
        except _Failure:
            connection.close()
            stream = None
        if stream is None:
            raise self._silent()
        if stream.status >= 300:
            with stream:
                raise refusal(stream.status, stream.headers, stream.read(1 << 20))
        return stream

    @staticmethod
    def _patience(connection: http.client.HTTPConnection, seconds: float) -> None:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)

    def _once(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Reply | None:
        stopped = False
        try:
            connection.request(method, self._target(path), body, self._headers(headers))
            response = connection.getresponse()
            got = response.read()
        except _Failure:
            connection.close()
            return None
        except KeyboardInterrupt:  # half an answer is of no use to the next call
            stopped = True
        if stopped:
            connection.close()
            raise KeyboardInterrupt
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, got)

    def close(self) -> None:
        """Close the connections that are kept; the next call opens a new one."""
        _close_all(self._idle)

    def _idle_one(self) -> http.client.HTTPConnection | None:
        """Give a kept connection that the server has not closed meanwhile."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            try:
                stale = connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])
            except (OSError, ValueError):
                stale = True
            if not stale:
                return connection
            connection.close()
        return None

    def _target(self, path: str) -> str:
        return self.address.base + path.lstrip("/")

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        token = self.address.token
        key = {"Authorization": f"token {token.reveal()}"} if token else {}
        return {"Accept": "application/json, */*;q=0.5", **(more or {}), **key}

    def _silent(self) -> NoServer:
        return NoServer(
            f"The Jupyter server at {self.address.place} does not answer.",
            code="unreachable",
            hint="Is it running, and can this kernel reach it? JUPYTER_NODEAPI_URL names another one.",
        )


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _lost() -> ApiError:
    message = "The connection broke before the answer was whole."
    return ApiError(message, code="connection_lost", hint="Try again.")
