"""Send one file in chunks until it is whole, whatever happens in between.

::

    ask what is there ──> claim a missing chunk ──> POST it ──┬─ taken ──> claim the next ... completed
            ^                                                 ├─ 413: half the chunk, from the start
            └──── the network, 429, 502-504: wait, ask again ─┴─ anything else: give up, what arrived stays

The ``uploadId`` comes from the source's stamp: a later call with the same bytes goes on where this one broke
off. An upload that must begin anew (cancelled, already completed, or with smaller chunks) gets another one.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from jupyter_nodeapi_widgets.client.errors import ApiError
from jupyter_nodeapi_widgets.client.progress import Tell
from jupyter_nodeapi_widgets.client.results import Uploaded, UploadStatus, made
from jupyter_nodeapi_widgets.client.sources import Source

if TYPE_CHECKING:
    from jupyter_nodeapi_widgets.client.api import NodeApi

__all__ = ["Sending", "form"]

_SMALLEST_CHUNK = 16 * 1024
_FIRST_PAUSE, _MOST_PAUSE = 0.25, 10.0


class Sending:
    """One upload.

    Parameters
    ----------
    api : NodeApi
        The server.
    source : Source
        The bytes.
    fields : mapping of str to str
        Who and where: ``sessionId``, ``nodeName``, ``nodeId``, ``filename`` ...
    chunk_size : int
        Bytes of a chunk, to begin with.
    parallel : int
        Chunks on their way at once.
    patience : float
        Seconds without any success after which it gives up.
    tell : callable
        Told ``(bytes, total)``.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self,
        api: NodeApi,
        source: Source,
        fields: Mapping[str, str],
        *,
        chunk_size: int,
        parallel: int,
        patience: float,
        tell: Tell,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api, self._source, self._tell, self._sleep = api, source, tell, sleep
        self._fields = {**fields, "uploadId": source.stamp}
        self._chunk_size = chunk_size
        self._parallel = parallel
        self._patience = patience
        self._lock = threading.Lock()
        self._done: dict[str, Any] | None = None
        self._have = 0

    def run(self) -> Uploaded:
        """Send what is missing and give the file as it lies on the server.

        Raises
        ------
        ApiError
            The server refused, or was away for longer than `patience`.
        """
        end, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            before = self._have
            try:
                self._attempt()
            except ApiError as error:
                if self._have > before:
                    end, pause = time.monotonic() + self._patience, _FIRST_PAUSE
                self._judge(error, late=time.monotonic() >= end)
                if error.status != 413:
                    self._sleep(error.retry_after if error.retry_after is not None else pause)
                    pause = min(_MOST_PAUSE, pause * 2)
            if self._done is not None:
                return self._uploaded(self._done)

    def _judge(self, error: ApiError, *, late: bool) -> None:
        """Halve the chunk for a 413, wait for what may pass, raise the rest."""
        if error.status == 413 and "maxFileSize" not in error.details:  # no chunk is small enough for that
            smaller = min(self._chunk_size, self._source.size) // 2
            if smaller >= _SMALLEST_CHUNK:
                self._forget()
                self._chunk_size = smaller
                return
        if late or not error.retryable or error.status in {413, 507}:
            raise error

    def _attempt(self) -> None:
        missing = self._missing()
        self._tell(self._have, self._source.size)
        if not missing:
            return
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                with self._lock:
                    if not missing or self._done is not None:
                        return
                    index = missing.pop(0)
                try:
                    self._send(index)
                except BaseException:
                    stop.set()
                    raise

        with ThreadPoolExecutor(max(1, min(self._parallel, len(missing)))) as pool:
            futures = [pool.submit(work) for _ in range(pool._max_workers)]  # noqa: SLF001
            try:
                for future in futures:
                    future.result()
            finally:
                stop.set()

    def _missing(self) -> list[int]:
        """Ask what is there; begin anew where it cannot be continued."""
        status = self._status()
        same = status is not None and status.total_size == self._source.size and bool(status.chunk_size)
        if status is None or not status.received or status.completed or not same:
            self._have = 0
            if status is not None and (status.completed or status.received):
                self._anew()
            return list(range(self._total))
        self._chunk_size = int(status.chunk_size or self._chunk_size)
        self._have = status.size
        return [index for first, last in status.missing for index in range(first, last + 1)]

    def _status(self) -> UploadStatus | None:
        try:
            return made(UploadStatus, self._api.request("GET", "/api/upload", params=self._fields).json())
        except ApiError as error:
            if error.status == 410:
                self._anew()
                return None
            if error.status == 404 and error.code == "not_found":
                return None
            raise

    def _send(self, index: int) -> None:
        offset = index * self._chunk_size
        data = self._source.read(offset, max(0, min(self._chunk_size, self._source.size - offset)))
        fields = {
            **self._fields,
            "chunkIndex": str(index),
            "totalChunks": str(self._total),
            "chunkSize": str(self._chunk_size),
            "totalSize": str(self._source.size),
            "chunkHash": f"crc32:{zlib.crc32(data):08x}",
        }
        kind, body = form(fields, self._source.name, data)
        told = self._api.request("POST", "/api/upload", data=body, headers={"Content-Type": kind}).json()
        with self._lock:
            self._have += len(data)
            self._tell(min(self._have, self._source.size), self._source.size)
            if told.get("completed"):
                self._done = told

    @property
    def _total(self) -> int:
        return max(1, math.ceil(self._source.size / self._chunk_size))

    def _anew(self) -> None:
        self._fields["uploadId"] = f"{self._source.stamp}-{secrets.token_hex(4)}"

    def _forget(self) -> None:
        """Give the attempt up, and what it left with it."""
        self._api.request("DELETE", "/api/upload", params=self._fields, check=False)
        self._anew()
        self._have = 0

    def _uploaded(self, told: Mapping[str, Any]) -> Uploaded:
        path = str(told["filePath"])
        return Uploaded(path, path.rsplit("/", 1)[-1], int(told.get("size", self._source.size)))


def form(fields: Mapping[str, str], filename: str, data: bytes) -> tuple[str, bytes]:
    """Give the content type and the bytes of a multipart form with one file, its last part.

    Parameters
    ----------
    fields : mapping of str to str
        The other parts.
    filename : str
        Of the file.
    data : bytes
        The file.
    """
    line = f"nodeapi-{secrets.token_hex(16)}"
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    shown = filename.replace("\\", "%5C").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts.append(f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n')
    head = "".join(parts) + "Content-Type: application/octet-stream\r\n\r\n"
    return f"multipart/form-data; boundary={line}", b"".join(
        (head.encode("utf-8"), data, f"\r\n--{line}--\r\n".encode())
    )
