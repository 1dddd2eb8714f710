"""A client of no server: it answers for models and jobs from memory."""

from __future__ import annotations

from typing import Any

ENDED = {"completed": "completed", "error": "error", "cancelled": "error"}


def job(job_id: str, *, state: str = "running", **more: Any) -> dict[str, Any]:
    """Give a job as the status route tells it."""
    told = {"job_id": job_id, "model_id": None, "state": state, "status": ENDED.get(state, "running")}
    return {**told, "progress": 0, "message": "", "files": [], **more}


class FakeReply:
    def __init__(self, value: Any) -> None:
        self.value = value

    def json(self) -> Any:
        return self.value


class FakeApi:
    """What NodeApi is to a widget. Each question about jobs takes the next of ``later``, if there is one."""

    token = "not-for-pages"
    base_url = "/"
    gone = object()

    def __init__(self, models: Any = (), jobs: Any = ()) -> None:
        self.models = list(models)
        self.jobs = list(jobs)
        self.later: list[Any] = []

    def request(self, method: str, path: str, *, params: Any = None, **_: Any) -> FakeReply:
        from jupyter_nodeapi_widgets.client.errors import NoServer

        if path.startswith("/api/downloads"):
            following = self.later.pop(0) if self.later else self.jobs
            if following is self.gone:
                raise NoServer("It restarts.", code="unreachable")
            self.jobs = following
            name = path.rpartition("/status/")[2]
            return FakeReply(next((one for one in self.jobs if one["job_id"] == name), self.jobs))
        if path == "/api/models":
            return FakeReply([model for model in self.models if params["q"] in model["id"]])
        return FakeReply({"serverId": "s", "version": "0.1.0"})
