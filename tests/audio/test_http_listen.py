"""Info, peaks and preview, on a real server."""

from __future__ import annotations

import io
import os
import struct

import numpy as np
import pytest
import soundfile

from tests.audio.making import RATE
from tests.audio.test_http_trim import SOURCE, ask, temp  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def more(temp, sounds):  # noqa: F811
    for name in ("vbr.mp3", "bare.mp3", "sound.m4a", "sound.webm", "sound.opus", "s24.flac"):
        (temp / name).write_bytes((sounds / name).read_bytes())


INFO = {
    "sound.wav": {"format": "wav", "codec": "pcm", "duration": 4.0, "bitDepth": 16, "lossless": True},
    "s24.flac": {"format": "flac", "codec": "flac", "duration": 4.0, "bitDepth": 24, "bitrate": None},
    "sound.mp3": {"format": "mp3", "codec": "mp3", "duration": 4.0, "sampleRate": RATE, "bitDepth": None},
    "vbr.mp3": {"format": "mp3", "duration": 4.0, "durationExact": True},
    "bare.mp3": {"format": "mp3", "durationExact": True},
    "sound.m4a": {"format": "mp4", "codec": "aac", "duration": 4.0, "channels": 2},
    "sound.opus": {"format": "ogg", "codec": "opus", "duration": 4.0, "sampleRate": 48000},
    "sound.webm": {"format": "matroska", "codec": "opus", "durationExact": False},
}


def test_info_says_what_each_sound_is(api):
    for name, expected in INFO.items():
        reply = api.get("api/audio/info", params={"filePath": SOURCE + name})
        assert reply.status == 200
        assert {key: reply.json[key] for key in expected} == expected


@pytest.mark.parametrize("route", ["info", "peaks", "preview"])
def test_what_is_absent_or_no_sound_is_refused_alike(api, temp, route):  # noqa: F811
    (temp / "list.mp3").write_text("#EXTM3U\n/etc/passwd\n")
    for name, status, code in (("absent.wav", 404, "not_found"), ("list.mp3", 415, "unsupported_media")):
        reply = api.get(f"api/audio/{route}", params={"filePath": SOURCE + name})
        assert (reply.status, reply.json["code"]) == (status, code)
    assert api.get(f"api/audio/{route}").json["code"] == "invalid_parameter"


@pytest.mark.parametrize("name", ["sound.wav", "sound.m4a", "sound.webm"])
def test_peaks_as_json_and_as_dat(api, name):
    parameters = {"filePath": SOURCE + name, "bins": 50}
    reply = api.get("api/audio/peaks", params=parameters)
    assert reply.status == 200
    assert (reply.json["bins"], reply.json["quality"], reply.json["start"]) == (50, "exact", 0)
    assert len(reply.json["min"]) == len(reply.json["max"]) == 50
    assert -1 <= min(reply.json["min"]) < -0.3
    assert 0.3 < max(reply.json["max"]) <= 1
    binary = {"Accept": "application/octet-stream"}
    dat = api.get("api/audio/peaks", params=parameters, headers=binary)
    assert dat.headers["Content-Type"] == "application/octet-stream"
    assert struct.unpack_from("<iIiiIi", dat.body)[4] == 50
    for first, headers in ((reply, {}), (dat, binary)):
        again = {**headers, "If-None-Match": first.headers["Etag"]}
        assert api.get("api/audio/peaks", params=parameters, headers=again).status == 304


@pytest.mark.parametrize("bins", ["0", "-1", "1.5", "100000", "many"])
def test_a_number_of_bins_that_is_none_is_refused(api, bins):
    reply = api.get("api/audio/peaks", params={"filePath": SOURCE + "sound.wav", "bins": bins})
    assert (reply.status, reply.json["field"]) == (400, "bins")


def test_a_preview_is_what_a_trim_saves(api):
    saved = api.post("api/audio/trim", json=ask("sound.mp3", 1.25, 2.75, format="wav")).json
    heard = api.get(
        "api/audio/preview", params={"filePath": SOURCE + "sound.mp3", "start": 1.25, "end": 2.75}
    )
    assert (heard.status, heard.headers["Content-Type"]) == (200, "audio/wav")
    one = soundfile.read(io.BytesIO(heard.body), dtype="int16")[0]
    other = soundfile.read(io.BytesIO(api.get(saved["filePath"]).body), dtype="int16")[0]
    assert np.array_equal(one, other)
    part = api.get(
        "api/audio/preview",
        params={"filePath": SOURCE + "sound.mp3", "start": 1.25, "end": 2.75},
        headers={"Range": "bytes=0-3"},
    )
    assert (part.status, part.body) == (206, b"RIFF")


def test_twenty_who_want_the_same_preview_share_one_run(api, temp, monkeypatch):  # noqa: F811
    runs = []
    run = api.app.jobs.run

    async def counted(kind, spec, **more):
        runs.append(kind)
        return await run(kind, spec, **more)

    monkeypatch.setattr(api.app.jobs, "run", counted)
    parameters = {"filePath": SOURCE + "sound.mp3", "start": 0.5, "end": 1.5}
    replies = api.gather(api.fetch("GET", "api/audio/preview", params=parameters) for _ in range(20))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert runs == ["awaited trim"]


def test_no_client_can_name_the_cache(api, temp):  # noqa: F811
    api.get("api/audio/preview", params={"filePath": SOURCE + "sound.wav", "start": 0, "end": 1})
    kept = next(temp.parents[2].glob(".nodeapi-audio/*.wav"))
    assert api.get(f"/temp/.nodeapi-audio/{kept.name}").status in {400, 404}


def test_results_and_caches_expire_together(api, temp):  # noqa: F811
    api.post("api/audio/trim", json=ask())
    api.get("api/audio/preview", params={"filePath": SOURCE + "sound.wav", "start": 0, "end": 1})
    assert api.app.audio.sweep() == []
    api.app.audio.max_result_bytes = 0
    assert len(api.app.audio.sweep()) == 2


@pytest.mark.parametrize("times", [1, 9])
def test_a_file_that_is_replaced_while_its_picture_is_made(api, app, temp, times):  # noqa: F811
    """Its picture is made once more; one that never rests is told to be asked for later."""
    path, run, made = temp / "sound.m4a", app.jobs.run, []

    async def replacing(kind, spec):
        result = await run(kind, spec)
        made.append(kind)
        if len(made) <= times:
            os.utime(path, ns=(len(made), len(made)))
        return result

    app.jobs.run = replacing
    reply = api.get("api/audio/peaks", params={"filePath": SOURCE + path.name, "bins": 50})
    if times == 1:
        assert (reply.status, reply.json["quality"], len(made)) == (200, "exact", 2)
    else:
        assert (reply.status, reply.json["code"]) == (409, "conflict")
