"""``api.uploads``: bring anything to the server, in chunks that may be lost, repeated and resumed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_nodeapi_widgets.client.progress import Progress, shown
from jupyter_nodeapi_widgets.client.results import Uploaded, UploadStatus, made
from jupyter_nodeapi_widgets.client.sending import Sending
from jupyter_nodeapi_widgets.client.sources import source_of

if TYPE_CHECKING:
    from jupyter_nodeapi_widgets.client.api import NodeApi

__all__ = ["Uploads"]

_SESSION = "notebook"
_NODE = "NodeApi"


class Uploads:
    """Files under ``/temp/uploads``.

    Parameters
    ----------
    api : NodeApi
        The server.
    """

    def __init__(self, api: NodeApi) -> None:
        self._api = api

    def send(
        self,
        thing: Any,
        name: str | None = None,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = _SESSION,
        relative_path: str = "",
        conflict: str = "replace",
        chunk_size: int | None = None,
        parallel: int | None = None,
        patience: float = 300.0,
        progress: Progress = True,
    ) -> Uploaded:
        """Upload a file, bytes, an array or a file object, and wait until it is whole.

        A lost connection, a busy or restarted server are waited out. When the call itself breaks off, the
        same call with the same bytes goes on where it stood.

        Parameters
        ----------
        thing : path, bytes-like, array or binary file object
            A str is a path. An array becomes a ``.npy`` file.
        name : str, optional
            The file's name on the server; default: its own.
        node_name, node_id, session_id : str
            Whom it belongs to: ``/temp/uploads/<session>/<node name>_<node id>/<name>``.
        relative_path : str
            A folder below that, such as ``album/1.png``.
        conflict : str
            When the name is taken: ``replace``, ``rename`` or ``error``.
        chunk_size, parallel : int, optional
            Bytes of a chunk, and chunks at once; default: what the server suggests.
        patience : float
            Seconds without any success after which it gives up.
        progress : bool or callable
            A bar, none, or a function that is told ``(bytes, total)``.

        Raises
        ------
        ApiError
            The server refused: ``file_too_large``, ``quota_exceeded``, 507 when its disk is full ...
        """
        advice = self._api.config()
        fields = _who(node_name, node_id, session_id, relative_path)
        with source_of(thing, name) as source, shown(progress, source.name) as tell:
            return Sending(
                self._api,
                source,
                {**fields, "filename": source.name, "conflict": conflict},
                chunk_size=min(chunk_size or int(advice["chunkSize"]), int(advice["maxChunkSize"])),
                parallel=parallel or int(advice["parallel"]),
                patience=patience,
                tell=tell,
            ).run()

    def send_folder(self, folder: str | os.PathLike[str], **options: Any) -> list[Uploaded]:
        """Upload every file of a folder, with its folders; options as for :meth:`send`."""
        top = Path(folder)
        files = sorted(path for path in top.rglob("*") if path.is_file() and not path.is_symlink())
        return [
            self.send(path, relative_path=f"{top.name}/{path.relative_to(top).as_posix()}", **options)
            for path in files
        ]

    def list(self, session_id: str = "") -> list[dict[str, Any]]:
        """Give the files and unfinished uploads, of one session or of all: ``filePath, completed, size``."""
        found: list[dict[str, Any]] = self._api.request(
            "GET", "/api/uploads", params={"sessionId": session_id}
        ).json()
        return found

    def status(
        self,
        filename: str,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = _SESSION,
        relative_path: str = "",
        upload_id: str = "",
    ) -> UploadStatus:
        """Say how far an upload is.

        Raises
        ------
        ApiError
            404: there is none; 410: it was cancelled.
        """
        params = {**_who(node_name, node_id, session_id, relative_path), "filename": filename}
        reply = self._api.request("GET", "/api/upload", params={**params, "uploadId": upload_id})
        return made(UploadStatus, reply.json())

    def cancel(
        self,
        filename: str,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = _SESSION,
        relative_path: str = "",
        upload_id: str = "",
    ) -> None:
        """Cancel an upload; what has arrived of it is deleted."""
        params = {**_who(node_name, node_id, session_id, relative_path), "filename": filename}
        self._api.request("DELETE", "/api/upload", params={**params, "uploadId": upload_id})


def _who(node_name: str, node_id: str | int, session_id: str, relative_path: str) -> dict[str, str]:
    fields = {"sessionId": session_id, "nodeName": node_name, "nodeId": str(node_id)}
    return {**fields, "relativePath": relative_path} if relative_path else fields
