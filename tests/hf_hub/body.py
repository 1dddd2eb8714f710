"""Serving bytes as object stores do: one range, If-Range, keep-alive; and badly, on demand."""

from __future__ import annotations

import gzip
import re
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler

from tests.hf_hub.faults import Fault

PIECE = 1 << 20


def serve(
    request: BaseHTTPRequestHandler,
    data: bytes,
    headers: dict[str, str],
    fault: Fault | None,
    stop: threading.Event,
) -> None:
    """Answer a GET or HEAD for these bytes."""
    kind = fault.kind if fault else ""
    if kind == "changed":
        data = bytes(reversed(data))
        headers = {**headers, "ETag": '"changed"'}
    start, end, status = _range(request, data, headers, ignore=kind == "ignore_range")
    if status == 416:
        _head(request, 416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"})
        return
    if status == 206:
        headers = {**headers, "Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
    part = data if (start, end) == (0, len(data)) else data[start:end]
    body, headers = _spoil(part, headers, fault)
    length = len(part) if kind in {"cut", "reset", "stall"} else len(body)
    sent = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", **headers}
    if kind == "drop_header" and fault is not None:
        sent.pop(fault.value, None)
    if kind == "chunked":
        _head(request, status, {**sent, "Transfer-Encoding": "chunked"})
        _send_chunked(request, body)
        return
    _head(request, status, {**sent, "Content-Length": str(length)})
    if request.command == "GET":
        _send(request, body, fault, stop)


def _spoil(body: bytes, headers: dict[str, str], fault: Fault | None) -> tuple[bytes, dict[str, str]]:
    kind, at = (fault.kind, fault.at) if fault else ("", 0)
    if kind == "wrong_bytes":
        body = bytes(byte ^ 1 for byte in body[:64]) + body[64:]
    elif kind == "gzip":
        return gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
    elif kind == "short_body":
        body = body[: len(body) - at]
    elif kind == "long_body":
        body += b"!" * at
    return body, headers


def _range(
    request: BaseHTTPRequestHandler, data: bytes, headers: dict[str, str], *, ignore: bool
) -> tuple[int, int, int]:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    validator = request.headers.get("If-Range")
    if not match or ignore or (validator is not None and validator != headers.get("ETag")):
        return 0, len(data), 200
    start = int(match[1])
    if start >= len(data):
        return 0, 0, 416
    return start, min(len(data), int(match[2]) + 1 if match[2] else len(data)), 206


def _head(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()


def _send(request: BaseHTTPRequestHandler, body: bytes, fault: Fault | None, stop: threading.Event) -> None:
    kind = fault.kind if fault else ""
    if kind in {"cut", "reset", "stall"}:
        assert fault is not None
        request.wfile.write(body[: fault.at])
        request.wfile.flush()
        if kind == "stall":
            stop.wait()
        elif kind == "reset":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hang_up(request)
    elif kind in {"drip", "slow"}:
        assert fault is not None
        size, pause = (1, 0.02) if kind == "drip" else (fault.value, 0.05)
        for offset in range(0, len(body), size):
            request.wfile.write(body[offset : offset + size])
            if stop.wait(pause):
                return
    else:
        view = memoryview(body)
        for offset in range(0, len(body), PIECE):
            request.wfile.write(view[offset : offset + PIECE])


def _send_chunked(request: BaseHTTPRequestHandler, body: bytes) -> None:
    for offset in range(0, len(body), PIECE):
        piece = body[offset : offset + PIECE]
        request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    request.wfile.write(b"0\r\n\r\n")


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    request.connection.close()
