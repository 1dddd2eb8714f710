"""``NodeApi``: everything the server can do, as plain calls.

::

    api = NodeApi()                     this kernel's server
    api.models   .list() .install(id) ...        api.jobs    .get(id) .wait(id) ...
    api.files    .save(path, value) ...          api.audio   .trim(path, 1, 2) ...
    api.uploads  .send(thing) ...                api.request("GET", "/api/...")   anything

Every call blocks until the answer is there and raises :class:`ApiError` for a refusal.
"""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from jupyter_nodeapi_widgets._server import find
from jupyter_nodeapi_widgets.client.address import parse
from jupyter_nodeapi_widgets.client.audio import Audio
from jupyter_nodeapi_widgets.client.errors import NoServer, refusal
from jupyter_nodeapi_widgets.client.files import Files
from jupyter_nodeapi_widgets.client.http import Http
from jupyter_nodeapi_widgets.client.jobs import Jobs
from jupyter_nodeapi_widgets.client.models import Models
from jupyter_nodeapi_widgets.client.reply import Reply, Stream
from jupyter_nodeapi_widgets.client.uploads import Uploads

__all__ = ["NodeApi"]


class NodeApi:
    """The API of one Jupyter server.

    Parameters
    ----------
    url : str, optional
        Where the server is, with its base path. Default: the server of this kernel.
    token : str, optional
        Its token.
    sock : str, optional
        Path of the unix socket that it listens on, instead of host and port.
    timeout : float
        Seconds of silence after which a call is given up.

    Attributes
    ----------
    models : Models
        What can be installed, what is, and installing it.
    jobs : Jobs
        What goes on in the background.
    files : Files
        The folder of node files, and downloading any file.
    uploads : Uploads
        Bringing files, bytes and arrays to the server.
    audio : Audio
        What a sound is, how it looks, and cutting it.

    Raises
    ------
    NoServer
        No address was given, and none was found.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, sock: str = "", timeout: float = 60.0
    ) -> None:
        if sock and url is None:
            url = "http://localhost/"
        address = parse(url, token or "", sock=sock) if url is not None else find()
        url = token = None  # no frame of a traceback shows them
        if isinstance(address, NoServer):
            raise address
        self._http = Http(address, timeout)
        self.models = Models(self)
        self.jobs = Jobs(self)
        self.files = Files(self)
        self.uploads = Uploads(self)
        self.audio = Audio(self)

    def __repr__(self) -> str:
        made = hasattr(self, "_http")  # a traceback may show one whose address was refused
        return f"NodeApi({self.url!r})" if made else "NodeApi()"

    def close(self) -> None:
        """Close the connections that are kept; the client may still be used."""
        self._http.close()

    @property
    def url(self) -> str:
        """Where the server is; without the token."""
        return self._http.address.place

    @property
    def base_url(self) -> str:
        """The path part of the server's address, such as ``/user/ann/``."""
        return self._http.address.base

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | bytearray | memoryview | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> Reply:
        """Send one request and wait for the whole answer.

        Parameters
        ----------
        method, path : str
            ``GET``, ``POST`` ..., and ``/api/...`` or ``/temp/...``, already quoted.
        json, data : object or bytes, optional
            The body: a JSON value, or bytes as they are.
        params, headers : mapping, optional
            Arguments of the address, without those that are None; and headers beside the token.
        timeout : float, optional
            Seconds of silence.
        check : bool
            Raise for an answer that is a refusal.

        Raises
        ------
        ApiError
            The server refused; see its ``code`` and ``hint``.
        NoServer
            No answer came.
        """
        sent = dict(headers or {})
        body = bytes(data) if data is not None else None
        if json is not None:
            body = jsonlib.dumps(json, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        elif body is None and method in {"POST", "PUT", "PATCH"}:
            body = b""
        reply = self._http.send(method, with_params(path, params), body, sent, timeout)
        if check and not reply.ok:
            raise refusal(reply.status, reply.headers, reply.body)
        return reply

    def stream(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Send one request and give the answer with its body still to be read; close it.

        Parameters
        ----------
        method, path, params, headers, timeout
            As for :meth:`request`.
        data : bytes, file object or iterable of bytes, optional
            The body; of unknown length only with a ``Content-Length`` among the headers.

        Raises
        ------
        ApiError
            The server refused, or no answer came.
        """
        return self._http.open(method, with_params(path, params), data, headers, timeout)

    def config(self) -> dict[str, Any]:
        """Give the limits and suggestions for uploads, and ``serverId``: which process answers."""
        found: dict[str, Any] = self.request("GET", "/api/upload/config").json()
        return found

    def about(self) -> dict[str, Any]:
        """Give what the server is and can do: version, capabilities, limits, FFmpeg, disk, registries."""
        found: dict[str, Any] = self.request("GET", "/api/nodeapi").json()
        return found

    def openapi(self) -> dict[str, Any]:
        """Give the machine-readable description of every route."""
        found: dict[str, Any] = self.request("GET", "/api/nodeapi/openapi.json").json()
        return found


def with_params(path: str, params: Mapping[str, Any] | None) -> str:
    """Put arguments behind a path: None is left out, truth is ``true`` or ``false``.

    A path may hold what only people write, as a ``filePath`` does; what is quoted already stays.
    """
    path = quote(path, safe="%/?&=:;,+@!$'()*~")
    told = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in (params or {}).items()
        if value is not None
    }
    if not told:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(told)}"
