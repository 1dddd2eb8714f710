"""aiohttp: blocks of 1 MiB, written by a thread; as a form by its multipart reader, or as a bare body."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from aiohttp import web

MIB = 2**20
FOLDER = Path(sys.argv[1])


async def form(request: web.Request) -> web.Response:
    """Write the chunk of a form at its place."""
    fields: dict[str, str] = {}
    async for part in await request.multipart():
        if part.name != "file":
            fields[part.name] = await part.text()
            continue
        fd, offset = os.open(FOLDER / fields["name"], os.O_RDWR | os.O_CREAT, 0o644), int(fields["offset"])
        try:
            while block := await part.read_chunk(MIB):
                await asyncio.to_thread(os.pwrite, fd, block, offset)
                offset += len(block)
        finally:
            os.close(fd)
    return web.json_response({})


async def put(request: web.Request) -> web.Response:
    """Write a chunk that is a body at its place."""
    fd = os.open(FOLDER / request.match_info["name"], os.O_RDWR | os.O_CREAT, 0o644)
    offset, left = int(request.query["offset"]), request.content_length or 0
    try:
        while left:
            block = await request.content.readexactly(min(MIB, left))
            await asyncio.to_thread(os.pwrite, fd, block, offset)
            offset, left = offset + len(block), left - len(block)
    finally:
        os.close(fd)
    return web.json_response({"offset": offset})


async def done(request: web.Request) -> web.Response:
    """Say that the file is whole."""
    if os.environ.get("FSYNC"):
        fd = os.open(FOLDER / request.match_info["name"], os.O_RDWR)
        await asyncio.to_thread(os.fsync, fd)
        os.close(fd)
    return web.json_response({})


async def light(_: web.Request) -> web.Response:
    """Answer at once."""
    return web.json_response({})


async def main() -> None:
    """Listen until ended."""
    app = web.Application(client_max_size=2**40)
    app.add_routes([web.get("/light", light), web.post("/chunk", form)])
    app.add_routes([web.put("/{name}", put), web.post("/{name}", done)])
    runner = web.AppRunner(app, read_bufsize=MIB)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("PORT", runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
