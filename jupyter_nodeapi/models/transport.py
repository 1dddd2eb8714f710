"""HTTP for bytes: guarded connections, redirects by hand, an abort from another thread.

A :class:`Client` serves one job. It asks :class:`~jupyter_nodeapi.models.addresses.Addresses` about every
hop and every connected peer, sends a secret only to the origin that it belongs to, never lets a server
compress the body, and can be aborted while a read is stalled: it keeps a second handle on each socket, and
shutting that down ends the read at once, under TLS too.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

import msgspec
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from jupyter_nodeapi.models.addresses import Addresses, origin_of
from jupyter_nodeapi.models.certificates import tls_context
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable

__all__ = ["Answer", "Client", "Secret", "network_errors", "read_into"]

Answer: TypeAlias = tuple[urllib3.BaseHTTPResponse, int]
"""A response whose body is unread, and how many redirects led to it."""

_HOPS = 10
_REDIRECTS = {301, 302, 303, 307, 308}


class Secret(msgspec.Struct, frozen=True):
    """A bearer token and the one origin that may see it. It is never shown, stored or logged."""

    origin: str
    token: str

    def __repr__(self) -> str:
        return f"Secret({self.origin})"


class Client:
    """Opens responses for one job.

    Parameters
    ----------
    addresses : Addresses
        Where connections may lead.
    secret : Secret, optional
        A token for one origin.
    connect_seconds, read_seconds : float
        How long to wait for a connection, and for each next piece of an answer.
    """

    def __init__(
        self,
        addresses: Addresses,
        secret: Secret | None = None,
        *,
        connect_seconds: float = 15,
        read_seconds: float = 60,
    ) -> None:
        self.addresses = addresses
        self._secret = secret
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()
        self._aborted = False
        self._pools: dict[str, urllib3.PoolManager] = {}

    def open(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Give the response that the redirects of `url` lead to, body unread, and their number.

        Raises
        ------
        Forbidden
            A hop leads where it may not.
        SourceRefused
            Redirects without an end, or one that leads nowhere.
        SourceUnavailable
            No connection, or it broke.
        """
        for hops in range(_HOPS):
            response = self._request(url, headers)
            if response.status not in _REDIRECTS:
                return response, hops
            target = response.headers.get("Location")
            response.drain_conn()
            response.release_conn()
            if not target:
                raise SourceRefused("The model's server redirects to nowhere.", code="bad_redirect")
            url = urljoin(url, target).partition("#")[0]
        raise SourceRefused("The model's server redirects without an end.", code="redirect_loop")

    def abort(self) -> None:
        """End every read that is under way, and refuse new connections; callable from any thread."""
        with self._lock:
            self._aborted = True
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def revive(self) -> None:
        """Allow connections again after an :meth:`abort` that meant a stalled read, not the end."""
        with self._lock:
            self._aborted = False
            self._close_handles()

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()
        with self._lock:
            self._close_handles()

    def connected(self, url: str, sock: socket.socket, *, proxied: bool) -> None:
        """Check a new connection before anything is sent over it, and keep a handle on it."""
        if not proxied:
            self.addresses.check_peer(url, sock.getpeername()[0])
        with self._lock:
            if self._aborted:
                raise SourceUnavailable("The download was stopped.")
            self._handles.append(sock.dup())

    def _request(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        proxy = _proxy_of(url)
        self.addresses.check_url(url, proxied=proxy is not None)
        sent = {"Accept-Encoding": "identity", "User-Agent": "jupyter_nodeapi", **headers}
        if self._secret is not None and origin_of(url) == self._secret.origin:
            sent["Authorization"] = f"Bearer {self._secret.token}"
        with network_errors():
            return self._pool(proxy).request(
                "GET",
                url,
                headers=sent,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=self._timeout,
            )

    def _pool(self, proxy: str | None) -> urllib3.PoolManager:
        key = proxy or ""
        if key not in self._pools:
            options: dict[str, Any] = {"num_pools": 8, "maxsize": 4, "ssl_context": tls_context()}
            pool = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
            pool.pool_classes_by_scheme = _guarded(self)
            self._pools[key] = pool
        return self._pools[key]

    def _close_handles(self) -> None:
        for handle in self._handles:
            handle.close()
        self._handles.clear()


@contextlib.contextmanager
def network_errors() -> Iterator[None]:
    """Say what urllib3 and the sockets raise in our words, without addresses or paths in them."""
    try:
        yield
    except urllib3.exceptions.SSLError as error:
        if isinstance(error.args[0] if error.args else None, ssl.SSLCertVerificationError):
            raise SourceRefused(
                "The certificate of the model's server is not trusted.",
                code="certificate_untrusted",
                hint="Set SSL_CERT_FILE to your organisation's certificates and restart the server.",
            ) from error
        raise SourceUnavailable("The encrypted connection to the model's server broke.") from error
    except urllib3.exceptions.NameResolutionError as error:
        raise SourceUnavailable(
            "The name of the model's server could not be resolved.",
            code="unreachable",
            hint="Is the server offline? HTTPS_PROXY and HF_ENDPOINT are honoured.",
        ) from error
    except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError) as error:
        raise SourceUnavailable("The model's server could not be reached.", code="unreachable") from error
    except urllib3.exceptions.ReadTimeoutError as error:
        raise SourceUnavailable("The model's server stopped answering.", code="stalled") from error
    except (urllib3.exceptions.LocationValueError, UnicodeError) as error:
        raise SourceRefused("The model's address is not a valid URL.", code="bad_redirect") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise SourceUnavailable(
            "The connection to the model's server broke.", code="connection_lost"
        ) from error


def read_into(response: urllib3.BaseHTTPResponse, buffer: memoryview) -> int:
    """Read the next bytes of a body right into a buffer; give how many came, 0 at the end.

    urllib3's own ``readinto`` reads elsewhere first, and copies while it holds the interpreter.
    """
    raw: object = getattr(response, "_fp", None)
    catcher = getattr(response, "_error_catcher", None)
    with network_errors():
        if catcher is None or not isinstance(raw, http.client.HTTPResponse):
            return response.readinto(buffer)
        with catcher():
            return raw.readinto(buffer)


def _proxy_of(url: str) -> str | None:
    """Give the proxy that the environment names for this URL."""
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _guarded(client: Client) -> dict[str, type[HTTPConnectionPool]]:
    """Give pool classes whose connections show themselves to the client before they are used."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            return _shown(client, self, "http", sock)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            return _shown(client, self, "https", sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _shown(client: Client, connection: HTTPConnection, scheme: str, sock: socket.socket) -> socket.socket:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    try:
        client.connected(f"{scheme}://{host}:{connection.port}", sock, proxied=connection.proxy is not None)
    except BaseException:
        sock.close()
        raise
    return sock
