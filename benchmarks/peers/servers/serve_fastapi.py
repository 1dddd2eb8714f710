"""FastAPI: a form with an UploadFile, copied to its place by the mebibyte, by uvicorn."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form, UploadFile
from fastapi.concurrency import run_in_threadpool

MIB = 2**20
FOLDER = Path(sys.argv[1])
app = FastAPI()


@app.get("/light")
async def light() -> dict[str, str]:
    """Answer at once."""
    return {}


@app.post("/chunk")
async def chunk(
    file: UploadFile, name: Annotated[str, Form()], offset: Annotated[int, Form()]
) -> dict[str, int]:
    """Write a chunk at its place."""
    fd = os.open(FOLDER / name, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while block := await file.read(MIB):
            offset += await run_in_threadpool(os.pwrite, fd, block, offset)
    finally:
        os.close(fd)
    return {"offset": offset}


@app.post("/{name}")
async def done(name: str) -> dict[str, str]:
    """Say that the file is whole."""
    if os.environ.get("FSYNC"):
        fd = os.open(FOLDER / name, os.O_RDWR)
        await run_in_threadpool(os.fsync, fd)
        os.close(fd)
    return {}


async def main() -> None:
    """Listen until ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    print("PORT", listener.getsockname()[1], flush=True)
    await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
