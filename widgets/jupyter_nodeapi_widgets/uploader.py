"""Bring files from the browser to the server, whatever happens on the way.

::

    accept, multiple, directory             ---> page     what may be picked
    node_name, node_id, session_id          ---> page     whom the files belong to
    value [{filePath, name, size}], paths   <--- page     files that are whole on the server
    uploads                                 <--- page     the list that is shown, never a file's bytes

    wait()   asks the server, not the page: a cell that waits keeps the page's messages from the kernel
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import traitlets

from jupyter_nodeapi_widgets._base import ApiWidget, static
from jupyter_nodeapi_widgets.client.errors import ApiError

__all__ = ["Uploader"]

POLL_SECONDS = 0.5
QUIET_ANSWERS = 3  # the same answer so often: between two files of a queue, none is on its way for a moment

Row: TypeAlias = dict[str, Any]


class Uploader(ApiWidget):
    """A place to drop, paste or pick files, and the list of those on their way.

    Files lie in ``/temp/uploads/<session>/<node name>_<node id>/``. One that was interrupted goes on where it
    stood when it is picked again, also by another page, as long as nobody has changed it.

    Parameters
    ----------
    node_name : str
        Whom the files belong to.
    node_id : str or int
        Which one of that name.
    session_id : str, optional
        Groups files; default: the user's own of that server, as ``NodeApi().uploads`` has it, so that a new
        kernel finds them.
    accept : str or iterable of str
        Endings and types that are taken, as in HTML: ``".wav,.mp3"`` or ``"audio/*"``. Empty takes all.
    multiple : bool
        Whether several files may be brought; otherwise the newest takes the place of the last.
    directory : bool
        Whether a button offers whole folders too. Dropped folders are always taken.
    conflict : str
        What becomes of a file whose name another one has there: it takes that one's place (``replace``),
        gets a number (``rename``), or is refused (``error``).
    api : NodeApi, optional
        The server; found by itself when not given.

    Attributes
    ----------
    value : list of dict
        What is whole on the server: ``filePath``, ``name`` and ``size``; of what a page has brought also
        ``doneAt``, milliseconds since the epoch, since a file may take the place of another one.
    paths : list of str
        The ``filePath`` of each.
    uploads : list of dict
        What is shown: ``name``, ``path``, ``size``, ``sent``, ``state``, ``message`` and ``filePath``.
    """

    _esm, _css = static("uploader")

    node_name = traitlets.Unicode(help="Whom the files belong to.").tag(sync=True)
    node_id = traitlets.Unicode("", help="Which one of that name.").tag(sync=True)
    session_id = traitlets.Unicode("", help="What the files are grouped by.").tag(sync=True)
    accept = traitlets.Unicode("", help="Endings and types that are taken.").tag(sync=True)
    multiple = traitlets.Bool(True, help="Whether several files may be brought.").tag(sync=True)
    directory = traitlets.Bool(False, help="Whether folders are offered.").tag(sync=True)
    conflict = traitlets.Enum(
        ["replace", "rename", "error"], "replace", help="Whether a file may take another one's place."
    ).tag(sync=True)
    value: traitlets.List[Row] = traitlets.List(traitlets.Dict(), help="Files that are whole.").tag(sync=True)
    uploads: traitlets.List[Row] = traitlets.List(traitlets.Dict(), help="What is shown.").tag(sync=True)
    paths: traitlets.List[str] = traitlets.List(traitlets.Unicode(), help="Where the files are.")

    def __init__(
        self,
        node_name: str = "Uploader",
        node_id: str | int = "1",
        session_id: str | None = None,
        accept: str | Iterable[str] = "",
        *,
        multiple: bool = True,
        directory: bool = False,
        conflict: str = "replace",
        **traits: Any,
    ) -> None:
        self._callbacks: list[Callable[[Row], object]] = []
        super().__init__(
            node_name=node_name,
            node_id=str(node_id),
            session_id=session_id or "",
            accept=accept if isinstance(accept, str) else ",".join(accept),
            multiple=multiple,
            directory=directory,
            conflict=conflict,
            **traits,
        )
        self._old: dict[str, Row] = {}
        with contextlib.suppress(ApiError):  # the page says what is wrong with the server
            self._old = {row["filePath"]: row for row in self._stored()}

    def on_complete(self, callback: Callable[[Row], object], remove: bool = False) -> None:
        """Call a function with each file that is whole from now on.

        Parameters
        ----------
        callback : callable
            Is given the file's ``{filePath, name, size}``.
        remove : bool
            Do not call it any more.
        """
        if remove:
            self._callbacks.remove(callback)
        else:
            self._callbacks.append(callback)

    async def wait(self, count: int = 1, timeout: float | None = None) -> list[Row]:
        """Wait until files have arrived and none is on its way.

        The kernel asks the server, so this works in a cell too, while the page's messages have to wait. What
        is paused is on its way.

        Parameters
        ----------
        count : int
            How many files there must be.
        timeout : float, optional
            Seconds after which to give up.

        Returns
        -------
        list of dict
            :attr:`value`.

        Raises
        ------
        TimeoutError
            They were not there in time. What is on its way goes on.
        ApiError
            The server refuses.
        """
        answers: list[list[str]] = []

        def ask() -> list[Row] | None:
            fresh = [row for row in self._stored() if self._is_new(row)]
            whole = {row["filePath"]: entry(row) for row in fresh if row["completed"]}
            whole |= {row["filePath"]: row for row in self.value}
            if len(whole) < count or not all(row["completed"] for row in fresh):
                answers.clear()
                return None
            answers.append(sorted(whole))
            over = answers[-QUIET_ANSWERS:] == [sorted(whole)] * QUIET_ANSWERS
            return list(whole.values()) if over else None

        found = await self.until(ask, every=POLL_SECONDS, timeout=timeout)
        self.value = found if self.multiple else found[-1:]
        return self.value

    def _stored(self) -> list[Row]:
        """Ask the server for the files of this node, those on their way too."""
        params = {"sessionId": self.session_id, "limit": 10_000}
        rows: list[Row] = self.api.request("GET", "/api/uploads", params=params).json()
        node = readable("_".join(half for half in (self.node_name, self.node_id) if half))
        return [row for row in rows if readable(row["filePath"].split("/")[4]) == node]

    def _is_new(self, row: Row) -> bool:
        old = self._old.get(row["filePath"], {})
        return bool(row["modified"] != old.get("modified") or row["completed"] != old.get("completed"))

    @traitlets.observe("_server")
    def _found(self, change: Any) -> None:
        self.session_id = self.session_id or change["new"].get("session", "")

    @traitlets.observe("value")
    def _came(self, change: Any) -> None:
        self.paths = [row["filePath"] for row in change["new"]]
        for row in change["new"]:
            if row not in change["old"]:
                for callback in tuple(self._callbacks):
                    callback(row)


def entry(row: Row) -> Row:
    """Give a row of the server's list as an item of ``value``."""
    path = row["filePath"]
    return {"filePath": path, "name": path.rpartition("/")[2], "size": row["size"]}


def readable(name: str) -> str:
    """Give a node's name or folder without what the server adds or replaces to make it a folder."""
    return re.sub(r"~[0-9a-f]{8}", "", re.sub(r"[/\\]", "_", unicodedata.normalize("NFC", name)))
