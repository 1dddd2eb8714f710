"""Wait for something to become true, with a deadline instead of a guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .plain_http import Client


def until(what: Callable[[], Any], seconds: float = 30, *, of: str = "it") -> Any:
    """Return the first truthy answer of `what`."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"{of} did not happen within {seconds} s"
        time.sleep(0.02)
    return answer


def ended(client: Client, job_id: str, seconds: float = 60) -> list[dict[str, Any]]:
    """Poll a job as the document says and return every status seen, the last one ended."""
    seen: list[dict[str, Any]] = []

    def look() -> bool:
        reply = client.get(f"/api/downloads/status/{job_id}")
        assert reply.status == 200, reply
        seen.append(reply.json)
        return reply.json["status"] != "running"

    until(look, seconds, of=f"the end of job {job_id}")
    return seen
