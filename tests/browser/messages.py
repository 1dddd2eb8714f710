"""HTTP/1.1 messages, whole and as they came: enough to forward them and to know what they are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_BODILESS = {b"204", b"304"}


@dataclass(frozen=True)
class Message:
    """A request or an answer."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def uploads(self) -> bool:
        """Whether it is a request that carries bytes of an upload, or begins one."""
        return self.method in {"POST", "PATCH"} and b"/api/upload" in self.head.split(b"\r\n", 1)[0]

    def header(self, name: bytes) -> bytes:
        return _header(self.head, name)


async def read_message(
    reader: asyncio.StreamReader, *, expecting: asyncio.StreamWriter | None = None, to: str = ""
) -> Message | None:
    """Read one message, or give None where the connection ends.

    Parameters
    ----------
    reader : StreamReader
        The connection.
    expecting : StreamWriter, optional
        For requests: who is told to go on when it sent ``Expect: 100-continue``.
    to : str
        For answers: the method of the request.
    """
    head = await _head(reader)
    while to and head.startswith(b"HTTP/1.1 1"):
        head = await _head(reader)
    if not head:
        return None
    if expecting and _header(head, b"expect").lower() == b"100-continue":
        expecting.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"expect:"))
    if to and (to == "HEAD" or head.split(b" ", 2)[1] in _BODILESS):
        return Message(head, b"")
    if b"chunked" in _header(head, b"transfer-encoding").lower():
        return Message(head, await _chunks(reader))
    return Message(head, await reader.readexactly(int(_header(head, b"content-length") or 0)))


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        body += size + await reader.readexactly(int(size, 16) + 2)
        if int(size, 16) == 0:
            return body


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""
