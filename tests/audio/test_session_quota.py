"""A trim's session decides whose quota its result takes from."""

from __future__ import annotations

import shutil

import pytest

from jupyter_nodeapi.audio.schemas import TrimRequest
from jupyter_nodeapi.disk import owners, sessions
from jupyter_nodeapi.errors import NotFound
from tests.jobs.house import until

pytestmark = pytest.mark.slow

SOURCE = "/temp/uploads/{}/Audio_5/sound.wav"
SECOND = 44100 * 4


@pytest.fixture
def temp(api, tmp_path, sounds):
    temp = tmp_path / "nodeapi" / "temp"
    for session in ("one", "two"):
        folder = temp / "uploads" / session / "Audio_5"
        folder.mkdir(parents=True)
        shutil.copy(sounds / "sound.wav", folder)
    return temp


def ask(session="one", seconds=1.0, **more):
    return {"filePath": SOURCE.format("one"), "start": 0, "end": seconds, "sessionId": session, **more}


def results(temp) -> list[str]:
    folder = temp / "AudioTrim"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_results_count_for_the_session_that_asked(api, temp):
    assert api.post("api/audio/trim", json=ask("two")).status == 200
    assert api.post("api/audio/trim", json=ask("", seconds=2.0)).status == 200  # the source's own session
    assert sessions.size(temp, "two") == pytest.approx(SECOND, abs=200)
    assert sessions.size(temp, "one") == pytest.approx(2 * SECOND, abs=200)
    assert sessions.size(temp, None) == pytest.approx(3 * SECOND, abs=400)


def test_a_result_beyond_the_quota_is_taken_back_and_a_full_session_refused_at_once(api, temp):
    api.app.uploads.session_quota_bytes = 4 * SECOND + 2 * SECOND + 1000
    assert api.post("api/audio/trim", json=ask()).status == 200
    kept = results(temp)
    refused = api.post("api/audio/trim", json=ask(seconds=3.0))
    assert (refused.status, refused.json["code"]) == (507, "quota_exceeded")
    assert results(temp) == kept
    assert api.post("api/audio/trim", json=ask("two", 1.5)).status == 200, "another session has its own"
    assert api.post("api/audio/trim", json=ask(seconds=0.9)).status == 200, "what was taken back is free"
    api.app.uploads.session_quota_bytes = 1000
    before = results(temp)
    for background in (False, True):
        full = api.post("api/audio/trim", json=ask(seconds=0.001, background=background))
        assert (full.status, full.json["code"]) == (507, "quota_exceeded")
    assert results(temp) == before


def test_a_background_result_beyond_the_quota_fails_its_job_and_leaves_nothing(api, temp):
    """The session had room when the trim began; how much the result takes is known when it is there."""
    api.app.uploads.session_quota_bytes = 4 * SECOND + SECOND + 1000
    started = [api.post("api/audio/trim", json=ask(seconds=s, background=True)) for s in (2.0, 0.9)]
    assert [reply.status for reply in started] == [202, 202]
    large, small = (api.app.jobs.get(reply.json["job_id"]) for reply in started)
    api.run(until(lambda: large.ended and small.ended))
    told = api.get(f"api/downloads/status/{large.job_id}").json
    assert (told["status"], told["state"], told["code"]) == ("error", "error", "quota_exceeded")
    assert (small.state, results(temp)) == ("completed", [small.result["filePath"].rpartition("/")[2]])
    assert sessions.size(temp, "one") == pytest.approx(0.9 * SECOND, abs=200)
    api.app.uploads.session_quota_bytes = None
    assert api.post(f"api/downloads/{large.job_id}/retry").status == 200
    api.run(until(lambda: large.ended))
    assert (large.state, len(results(temp))) == ("completed", 2)


def test_nobody_can_charge_anothers_session(api, temp):
    owners.claim(temp / "uploads" / "two", "ann")
    request = TrimRequest(file_path=SOURCE.format("one"), start=0, end=1, session_id="two")
    assert api.app.audio._spec(request, "ann").session == "two"
    with pytest.raises(NotFound):
        api.app.audio._spec(request, "bob")
