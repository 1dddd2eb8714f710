"""One server for the team, as a service of the Hub: members use it, curators install, others stay outside."""

from __future__ import annotations

import pytest

from .real_hub import Member, RealHub
from .test_members import a_second_of_sound, completed, upload

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
SERVICE = "/services/models"
CREDENTIALS = ["cookie", "token"]


@pytest.fixture(scope="module")
def people(hub: RealHub) -> dict[tuple[str, str], Member]:
    """Everyone who gets in, by name and by what they show."""
    return {
        (name, credential): hub.enter(hub.browser(name), SERVICE)
        if credential == "cookie"
        else hub.token(name).at(hub.url + SERVICE)
        for name in ("ann", "bob")
        for credential in CREDENTIALS
    }


@pytest.fixture(params=CREDENTIALS)
def credential(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_member_reads_and_may_not_install(people: dict[tuple[str, str], Member], credential: str) -> None:
    bob = people["bob", credential]
    assert bob.get("/api/models").status_code == 200
    refused = bob.post("/api/models/download/shared/model")
    assert refused.status_code == 403
    assert {"code", "message", "hint"} <= set(refused.json())
    assert bob.delete("/api/models/download/shared/model").status_code in {403, 405}


def test_a_curator_installs_for_all(people: dict[tuple[str, str], Member], credential: str) -> None:
    started = people["ann", credential].post("/api/models/download/shared/model")
    assert started.status_code in {200, 202}, started.text
    assert completed(people["ann", credential], started.json()["job_id"])["status"] == "completed"
    listed = people["bob", credential].get("/api/models/Team%20Models").json()
    assert listed == [{"name": "shared", "path": "Team Models/shared.bin"}]


def test_a_member_uploads_trims_and_saves(people: dict[tuple[str, str], Member], credential: str) -> None:
    bob = people["bob", credential]
    path = upload(bob, f"{credential}.wav", a_second_of_sound()).json()["filePath"]
    body = {"filePath": path, "start": 0, "end": 1, "sessionId": "hub"}
    assert bob.post("/api/audio/trim", json=body).status_code == 200
    saved = bob.post("/api/files/save", json={"path": f"bob/{credential}.json", "content": 1})
    assert saved.status_code == 200


def test_what_one_member_uploads_does_not_exist_for_another(people: dict[tuple[str, str], Member]) -> None:
    ann, bob = people["ann", "token"], people["bob", "token"]
    path = upload(ann, "own.wav", a_second_of_sound(), "anns").json()["filePath"]
    where = {"filePath": path, "start": 0, "end": 1}
    for member, status in ((ann, 200), (bob, 404)):
        asked = {
            "temp": member.get(path),
            "trim": member.post("/api/audio/trim", json={**where, "sessionId": "x"}),
            "info": member.get("/api/audio/info", params={"filePath": path}),
            "peaks": member.get("/api/audio/peaks", params={"filePath": path, "bins": 10}),
            "preview": member.get("/api/audio/preview", params=where),
        }
        assert {name: reply.status_code for name, reply in asked.items()} == dict.fromkeys(asked, status)


def test_each_member_has_a_session_to_begin_in(people: dict[tuple[str, str], Member]) -> None:
    for name in ("ann", "bob"):
        member = people[name, "token"]
        session = member.get("/api/upload/config").json()["defaultSession"]
        path = upload(member, "first.bin", b"12", session).json()["filePath"]
        assert path.split("/")[3] == f"notebook-{name}"


@pytest.mark.parametrize("background", [False, True])
def test_what_one_member_trims_does_not_exist_for_another(
    people: dict[tuple[str, str], Member], background: bool
) -> None:
    ann, bob = people["ann", "token"], people["bob", "token"]
    path = upload(ann, "cut.wav", a_second_of_sound(), "anns").json()["filePath"]
    body = {"filePath": path, "start": 0, "end": 0.5, "sessionId": "anns", "background": background}
    reply = ann.post("/api/audio/trim", json=body).json()
    result = completed(ann, reply["job_id"])["result"] if background else reply
    cut = result["filePath"]
    assert [member.get(cut).status_code for member in (ann, bob)] == [200, 404]
    again = {"filePath": cut, "start": 0, "end": 0.1, "sessionId": "x"}
    trims = [member.post("/api/audio/trim", json=again) for member in (ann, bob)]
    assert [trim.status_code for trim in trims] == [200, 404]


def test_a_member_decides_about_the_job_of_their_own_trim_alone(
    people: dict[tuple[str, str], Member],
) -> None:
    ann, bob = people["ann", "token"], people["bob", "token"]
    path = upload(bob, "job.wav", a_second_of_sound(), "bobs").json()["filePath"]
    body = {"filePath": path, "start": 0, "end": 0.5, "sessionId": "bobs", "background": True}
    job_id = bob.post("/api/audio/trim", json=body).json()["job_id"]
    completed(bob, job_id)
    asked = [member.post(f"/api/downloads/{job_id}/cancel").status_code for member in (bob, ann)]
    assert asked == [409, 404], "over for its member, and not there for a curator"


@pytest.mark.parametrize(
    "path", ["/api/kernels", "/api/contents", "/api/sessions", "/api/terminals", "/api/status"]
)
def test_nobody_gets_the_service_accounts_kernels_or_files(
    people: dict[tuple[str, str], Member], credential: str, path: str
) -> None:
    reply = people["ann", credential].get(path)
    assert reply.status_code in ({403, 404} if path == "/api/terminals" else {200, 403})
    assert reply.status_code == 403 or path in {"/api/terminals", "/api/status"}


def test_a_member_cannot_stop_the_service(people: dict[tuple[str, str], Member], credential: str) -> None:
    assert people["ann", credential].post("/api/shutdown").status_code == 403
    assert people["ann", credential].get("/api/models").status_code == 200


def test_who_has_an_account_but_no_access_stays_outside(hub: RealHub) -> None:
    carl = hub.token("carl").at(hub.url + SERVICE)
    assert carl.get("/api/models").status_code == 403
    browser = hub.browser("carl")
    assert browser.get(f"{SERVICE}/nodeapi").status_code == 403
    assert browser.at(hub.url + SERVICE).get("/api/models").status_code == 403
