"""Find the Jupyter server that this kernel belongs to.

::

    1  JUPYTER_NODEAPI_URL, JUPYTER_NODEAPI_TOKEN   whatever a person or an administrator says
    2  JPY_PARENT_PID  ->  <runtime>/jpserver-<pid>.json   the server that started this kernel
    3  JUPYTERHUB_SERVICE_URL (or _PREFIX), JUPYTERHUB_API_TOKEN   the same, where the file cannot be read

A single-user server of a Hub has no token of its own: there the Hub's token of this kernel opens it. It is
sent only to that server and to the Hub's own host.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jupyter_nodeapi_widgets.client.address import Address, parse
from jupyter_nodeapi_widgets.client.errors import NoServer

__all__ = ["find"]

_CONNECT = "Set JUPYTER_NODEAPI_URL and JUPYTER_NODEAPI_TOKEN in the kernel, or use NodeApi(url, token)."
_ANY_HOST = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104  (what a server listens on, not what we do)


def find(environ: Mapping[str, str] | None = None, runtime: Path | None = None) -> Address:
    """Give the address of this kernel's server.

    Parameters
    ----------
    environ : mapping, optional
        The kernel's environment; default: this process's.
    runtime : Path, optional
        Where the running servers write their files; default: Jupyter's own.

    Raises
    ------
    NoServer
        ``no_server``: this is no kernel of a Jupyter server. ``remote_kernel``: it is, but of one whose disk
        is elsewhere. ``bad_address``, ``bad_token``: what was given is none.
    """
    found = _look(os.environ if environ is None else environ, runtime)
    environ = None  # it may hold the token, and a traceback may show it
    if isinstance(found, NoServer):
        raise found
    return found


def _look(environ: Mapping[str, str], runtime: Path | None) -> Address | NoServer:
    if environ.get("JUPYTER_NODEAPI_URL"):
        return _named(environ)
    parent = environ.get("JPY_PARENT_PID", "")
    told = _record(runtime or _runtime_dir(), parent) if parent.isdecimal() else None
    if told is not None:
        return _from_record(told, environ)
    token, url = environ.get("JUPYTERHUB_API_TOKEN"), environ.get("JUPYTERHUB_SERVICE_URL")
    if token and url:
        return parse(_loopback(url), token, source="hub")
    if parent:
        return NoServer(
            "This kernel does not see the disk of the Jupyter server that started it (a remote kernel?).",
            code="remote_kernel",
            hint=_CONNECT,
        )
    return NoServer("This kernel was not started by a Jupyter server.", code="no_server", hint=_CONNECT)


def _named(environ: Mapping[str, str]) -> Address | NoServer:
    url = environ["JUPYTER_NODEAPI_URL"]
    if url.startswith("/"):  # a service of the Hub, by its path
        hub = environ.get("JUPYTERHUB_HOST") or environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "")
        if not hub:
            hint = "Write the whole address, or set c.JupyterHub.public_url so that the path is enough."
            return NoServer("Nothing says where the Hub is.", code="bad_address", hint=hint)
        parts = urlsplit(hub)
        url = f"{parts.scheme}://{parts.netloc}{url}"
    token = environ.get("JUPYTER_NODEAPI_TOKEN", "")
    address = parse(url, token, source="environment")
    if isinstance(address, Address) and not address.token and address.host in _hub_hosts(environ):
        return parse(url, environ.get("JUPYTERHUB_API_TOKEN", ""), source="environment")
    return address


def _hub_hosts(environ: Mapping[str, str]) -> set[str | None]:
    names = ("JUPYTERHUB_HOST", "JUPYTERHUB_PUBLIC_HUB_URL", "JUPYTERHUB_API_URL", "JUPYTERHUB_SERVICE_URL")
    return {urlsplit(environ[name]).hostname for name in names if environ.get(name)} - {None}


def _from_record(told: Mapping[str, Any], environ: Mapping[str, str]) -> Address | NoServer:
    token = str(told.get("token") or "") or environ.get("JUPYTERHUB_API_TOKEN", "")
    base = str(told.get("base_url") or "/")
    if told.get("sock"):
        return parse(f"http+unix://socket{base}", token, sock=str(told["sock"]), source="parent")
    url = _loopback(str(told.get("url") or ""), str(told.get("hostname", "-")))
    return parse(url, token, source="parent")


def _loopback(url: str, listens: str = "-") -> str:
    """Reach a server that listens on every address on this machine's own."""
    parts = urlsplit(url)
    if listens not in _ANY_HOST and parts.hostname not in _ANY_HOST:
        return url
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}{parts.path}"


def _record(runtime: Path, pid: str) -> dict[str, Any] | None:
    try:
        found = json.loads((runtime / f"jpserver-{pid}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _runtime_dir() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415  (only where a server is looked for)

    return Path(jupyter_runtime_dir())
