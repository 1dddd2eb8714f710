"""``api.uploads``: bring anything to the server, in chunks that may be lost, repeated and resumed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_nodeapi_widgets.client.noun import Noun
from jupyter_nodeapi_widgets.client.progress import Progress, Tell, shown
from jupyter_nodeapi_widgets.client.results import Uploaded, UploadStatus
from jupyter_nodeapi_widgets.client.sending import Sending
from jupyter_nodeapi_widgets.client.sources import Source, source_of

__all__ = ["Uploads"]

_NODE = "NodeApi"


class Uploads(Noun):
    """Files under ``/temp/uploads``."""

    def send(
        self,
        thing: Any,
        name: str | None = None,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = "",
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
        thing, name : path, bytes-like, array or binary file object, and its name on the server
            A str is a path. An array becomes a ``.npy`` file. Without a name: its own.
        node_name, node_id, session_id, relative_path : str
            Where: ``/temp/uploads/<session>/<node name>_<node id>[/<relative path>]/<name>``. The session is
            the user's own of that server when none is given.
        conflict : str
            When the name is taken: ``replace``, ``rename`` or ``error``.
        chunk_size, parallel, patience : int, int, float
            Bytes of a chunk; chunks at once; seconds without any success after which it gives up.
        progress : bool or callable
            A bar, none, or a function that is told ``(bytes, total)``.
        """
        fields = {**self._who(node_name, node_id, session_id, relative_path), "conflict": conflict}
        with source_of(thing, name) as source, shown(progress, source.name) as tell:
            pace = (chunk_size, parallel, patience)
            return self._sending(source, fields, pace, tell).run()

    def _sending(
        self, source: Source, fields: dict[str, str], pace: tuple[int | None, int | None, float], tell: Tell
    ) -> Sending:
        advice = self._api.config()
        return Sending(
            self._api,
            source,
            {**fields, "filename": source.name},
            chunk_size=min(pace[0] or int(advice["chunkSize"]), int(advice["maxChunkSize"])),
            parallel=pace[1] or int(advice["parallel"]),
            patience=pace[2],
            tell=tell,
        )

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
        found: list[dict[str, Any]] = self._ask("GET", "/api/uploads", params={"sessionId": session_id})
        return found

    def status(
        self,
        filename: str,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = "",
        relative_path: str = "",
        upload_id: str = "",
    ) -> UploadStatus:
        """Say how far an upload is.

        Raises
        ------
        ApiError
            404: there is none; 410: it was cancelled.
        """
        params = {**self._who(node_name, node_id, session_id, relative_path), "filename": filename}
        return self._one(UploadStatus, "GET", "/api/upload", params={**params, "uploadId": upload_id})

    def cancel(
        self,
        filename: str,
        *,
        node_name: str = _NODE,
        node_id: str | int = "",
        session_id: str = "",
        relative_path: str = "",
        upload_id: str = "",
    ) -> None:
        """Cancel an upload; what has arrived of it is deleted."""
        params = {**self._who(node_name, node_id, session_id, relative_path), "filename": filename}
        self._api.request("DELETE", "/api/upload", params={**params, "uploadId": upload_id})

    def _who(self, node_name: str, node_id: str | int, session_id: str, relative_path: str) -> dict[str, str]:
        session = session_id or str(self._api.config().get("defaultSession", "notebook"))
        fields = {"sessionId": session, "nodeName": node_name, "nodeId": str(node_id)}
        return {**fields, "relativePath": relative_path} if relative_path else fields
