"""What every widget has: the server it belongs to, and the kernel's end of the way there.

::

    _server      kernel -> page   {serverId, baseUrl, session, version, problem, message, hint}, never a token
    _connection  page -> kernel   "http", "comm" or "none": how the page reaches it
    messages     request, cancel (see _relay), refresh: look for the server again

The truth about uploads and jobs lives on the server. ``wait`` asks there, over HTTP from a thread: a message
of the page would not be read while a cell is running.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from jupyter_nodeapi_widgets import __version__
from jupyter_nodeapi_widgets._relay import Relay
from jupyter_nodeapi_widgets._workers import Workers
from jupyter_nodeapi_widgets.client.api import NodeApi
from jupyter_nodeapi_widgets.client.errors import ApiError, NoServer, refusal

__all__ = ["ApiWidget", "static"]

T = TypeVar("T")

_STATIC = Path(__file__).parent / "static"
_WORKERS = Workers()
_LOOKING_SECONDS = 5.0


def static(name: str) -> tuple[Path, Path]:
    """Give the built script and style sheet of a widget.

    Parameters
    ----------
    name : str
        Of the widget's files, without an ending.

    Raises
    ------
    RuntimeError
        They were not built: this is a checkout, not an installed wheel.
    """
    script, style = _STATIC / f"{name}.js", _STATIC / f"{name}.css"
    if not (script.is_file() and style.is_file()):
        raise RuntimeError(f"The widget's script {name}.js was not built: run `make widgets`.")
    return script, style


class ApiWidget(anywidget.AnyWidget):
    """A widget that belongs to a Jupyter server.

    Parameters
    ----------
    api : NodeApi, optional
        The server; default: the one of this kernel.
    **traits
        Of the widget.
    """

    _server: traitlets.Dict[str, Any] = traitlets.Dict(help="Which server the kernel sees.").tag(sync=True)
    _connection = traitlets.Unicode("", help="How the page reaches the server.").tag(sync=True)

    def __init__(self, *, api: NodeApi | None = None, **traits: Any) -> None:
        self._given = api
        self._relay = Relay(lambda: self.api, self._to_page, _WORKERS)
        super().__init__(**traits)
        self._server = describe(self._given)
        self.on_msg(_on_message)

    @property
    def api(self) -> NodeApi:
        """The server as a client.

        Raises
        ------
        NoServer
            None was found.
        """
        return self._given or own_server()

    async def until(
        self, ask: Callable[[], T | None], *, every: float = 0.5, timeout: float | None = None
    ) -> T:
        """Ask the server again and again, from a thread, until there is an answer.

        Parameters
        ----------
        ask : callable
            Gives the answer, or None while there is none. A failure that may pass is waited out.
        every : float
            Seconds between two questions.
        timeout : float, optional
            Seconds after which TimeoutError is raised.

        Raises
        ------
        TimeoutError
            There was no answer in time.
        ApiError
            The server refused for good.
        """
        end = None if timeout is None else asyncio.get_running_loop().time() + timeout
        while True:
            found = await asyncio.to_thread(lambda: _patiently(ask))
            if found is not None:
                return found
            if end is not None and asyncio.get_running_loop().time() >= end:
                raise TimeoutError(f"No answer after {timeout} s; it goes on without this cell.")
            await asyncio.sleep(every)

    def _to_page(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(message, buffers)

    def _look_again(self) -> None:
        if self._given is None:
            own_server.cache_clear()
        looked = self._server.get("looked", 0) + 1  # a page waits for one, even the same
        self._server = {**describe(self._given), "looked": looked}


@functools.lru_cache(maxsize=1)
def own_server() -> NodeApi:
    """Give this kernel's server; one client for all widgets."""
    return NodeApi()


def describe(given: NodeApi | None) -> dict[str, Any]:
    """Give what the page may know of the server; ``problem`` is the code of what is wrong with it.

    Parameters
    ----------
    given : NodeApi, optional
        The server; default: this kernel's.
    """
    told = dict.fromkeys(("serverId", "baseUrl", "session", "problem", "message", "hint"), "")
    told["version"] = __version__
    try:
        api = given or own_server()
        told["baseUrl"] = api.base_url
        config = api.request("GET", "/api/upload/config", timeout=_LOOKING_SECONDS).json()
        told["serverId"] = str(config["serverId"])
        told["session"] = str(config.get("defaultSession", "notebook"))
        version = str(api.request("GET", "/api/nodeapi", timeout=_LOOKING_SECONDS).json()["version"])
        if version.split(".")[:2] != __version__.split(".")[:2]:
            raise _other(version)
    except KeyError:
        return {**told, **_problem(_other("another"))}
    except ApiError as error:
        return {**told, **_problem(error)}
    return told


def _problem(error: ApiError) -> dict[str, str]:
    if error.status in {401, 403}:
        error = refusal(error.status, {}, b"")  # the server's own sentence is for one who is not logged in
    return {"problem": error.code, "message": error.message, "hint": error.hint}


def _other(version: str) -> NoServer:
    hint = f"Install the same version on both sides; the widgets are {__version__}."
    return NoServer(f"The server's extension has version {version}.", code="version", hint=hint)


def _patiently(ask: Callable[[], T | None]) -> T | None:
    try:
        return ask()
    except ApiError as error:
        if error.retryable:
            return None
        raise


def _on_message(widget: ApiWidget, message: Any, buffers: list[Any]) -> None:
    """Take a custom message of a page. A function, so that the widget is not kept alive by itself."""
    if not isinstance(message, dict):
        return
    if message.get("nodeapi") == "refresh":
        _WORKERS.run(widget._look_again)  # noqa: SLF001  (this module's own class)
    else:
        widget._relay.take(message, buffers)  # noqa: SLF001
