"""The states of a job, and who may move it from which to which.

::

                 ┌───────────────────────── recover (the server was restarted) ──┐
                 v                                                               │
    start ──> queued ── run ──> running ── finish ──> completed                  │
                 ^                 │ ├──── fail ────> error ── retry ──> queued   │
                 │                 │ └──── back_off ─> waiting_retry ────────────┤
                 ├── wake, retry ──│───────────────────── │                      │
                 │                 │ hold                 │                      │
                 └──── resume ── paused <── pause ── queued, running, waiting_retry

    cancel: queued, running, waiting_retry, paused ──> cancelled

The engine never decides what a stop meant: the state does. A verb that asks for what is already so
changes nothing and is no error, because people click twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from jupyter_nodeapi.errors import Conflict

__all__ = ["ENDED", "LIVE", "TABLE", "Action", "State", "Status", "after", "status_of"]

State: TypeAlias = Literal["queued", "running", "waiting_retry", "paused", "cancelled", "error", "completed"]
Action: TypeAlias = Literal[
    "run", "finish", "fail", "back_off", "wake", "hold", "recover", "pause", "resume", "cancel", "retry"
]
_ASKED: Final[tuple[Action, ...]] = ("cancel", "pause", "resume", "retry")
Status: TypeAlias = Literal["running", "completed", "error"]

ENDED: Final[frozenset[State]] = frozenset({"cancelled", "error", "completed"})
LIVE: Final[frozenset[State]] = frozenset({"queued", "running", "waiting_retry", "paused"})

TABLE: Final[Mapping[tuple[State, Action], State]] = {
    # what happens to a job
    ("queued", "run"): "running",
    ("running", "finish"): "completed",
    ("running", "fail"): "error",
    ("running", "back_off"): "waiting_retry",
    ("running", "hold"): "paused",
    ("waiting_retry", "wake"): "queued",
    ("queued", "recover"): "queued",
    ("running", "recover"): "queued",
    ("waiting_retry", "recover"): "queued",
    # what people ask for
    ("queued", "pause"): "paused",
    ("running", "pause"): "paused",
    ("waiting_retry", "pause"): "paused",
    ("paused", "pause"): "paused",
    ("paused", "resume"): "queued",
    ("queued", "resume"): "queued",
    ("running", "resume"): "running",
    ("queued", "cancel"): "cancelled",
    ("running", "cancel"): "cancelled",
    ("waiting_retry", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
    ("cancelled", "cancel"): "cancelled",
    ("error", "retry"): "queued",
    ("waiting_retry", "retry"): "queued",
    ("queued", "retry"): "queued",
    ("running", "retry"): "running",
}

_STATUS: Final[Mapping[State, Status]] = {"completed": "completed", "error": "error", "cancelled": "error"}


def after(state: State, action: Action) -> State:
    """Give the state that `action` leads to.

    Raises
    ------
    Conflict
        When a job in `state` cannot do that; ``state`` is among its details.
    """
    following = TABLE.get((state, action))
    if following is None:
        allowed = [verb for verb in _ASKED if TABLE.get((state, verb), state) != state]
        raise Conflict(
            f"A job that is '{state}' cannot {action}.",
            code="wrong_state",
            hint=f"Possible now: {', '.join(allowed)}." if allowed else "This job is over: start a new one.",
            state=state,
        )
    return following


def status_of(state: State) -> Status:
    """Say a state in the three words of the documented status reply."""
    return _STATUS.get(state, "running")
