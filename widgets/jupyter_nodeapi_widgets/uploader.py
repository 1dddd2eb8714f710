"""Files from the user's machine to the server: picked, dropped or pasted, whole whatever happens on the way.

::

    page  --chunks-->  server      over HTTP, or through the kernel where the page has no way of its own
    page  --traits-->  kernel      value: what is whole; uploads: the list; never a byte of a file
    kernel  --asks-->  server      wait(), since a message of the page is not read while a cell runs
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import traitlets

from jupyter_nodeapi_widgets._base import ApiWidget, static

__all__ = ["Uploader"]

QUIET_ANSWERS = 4  # how often in a row the server must know of nothing under way before a queue is over


class Uploader(ApiWidget):
    """A place to drop files on.

    Parameters
    ----------
    node_name, node_id : str
        Whom the files are for; they lie in ``/temp/uploads/<session>/<node_name>_<node_id>/``.
    session_id : str, optional
        Default: a new one for each widget. Give your own to find the files again in another kernel.
    accept : str
        As of ``<input type="file">``: ``".wav,.mp3"``, ``"audio/*"``. Empty takes everything.
    multiple : bool
        Whether several files may be picked.
    directory : bool
        Whether a folder may be picked with a button; dropped ones are always taken.
    api : NodeApi, optional
        The server; found by itself when not given.

    Attributes
    ----------
    value : list of dict
        The files that are whole: ``{"filePath", "name", "size"}``, size in bytes.
    uploads : list of dict
        Every line of the list: name, path, size, state, bytes sent, and what went wrong.
    """

    _esm, _css = static("uploader")

    node_name = traitlets.Unicode("", help="Name of the node the files are for.").tag(sync=True)
    node_id = traitlets.Unicode("", help="Id of the node the files are for.").tag(sync=True)
    session_id = traitlets.Unicode("", help="Whose files they are.").tag(sync=True)
    accept = traitlets.Unicode("", help="Which files are taken.").tag(sync=True)
    multiple = traitlets.Bool(True, help="Whether several files may be picked.").tag(sync=True)
    directory = traitlets.Bool(False, help="Whether a folder may be picked.").tag(sync=True)
    value: traitlets.List[dict[str, Any]] = traitlets.List(
        traitlets.Dict(), help="Files that are whole."
    ).tag(sync=True)
    uploads: traitlets.List[dict[str, Any]] = traitlets.List(
        traitlets.Dict(), help="The list, no bytes."
    ).tag(sync=True)

    def __init__(
        self,
        node_name: str = "Uploader",
        node_id: str | int = "1",
        session_id: str | None = None,
        accept: str = "",
        *,
        multiple: bool = True,
        directory: bool = False,
        **traits: Any,
    ) -> None:
        super().__init__(
            node_name=node_name,
            node_id=str(node_id),
            session_id=session_id or uuid.uuid4().hex,
            accept=accept,
            multiple=multiple,
            directory=directory,
            **traits,
        )

    @property
    def paths(self) -> list[str]:
        """The ``filePath`` of each file that is whole."""
        return [one["filePath"] for one in self.value]

    def on_complete(self, act: Callable[[dict[str, Any]], object]) -> None:
        """Call a function with each file that becomes whole, as :attr:`value` holds it.

        Parameters
        ----------
        act : callable
            Called in the kernel's main thread with ``{"filePath", "name", "size"}``.
        """

        def new_ones(change: Any) -> None:
            known = [one["filePath"] for one in change["old"] or []]
            for one in change["new"]:
                if one["filePath"] not in known:
                    act(one)

        self.observe(new_ones, names="value")

    async def wait(self, timeout: float | None = None) -> list[dict[str, Any]]:
        """Wait until files were sent and none is under way any more.

        The server is asked, twice a second: so it works while the cell runs, and survives a reloaded page.
        An upload that is paused or interrupted is waited for.

        Parameters
        ----------
        timeout : float, optional
            Seconds after which to give up.

        Returns
        -------
        list of dict
            :attr:`value`.

        Raises
        ------
        TimeoutError
            It was not over in time. The uploads go on all the same.
        ApiError
            The server refuses.
        """
        quiet = 0

        def over() -> list[dict[str, Any]] | None:
            nonlocal quiet
            whole, rest = self._asked()
            quiet = quiet + 1 if whole and not rest else 0
            return whole if quiet >= QUIET_ANSWERS else None

        whole = await self.until(over, timeout=timeout)
        known = set(self.paths)
        if missed := [one for one in whole if one["filePath"] not in known]:
            self.value = [*self.value, *missed]
        return self.value

    def _asked(self) -> tuple[list[dict[str, Any]], int]:
        """Ask which files of this node are whole, and how many are not."""
        folder = f"_{self.node_id}/" if self.node_id else "/"
        items = [
            item
            for item in self.api.uploads.list(self.session_id)
            if f"{self.node_name}{folder}" in item["filePath"]
        ]
        whole = [item for item in items if item["completed"]]
        told = [
            {"filePath": item["filePath"], "name": item["filePath"].rsplit("/", 1)[-1], "size": item["size"]}
            for item in whole
        ]
        return told, len(items) - len(whole)
