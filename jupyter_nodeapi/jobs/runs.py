"""What memory knows of jobs beside their records: how their kind runs, and what each is doing this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_nodeapi.jobs.engines import Engine, Report, Result, Spec
from jupyter_nodeapi.jobs.meter import Meter
from jupyter_nodeapi.jobs.outcomes import sound
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.report import Reporter

__all__ = ["Kind", "Run", "Settle"]

Settle: TypeAlias = Callable[[Spec, Result], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job, as its room registered it."""

    work: str
    on_end: Callable[[Job], None] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    settle: Settle | None = None

    async def run(self, engine: Engine, key: str, spec: Spec, report: Report) -> Result:
        """Let an engine do the work, and its room look at what came of it."""
        result = sound(await engine.run(key, self.work, {**spec, **self.context}, report))
        if self.settle is not None:
            await self.settle(spec, result)
        return result


@dataclass(slots=True)
class Run:
    """What only memory knows about a job."""

    failed_at: int
    meter: Meter = field(default_factory=Meter)
    reporter: Reporter | None = None
    step: asyncio.Task[Any] | None = None
    interrupted: bool = False
    turning: bool = False
    saved_progress: int = 0
