"""The least a server can do: read the socket into one buffer and write it at its place."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

MIB = 2**20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def serve(connection: socket.socket, folder: Path) -> None:
    """Answer one connection until it ends."""
    buffer = memoryview(bytearray(MIB))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while data := connection.recv(4096):
            while b"\r\n\r\n" not in data:
                data += connection.recv(4096)
            top, _, first = data.partition(b"\r\n\r\n")
            method, target, _ = top.split(b" ", 2)
            if method == b"PUT":
                put(connection, folder, target.decode(), (top, first), buffer)
            elif method == b"POST" and os.environ.get("FSYNC"):
                fd = os.open(folder / target.decode().lstrip("/"), os.O_RDWR)
                os.fsync(fd)
                os.close(fd)
            connection.sendall(OK)


def put(
    connection: socket.socket, folder: Path, target: str, begun: tuple[bytes, bytes], buffer: memoryview
) -> None:
    """Write one body at its offset."""
    top, first = begun
    name, _, query = target.lstrip("/").partition("?offset=")
    length = int(top.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    fd = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
    place = int(query)
    end = place + length
    place += os.pwrite(fd, first, place)
    while place < end:
        got = 0
        want = min(MIB, end - place)
        while got < want:
            got += connection.recv_into(buffer[got:want])
        place += os.pwrite(fd, buffer[:got], place)
    os.close(fd)


def main() -> None:
    """Listen until ended."""
    folder = Path(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("PORT", listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, folder), daemon=True).start()


if __name__ == "__main__":
    main()
