"""Jobs over HTTP, with the whole extension behind."""

from __future__ import annotations

import asyncio
import json

import pytest
from jupyter_server.auth.identity import User
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from jupyter_nodeapi.jupyterhub import TeamAuthorizer
from tests.jobs import works
from tests.jobs.house import until, work

NEVER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def jobs(api):
    works.STAGES.clear()
    api.app.jobs.register("probe", work("held"))
    api.app.jobs.register("doomed", work("failing"))
    api.app.jobs.register("download", work("held"))
    yield api.app.jobs
    for stage in works.STAGES.values():
        stage.go.set()


@pytest.fixture
def held(api, jobs):
    """A download at 42 per cent."""
    spec = {"stage": "a", "report": [420, 1000]}
    job = api.loop.run_until_complete(jobs.start("download", "a", spec, subject="yolox_s"))
    api.loop.run_until_complete(until(works.STAGES.setdefault("a", works.Stage()).begun.is_set))
    return job


def comes_to(api, job, state):
    api.loop.run_until_complete(until(lambda: job.state == state))


def test_the_status_reply_is_the_documented_one_and_more(api, held):
    reply = api.get(f"/api/downloads/status/{held.job_id}")
    assert reply.status == 200
    documented = {"status": "running", "progress": 42, "message": "Downloading... 42%"}
    assert {name: reply.json[name] for name in documented} == documented
    more = {
        "job_id": held.job_id,
        "model_id": "yolox_s",
        "state": "running",
        "stage": "downloading",
        "bytes": 420,
        "total_bytes": 1000,
        "speed_bps": 0,
        "eta_s": None,
        "code": None,
        "hint": None,
        "files": [],
        "attempt": 1,
        "retry_at": None,
    }
    assert {name: reply.json[name] for name in more} == more
    assert reply.json["created_at"] <= reply.json["started_at"]


@pytest.mark.parametrize(
    ("verb", "state", "status"), [("cancel", "cancelled", "error"), ("pause", "paused", "running")]
)
def test_what_people_decide_is_so_when_the_reply_comes(api, held, verb, state, status):
    reply = api.post(f"/api/downloads/{held.job_id}/{verb}")
    assert (reply.status, reply.json["state"], reply.json["status"]) == (200, state, status)
    again = api.post(f"/api/downloads/{held.job_id}/{verb}")
    assert (again.status, again.json["state"]) == (200, state)


def test_a_paused_job_goes_on_to_its_end(api, held):
    api.post(f"/api/downloads/{held.job_id}/pause")
    assert api.post(f"/api/downloads/{held.job_id}/resume").json["status"] == "running"
    works.STAGES["a"].go.set()
    comes_to(api, held, "completed")
    reply = api.get(f"/api/downloads/status/{held.job_id}").json
    assert (reply["status"], reply["progress"]) == ("completed", 100)


def test_a_failed_job_says_why_and_is_tried_again(api, jobs):
    spec = {"stage": "f", "ways": ["not_found"]}
    job = api.loop.run_until_complete(jobs.start("doomed", "f", spec))
    comes_to(api, job, "error")
    reply = api.get(f"/api/downloads/status/{job.job_id}").json
    assert (reply["status"], reply["code"], reply["message"]) == (
        "error",
        "not_found",
        "The other side does not know it.",
    )
    assert api.post(f"/api/downloads/{job.job_id}/retry").status == 200
    comes_to(api, job, "completed")


def test_what_the_state_does_not_allow_is_a_conflict(api, held):
    works.STAGES["a"].go.set()
    comes_to(api, held, "completed")
    reply = api.post(f"/api/downloads/{held.job_id}/cancel")
    assert (reply.status, reply.json["code"], reply.json["state"]) == (409, "wrong_state", "completed")
    assert reply.json["hint"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "status/{id}"),
        ("POST", "{id}/cancel"),
        ("POST", "{id}/pause"),
        ("POST", "{id}/resume"),
        ("POST", "{id}/retry"),
    ],
)
def test_a_job_that_never_was_is_not_found(api, jobs, method, path):
    for job_id in [NEVER, "x", "..%2f..%2fetc", "%00", "%F0%9F%8E%B5"]:
        reply = api.request(method, "/api/downloads/" + path.format(id=job_id))
        assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_the_list_is_newest_first_and_counts_all(api, jobs, held):
    api.loop.run_until_complete(jobs.start("probe", "p", {"stage": "p"}))
    reply = api.get("/api/downloads")
    assert [job["kind"] for job in reply.json] == ["probe", "download"]
    assert reply.headers["X-Total-Count"] == "2"
    assert [job["kind"] for job in api.get("/api/downloads", params={"kind": "download"}).json] == [
        "download"
    ]
    assert api.get("/api/downloads", params={"state": "error"}).json == []
    limited = api.get("/api/downloads", params={"limit": 1})
    assert (len(limited.json), limited.headers["X-Total-Count"]) == (1, "2")


def test_a_list_that_cannot_be_is_refused(api, jobs):
    for query in [{"state": "asleep"}, {"limit": 0}, {"limit": "many"}, {"limit": 10**9}]:
        reply = api.get("/api/downloads", params=query)
        assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")


def test_strangers_learn_nothing(api, jobs):
    for path in ["", "/events", f"/status/{NEVER}"]:
        assert api.get("/api/downloads" + path, token=False).status == 403


def test_on_a_shared_server_another_members_job_is_not_there(api, jobs, held, monkeypatch):
    mine = {"stage": "b", "report": [1, 2]}
    job = api.run(jobs.start("probe", "b", mine, subject="clip", owner="ann"))
    for viewer, seen in (("ann", {held.job_id, job.job_id}), ("bob", {held.job_id})):
        monkeypatch.setattr("jupyter_nodeapi.jobs.handlers.owner_of", lambda _, name=viewer: name)
        assert {row["job_id"] for row in api.get("/api/downloads").json} == seen
    assert api.get(f"/api/downloads/status/{job.job_id}").status == 404
    for verb in ("pause", "resume", "retry", "cancel"):
        assert api.post(f"/api/downloads/{job.job_id}/{verb}").status == 404
    assert api.get(f"/api/downloads/status/{held.job_id}").status == 200


def test_for_a_team_members_decide_about_their_own_jobs_and_curators_about_everybodys(
    api, jobs, held, jp_serverapp, monkeypatch
):
    jobs.register("trim", work("held"))
    clip = api.run(jobs.start("trim", "b", {"stage": "b"}, subject="clip", owner="ann"))
    users = {name: User(name) for name in ("ann", "bob", "cleo")}
    for name, user in users.items():
        user.hub_user = {"scopes": ["custom:nodeapi:write"] if name == "cleo" else []}
    monkeypatch.setitem(jp_serverapp.web_app.settings, "authorizer", TeamAuthorizer())

    def decide(name: str, job_id: str, verb: str) -> int:
        monkeypatch.setattr(jp_serverapp.identity_provider, "get_user", lambda _: users[name])
        monkeypatch.setattr(jp_serverapp.identity_provider, "is_token_authenticated", lambda _: True)
        return api.post(f"/api/downloads/{job_id}/{verb}").status

    for name, missing in (("bob", 403), ("cleo", 404)):
        for verb in ("pause", "resume", "retry", "cancel"):
            assert [decide(name, job, verb) for job in (clip.job_id, NEVER)] == [missing] * 2
    assert [decide("ann", clip.job_id, verb) for verb in ("pause", "resume", "cancel")] == [200] * 3
    assert [decide(name, held.job_id, "cancel") for name in ("bob", "ann", "cleo")] == [403, 403, 200]


def test_being_asked_is_no_activity_and_getting_on_is(api, jobs, jp_serverapp):
    times = jp_serverapp.web_app.settings
    times.pop("api_last_activity", None)
    api.get("/api/downloads")
    api.get(f"/api/downloads/status/{NEVER}")
    assert "api_last_activity" not in times
    api.loop.run_until_complete(jobs.start("download", "z", {"stage": "z"}))
    api.loop.run_until_complete(until(lambda: "jupyter_nodeapi" in times["last_activity_times"]))


class Listener:
    """Reads a stream of events while the server lives in the same loop."""

    def __init__(self, api, last_event_id=None):
        self.events = []
        self.text = ""
        headers = {"Authorization": f"token {api.token}"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.client = AsyncHTTPClient(force_instance=True)
        request = HTTPRequest(
            api.base + "api/downloads/events",
            headers=headers,
            streaming_callback=self.take,
            header_callback=lambda line: setattr(self, "head", getattr(self, "head", "") + line),
            request_timeout=20,
        )
        self.future = self.client.fetch(request, raise_error=False)

    def take(self, chunk):
        self.text += chunk.decode()
        *frames, self.text = self.text.split("\n\n")
        for frame in frames:
            if frame.startswith("id: "):
                number, data = frame.split("\n")
                self.events.append((number[4:], json.loads(data[6:])))

    def states(self, job):
        return [event["state"] for _, event in self.events if event["job_id"] == job.job_id]


def test_a_listener_hears_how_it_is_and_all_that_happens_until_the_server_stops(api, jobs, held):
    async def story():
        listener = Listener(api)
        await until(lambda: listener.events)
        assert "text/event-stream" in listener.head
        await jobs.pause(held.job_id)
        await jobs.cancel(held.job_id)
        await until(lambda: listener.states(held)[-1] == "cancelled")
        await jobs.stop()
        await asyncio.wait_for(listener.future, 10)
        listener.client.close()
        assert listener.states(held) == ["running", "paused", "cancelled"]

    api.loop.run_until_complete(story())


def test_a_listener_that_comes_back_hears_what_it_missed(api, jobs, held):
    async def story():
        first = Listener(api)
        await until(lambda: first.events)
        last, _ = first.events[-1]
        first.client.close()
        await jobs.pause(held.job_id)
        await jobs.resume(held.job_id)
        second = Listener(api, last)
        await until(lambda: "running" in second.states(held))
        assert second.states(held) == ["paused", "queued", "running"]
        await jobs.stop()
        await asyncio.wait_for(second.future, 10)
        second.client.close()

    api.loop.run_until_complete(story())


def test_a_listener_that_leaves_ends_its_stream(api, jobs, held):
    async def story():
        reader, writer = await asyncio.open_connection("127.0.0.1", int(api.base.split(":")[2].split("/")[0]))
        path = "/" + api.base.split("/", 3)[3] + "api/downloads/events"
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {api.token}\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b"data: ")
        listening = [task for task in asyncio.all_tasks() if "EventsHandler" in repr(task.get_coro())]
        writer.close()
        await writer.wait_closed()
        await until(lambda: all(task.done() for task in listening))
        assert api.app.jobs.events is jobs.events

    api.loop.run_until_complete(story())
