"""HTTP as the client needs it: the standard library's, with connections that are kept for the next call.

::

    Http.send(...)  ->  Reply     the whole body
    Http.open(...)  ->  Stream    the body piece by piece; close it

A connection that the server closed while it was idle is noticed before it is used again.

Nobody sees the token, not even in a verbose traceback that prints the variables of each frame: it is in
frames of the library only while that takes the head of a request, once the connection stands and before the
body goes out. What happens in between, Ctrl-C too, is raised anew when those frames are gone.
"""

from __future__ import annotations

import contextlib
import http.client
import select
import ssl
import weakref
from collections.abc import Iterable, Mapping
from typing import IO

from jupyter_nodeapi_widgets.client.address import Address
from jupyter_nodeapi_widgets.client.connections import connect
from jupyter_nodeapi_widgets.client.errors import NoServer, refusal
from jupyter_nodeapi_widgets.client.reply import FAILURES, Reply, Stream

__all__ = ["Http"]

_SAFE_TWICE = frozenset({"GET", "HEAD", "PUT", "DELETE"})

Body = bytes | bytearray | memoryview | IO[bytes] | Iterable[bytes]


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
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Send one request and give the answer with its body still to be read.

        Parameters
        ----------
        method, path : str
            As they stand; the path is below the server's base.
        body : bytes, file object or iterable of bytes, optional
            All but bytes need a ``Content-Length`` in `headers`.
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
        stream = None
        try:
            stream = Stream(self._ask(connection, method, path, body, headers), connection)
        except FAILURES:
            pass
        finally:
            if stream is None:
                connection.close()
        if stream is None:
            raise self._silent()
        if stream.status >= 300:
            with stream:
                raise refusal(stream.status, stream.headers, stream.read(1 << 20))
        return stream

    def close(self) -> None:
        """Close the connections that are kept; the next call opens a new one."""
        _close_all(self._idle)

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
        reply = None
        try:
            response = self._ask(connection, method, path, body, headers)
            told = {name.lower(): value for name, value in response.getheaders()}
            reply = Reply(response.status, told, response.read())
        except FAILURES:
            pass
        finally:
            if reply is None:  # half an answer is of no use to the next call
                connection.close()
        return reply

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Body | None,
        headers: Mapping[str, str] | None,
    ) -> http.client.HTTPResponse:
        self._reach(connection)
        sent = dict(headers or {})
        if isinstance(body, (bytes, bytearray, memoryview)):
            sent["Content-Length"] = str(len(body))
        self._head(connection, method, path, sent)
        with contextlib.suppress(ConnectionError):  # who refuses may do so before the body is whole
            if body is not None:
                connection.send(body)
        return connection.getresponse()

    def _reach(self, connection: http.client.HTTPConnection) -> None:
        if connection.sock is not None:
            return
        trusted = True
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            trusted = False
        if not trusted:
            raise NoServer(
                f"This kernel does not trust the certificate of the server at {self.address.place}.",
                code="certificate",
                hint="Set SSL_CERT_FILE in the kernel to the file of that certificate, or of who signed it.",
            )

    def _head(
        self, connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str]
    ) -> None:
        stopped = broken = False
        try:
            connection.putrequest(method, self.address.base + path.lstrip("/"))
            connection.putheader("Accept", headers.get("Accept", "application/json, */*;q=0.5"))
            for name, value in headers.items():
                if name != "Accept":
                    connection.putheader(name, value)
            if self.address.token:
                connection.putheader("Authorization", f"token {self.address.token.reveal()}")
            connection.endheaders()
        except FAILURES:
            broken = True
        except KeyboardInterrupt:
            stopped = True
        if stopped:
            raise KeyboardInterrupt
        if broken:
            raise ConnectionError

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

    def _silent(self) -> NoServer:
        return NoServer(
            f"The Jupyter server at {self.address.place} does not answer.",
            code="unreachable",
            hint="Is it running, and can this kernel reach it? JUPYTER_NODEAPI_URL names another one.",
        )


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()
