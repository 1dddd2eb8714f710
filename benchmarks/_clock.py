"""A server extension, linked before ours by its name, that times how long ours takes to come up.

``<JUPYTER_RUNTIME_DIR>/clock.json`` then holds the milliseconds of each step.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TAKEN: dict[str, float] = {}
STEPS = ("initialize_settings", "initialize_handlers")


def _timed(step: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def timed(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            TAKEN[step] = (time.perf_counter() - begun) * 1000

    return timed


def _timed_start(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def timed(*args: Any, **kwargs: Any) -> None:
        begun = time.perf_counter()
        await method(*args, **kwargs)
        TAKEN["start"] = (time.perf_counter() - begun) * 1000
        _keep()

    return timed


def _keep() -> None:
    kept = Path(os.environ["JUPYTER_RUNTIME_DIR"], "clock.json")
    draft = kept.with_suffix(".draft")
    draft.write_text(json.dumps(TAKEN))
    draft.replace(kept)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "_clock"}]


def _link_jupyter_server_extension(app: Any) -> None:
    from jupyter_nodeapi.app import NodeApiApp

    for step in STEPS:
        setattr(NodeApiApp, step, _timed(step, getattr(NodeApiApp, step)))
    start = NodeApiApp._start_jupyter_server_extension  # noqa: SLF001
    NodeApiApp._start_jupyter_server_extension = _timed_start(start)  # type: ignore[method-assign]  # noqa: SLF001


def _load_jupyter_server_extension(app: Any) -> None:
    """Nothing to load."""
