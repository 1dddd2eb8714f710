"""Bring one file to this disk: beside its place under a name of ours, then by one rename.

::

    <to>.part-<random>    while the bytes come; a broken connection goes on with Range and If-Range
    <to>                  when it is whole
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jupyter_nodeapi_widgets.client.errors import ApiError
from jupyter_nodeapi_widgets.client.progress import Progress, Tell, shown
from jupyter_nodeapi_widgets.client.reply import Stream

if TYPE_CHECKING:
    from jupyter_nodeapi_widgets.client.api import NodeApi

__all__ = ["download"]

_PATIENCE_SECONDS = 120.0
_BLOCK = 1 << 20


def download(
    api: NodeApi,
    path: str,
    to: Path,
    *,
    name: str,
    progress: Progress,
    params: Mapping[str, Any] | None = None,
) -> Path:
    """Bring what is at a path of the API to `to`, a file or a folder for one called `name`.

    Raises
    ------
    ApiError
        The server refused, or was away for two minutes.
    """
    target = to / name if to.is_dir() else to
    part = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    try:
        with part.open("xb") as out, shown(progress, name) as tell:
            _Transfer(api, path, params, out, tell).run()
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


class _Transfer:
    """The bytes of one file, in as many requests as it takes."""

    def __init__(
        self, api: NodeApi, path: str, params: Mapping[str, Any] | None, out: IO[bytes], tell: Tell
    ) -> None:
        self._api, self._path, self._params, self._out, self._tell = api, path, params, out, tell
        self._etag = ""

    def run(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        pause = 0.25
        while True:
            before = self._out.tell()
            try:
                self._once()
            except ApiError as error:
                if self._out.tell() > before:
                    end, pause = time.monotonic() + _PATIENCE_SECONDS, 0.25
                if not error.retryable or time.monotonic() >= end:
                    raise
                time.sleep(error.retry_after or pause)
                pause = min(5.0, pause * 2)
            else:
                return

    def _once(self) -> None:
        have = self._out.tell()
        headers = {"Range": f"bytes={have}-", "If-Range": self._etag} if have and self._etag else {}
        with self._api.stream("GET", self._path, params=self._params, headers=headers) as stream:
            if stream.status != 206 and have:
                self._out.seek(0)
                self._out.truncate()
            self._etag = stream.headers.get("etag", "")
            self._take(stream)

    def _take(self, stream: Stream) -> None:
        total = None if stream.length is None else self._out.tell() + stream.length
        self._tell(self._out.tell(), total)
        while piece := stream.read(_BLOCK):
            self._out.write(piece)
            self._tell(self._out.tell(), total)
