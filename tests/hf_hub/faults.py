"""What may go wrong on demand: a kind, where, how often, and its number."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

BODY = {"cut", "reset", "stall", "drip", "slow", "wrong_bytes", "short_body", "long_body", "gzip", "chunked"}


@dataclass
class Fault:
    """``kind`` happens ``times`` times on ``origin`` (hub, api or cdn).

    Kinds: close, cut, reset (after ``at`` bytes), stall (at ``at``), drip, wrong_bytes, short_body (by ``at``),
    slow (``value`` bytes twenty times a second), long_body (by ``at``), gzip, chunked, ignore_range,
    status (``value``, with ``headers``), expired, html, changed (other bytes and ETag), drop_header (``value``).
    """

    kind: str
    origin: str = "cdn"
    times: int = 1
    at: int = 0
    value: Any = None
    headers: dict[str, str] | None = None


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, kind: str, **options: Any) -> None:
        with self._lock:
            self._waiting.append(Fault(kind, **options))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, origin: str) -> Fault | None:
        """Give the next fault of an origin, once."""
        with self._lock:
            for fault in self._waiting:
                if fault.origin == origin and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None
