"""``api.files``: the server's folder of node files, and bringing any file here."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, quote, urlsplit

from jupyter_nodeapi_widgets.client.download import download
from jupyter_nodeapi_widgets.client.errors import ApiError
from jupyter_nodeapi_widgets.client.noun import Noun
from jupyter_nodeapi_widgets.client.progress import Progress
from jupyter_nodeapi_widgets.client.results import FileItem, OnServer, Saved, Version, made, place
from jupyter_nodeapi_widgets.client.sources import source_of

__all__ = ["Files"]


class Files(Noun):
    """JSON values, texts and bytes under the server's ``libs`` folder."""

    def save(self, path: str, content: Any, *, overwrite: bool = True, if_match: str | None = None) -> Saved:
        """Save a JSON value or a text; parents are made, the last states are kept.

        Parameters
        ----------
        path : str
            Relative to the folder.
        content : object
            Any JSON value; a string is stored as text unless the path ends in ``.json``.
        overwrite : bool
            False: refuse when there is a file already.
        if_match : str, optional
            Only when the file still has this ``etag``.

        Raises
        ------
        ApiError
            409 or 412: there is another file already.
        """
        headers = {"If-Match": if_match} if if_match else None
        body = {"path": path, "content": content, "overwrite": overwrite}
        return self._one(Saved, "POST", "/api/files/save", json=body, headers=headers)

    def read(self, path: str, *, version: str | None = None) -> Any:
        """Give what was saved: the JSON value, or the text.

        Raises
        ------
        ApiError
            404: there is none; 415: it is no text, see :meth:`read_bytes`.
        """
        params = {"path": path, "version": version}
        return self._ask("GET", "/api/files/read", params=params)["content"]

    def read_bytes(self, path: str, *, version: str | None = None) -> bytes:
        """Give the bytes of a file."""
        return self._api.request("GET", "/api/files/raw", params={"path": path, "version": version}).body

    def write_bytes(
        self, path: str, data: bytes | os.PathLike[str] | IO[bytes], *, overwrite: bool = True
    ) -> Saved:
        """Save any bytes; those of a file are sent as they are read, and never held together.

        Parameters
        ----------
        path : str
            Relative to the folder.
        data : bytes, Path or binary file object
            A file object is read from where it stands to its end.
        overwrite : bool
            False: refuse when there is a file already.
        """
        params, kind = {"path": path, "overwrite": overwrite}, {"Content-Type": "application/octet-stream"}
        if isinstance(data, (bytes, bytearray, memoryview)):
            return self._one(Saved, "PUT", "/api/files/raw", data=data, params=params, headers=kind)
        if isinstance(data, str):
            raise TypeError("Give bytes, a Path or a file object; save() takes a text.")
        with source_of(data) as source:
            headers = {**kind, "Content-Length": str(source.size)}
            with self._api.stream(
                "PUT", "/api/files/raw", data=source.pieces(), params=params, headers=headers
            ) as stream:
                return made(Saved, stream.reply().json())

    def list(self, path: str = "", *, recursive: bool = False, glob: str | None = None) -> Iterator[FileItem]:
        """Give what is in a folder, page after page.

        Parameters
        ----------
        path : str
            The folder; empty is the top.
        recursive : bool
            Also what is in its folders.
        glob : str, optional
            Only what matches, such as ``*.json``.
        """
        target: str | None = "/api/files/list"
        params: dict[str, Any] | None = {"path": path, "recursive": recursive, "glob": glob, "limit": 1000}
        while target:
            reply = self._api.request("GET", target, params=params)
            yield from (made(FileItem, told) for told in reply.json())
            cursor = _cursor(reply.headers.get("link", ""))
            params = {**(params or {}), "cursor": cursor}
            target = target if cursor else None

    def move(self, source: str, target: str, *, overwrite: bool = False) -> None:
        """Move a file or folder."""
        self._two("move", source, target, overwrite=overwrite)

    def copy(self, source: str, target: str, *, overwrite: bool = False) -> None:
        """Copy a file or folder."""
        self._two("copy", source, target, overwrite=overwrite)

    def mkdir(self, path: str) -> None:
        """Make a folder and its parents."""
        self._api.request("POST", "/api/files/mkdir", json={"path": path})

    def delete(self, path: str, *, recursive: bool = False) -> None:
        """Delete a file or folder; one that is not empty only with `recursive`."""
        self._api.request("DELETE", "/api/files", params={"path": path, "recursive": recursive})

    def versions(self, path: str) -> builtins.list[Version]:
        """Give the earlier states of a file that are kept."""
        return self._all(Version, "/api/files/versions", params={"path": path})

    def restore(self, path: str, version: str) -> Saved:
        """Make an earlier state the current one again."""
        return self._one(Saved, "POST", "/api/files/restore", json={"path": path, "version": version})

    def exists(self, path: str) -> bool:
        """Say whether there is such a file."""
        reply = self._api.request("HEAD", "/api/files/raw", params={"path": path}, check=False)
        if not reply.ok and reply.status != 404:
            raise ApiError("The server refused.", code=f"http_{reply.status}", status=reply.status)
        return reply.ok

    def download(
        self,
        file: OnServer,
        to: str | os.PathLike[str] = ".",
        *,
        progress: Progress = True,
    ) -> Path:
        """Bring a file to the kernel's disk; a broken connection goes on where it broke.

        Parameters
        ----------
        file : str, Uploaded or Trim
            ``/temp/...`` (of an upload or a trim), or a path under ``libs``.
        to : path
            The new file, or a folder for it. It appears only when it is whole.
        progress : bool or callable
            A bar, none, or a function that is told ``(bytes, total)``.

        Returns
        -------
        Path
            Where it lies.

        Raises
        ------
        ApiError
            There is no such file, or the server was away for too long.
        """
        path = place(file)
        name, target = path.rsplit("/", 1)[-1], Path(to)
        if path.startswith("/temp/"):
            return download(self._api, quote(path), target, name=name, progress=progress)
        params = {"path": path}
        return download(self._api, "/api/files/raw", target, name=name, progress=progress, params=params)

    def _two(self, verb: str, source: str, target: str, *, overwrite: bool) -> None:
        body = {"from": source, "to": target, "overwrite": overwrite}
        self._api.request("POST", f"/api/files/{verb}", json=body)


def _cursor(link: str) -> str | None:
    """Give the cursor of the next page out of a ``Link`` header."""
    if 'rel="next"' not in link:
        return None
    return parse_qs(urlsplit(link.split(">", 1)[0].lstrip("<")).query).get("cursor", [None])[0]
