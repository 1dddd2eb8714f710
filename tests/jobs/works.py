"""Work for the tests: plain functions, steered by events that the tests hold."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from jupyter_nodeapi.errors import InsufficientStorage, NotFound, Unavailable
from jupyter_nodeapi.jobs.engines import Retry, Stopped


class Stage:
    """What a test and the work of its jobs share."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.calls: list[dict[str, Any]] = []
        self.running = 0
        self.most = 0
        self.stubborn = threading.Event()  # set: the work may heed `stopped`
        self.stubborn.set()
        self.lock = threading.Lock()
        self.end = "ok"
        self.bytes = 0


STAGES: dict[str, Stage] = {}


def stage_of(spec):
    return STAGES.setdefault(spec.get("stage", ""), Stage())


def instant(spec, report, stopped):
    stage_of(spec).calls.append(spec)
    report(spec.get("size", 10), spec.get("size", 10))
    return {"answer": spec.get("answer", 42)}


def held(spec, report, stopped):
    """Run until the test lets it go."""
    stage = stage_of(spec)
    with stage.lock:
        stage.calls.append(spec)
        stage.running += 1
        stage.most = max(stage.most, stage.running)
    try:
        report(*spec.get("report", (42, 100)), stage="downloading")
        stage.begun.set()
        while not stage.go.wait(0.005):
            if stopped() and stage.stubborn.is_set():
                raise Stopped
        return {"done": True}
    finally:
        with stage.lock:
            stage.running -= 1


def failing(spec, report, stopped):
    """Fail as the spec says, each call its own way, then succeed."""
    stage = stage_of(spec)
    number = len(stage.calls)
    stage.calls.append(spec)
    ways = spec["ways"]
    way = ways[number] if number < len(ways) else "ok"
    if isinstance(way, int):
        report(way, 1000)
        raise Retry(Unavailable("The line is cut."))
    if way != "ok":
        error = FAILURES[way]()
        raise error
    return {}


def scripted(spec, report, stopped):
    """Run until the test says how it ends; `more` gets further and then fails for now."""
    stage = stage_of(spec)
    with stage.lock:
        stage.running += 1
        stage.most = max(stage.most, stage.running)
    try:
        report(stage.bytes, 1000)
        while not stage.go.wait(0.001):
            if stopped():
                raise Stopped
        end = stage.end
        if end == "more":
            stage.bytes = min(stage.bytes + 100, 1000)
            report(stage.bytes, 1000)
        if end == "ok":
            return {}
        error = ENDS[end]()
        raise error
    finally:
        with stage.lock:
            stage.running -= 1
        stage.go.clear()


ENDS = {
    "retry": Retry,
    "more": Retry,
    "refused": NotFound,
    "full": InsufficientStorage,
    "bug": KeyError,
}


def returning(spec, report, stopped):
    """Return what no record can hold."""
    report(1.5, 3.0)
    return {"none": None, "list": ["a"], "path": {"p": Path("/secret")}, "text": "\ud800"}[spec["what"]]


FAILURES = {
    "bug": lambda: KeyError("/secret/path"),
    "value": lambda: ValueError("/secret/path"),
    "not_found": lambda: NotFound("The other side does not know it."),
    "full": InsufficientStorage,
    "enospc": lambda: OSError(28, "No space left", "/secret/path"),
    "denied": lambda: PermissionError(13, "Permission denied", "/secret/path"),
    "odd": lambda: OSError(95, "Not supported", "/secret/path"),
    "reset": lambda: ConnectionResetError(104, "reset"),
    "later": lambda: Retry(Unavailable("Too many requests."), after=30),
    "busy": lambda: Unavailable("Stopping.", retry_after=7),
    "exit": lambda: SystemExit(3),
}
