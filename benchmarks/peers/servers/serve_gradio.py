"""Gradio with one file box, mounted as its documentation says; what it takes lies in its cache."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

os.environ["GRADIO_TEMP_DIR"] = sys.argv[1]  # before the import, which reads it

import gradio
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/light")
async def light() -> dict[str, str]:
    """Answer at once."""
    return {}


with gradio.Blocks() as blocks:
    gradio.File()


async def main() -> None:
    """Listen until ended."""
    mounted = gradio.mount_gradio_app(app, blocks, path="/")
    listener = socket.create_server(("127.0.0.1", 0))
    print("PORT", listener.getsockname()[1], flush=True)
    await uvicorn.Server(uvicorn.Config(mounted, log_level="warning")).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
