"""One connection to a server: over TCP, TLS or a unix socket."""

from __future__ import annotations

import http.client
import socket
import ssl

from jupyter_nodeapi_widgets.client.address import Address

__all__ = ["connect"]


def connect(where: Address, timeout: float) -> http.client.HTTPConnection:
    """Give a connection that opens itself with its first request.

    Parameters
    ----------
    where : Address
        The server.
    timeout : float
        Seconds of silence.
    """
    if where.sock:
        return _UnixConnection(where.sock, timeout=timeout)
    if where.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(where.host, where.port, timeout=timeout, context=context)
    return _Connection(where.host, where.port, timeout=timeout)


class _Connection(http.client.HTTPConnection):
    """Sends head and body without waiting for the other side in between."""

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _UnixConnection(http.client.HTTPConnection):
    """The same over a socket in the file system."""

    def __init__(self, sock: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = sock

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
