"""The documented route, on a real server."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from urllib.parse import urlsplit

import pytest

from tests.audio.test_child import STUBBORN, gone, pids_in

pytestmark = pytest.mark.slow


@pytest.fixture
def temp(api, tmp_path, sounds):
    """The server's temp folder, with an upload in it."""
    folder = tmp_path / "nodeapi" / "temp" / "uploads" / "abc123" / "Audio_5"
    folder.mkdir(parents=True)
    for name in ("sound.wav", "sound.mp3"):
        shutil.copy(sounds / name, folder / name)
    return folder


SOURCE = "/temp/uploads/abc123/Audio_5/"


def ask(name="sound.wav", start=1.0, end=2.5, **more):
    return {"filePath": SOURCE + name, "start": start, "end": end, "sessionId": "abc123", **more}


@pytest.mark.parametrize("name", ["sound.wav", "sound.mp3"])
def test_the_documented_reply(api, temp, name):
    reply = api.post("api/audio/trim", json=ask(name))
    assert reply.status == 200
    extension = name[-3:]
    assert reply.json["success"] is True
    assert re.fullmatch(rf"/temp/AudioTrim/sound_trimmed_\d+\.{extension}", reply.json["filePath"])
    assert (reply.json["duration"], reply.json["start"], reply.json["end"]) == (1.5, 1.0, 2.5)
    assert (reply.json["sampleRate"], reply.json["channels"], reply.json["format"]) == (44100, 2, extension)
    served = api.get(reply.json["filePath"])
    assert (served.status, len(served.body)) == (200, reply.json["size"])


def test_times_may_be_clock_strings_and_the_end_null(api, temp):
    reply = api.post("api/audio/trim", json=ask(start="00:01.500", end=None)).json
    assert (reply["start"], reply["end"], reply["sourceDuration"]) == (1.5, 4.0, 4.0)


REFUSALS = {
    "end before start": (ask(start=2, end=1), 400, "invalid_range"),
    "empty": (ask(start=1, end=1), 400, "invalid_range"),
    "negative": (ask(start=-1), 400, "invalid_range"),
    "huge": (ask(end=1e12), 400, "invalid_range"),
    "boolean": (ask(start=True), 400, "invalid_parameter"),
    "word": (ask(start="soon"), 400, "invalid_parameter"),
    "list": (ask(start=[1]), 400, "invalid_parameter"),
    "unknown format": (ask(format="exe"), 400, "invalid_parameter"),
    "unknown mode": (ask(mode="magic"), 400, "invalid_parameter"),
    "no path": ({"start": 0, "end": 1}, 400, "invalid_parameter"),
    "past the end": (ask(start=60, end=61), 422, "out_of_range"),
    "absent": (ask("absent.wav"), 404, "not_found"),
    "folder": ({**ask(), "filePath": "/temp/uploads"}, 404, "not_found"),
    "outside": ({**ask(), "filePath": "/etc/passwd"}, 404, "not_found"),
    "url": ({**ask(), "filePath": "http://127.0.0.1:1/a.mp3"}, 404, "not_found"),
    "protocol": ({**ask(), "filePath": "concat:/temp/a|/temp/b"}, 404, "not_found"),
    "dots": ({**ask(), "filePath": "/temp/../jobs/x"}, 400, "invalid_path"),
    "nul": ({**ask(), "filePath": "/temp/a\0b"}, 400, "invalid_path"),
}


@pytest.mark.parametrize(("body", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_json_with_a_code_and_no_path(api, temp, tmp_path, body, status, code):
    reply = api.post("api/audio/trim", json=body)
    assert (reply.status, reply.json["code"]) == (status, code), reply.json
    assert str(tmp_path).encode() not in reply.body


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(api, temp, number):
    body = '{"filePath": "/temp/uploads/abc123/Audio_5/sound.wav", "start": %s, "end": 2}' % number  # noqa: UP031
    reply = api.post("api/audio/trim", data=body.encode())
    assert reply.status == 400


def test_a_playlist_under_a_sounds_name_is_unsupported(api, temp):
    (temp / "song.mp3").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    reply = api.post("api/audio/trim", json=ask("song.mp3"))
    assert (reply.status, reply.json["code"]) == (415, "unsupported_media")


def test_a_link_that_leads_out_reads_as_absent(api, temp, sounds):
    (temp / "link.wav").symlink_to(sounds / "sound.wav")
    assert api.post("api/audio/trim", json=ask("link.wav")).status == 404


def test_twenty_cuts_at_once_have_twenty_names(api, temp):
    replies = api.gather(api.fetch("POST", "api/audio/trim", json=ask()) for _ in range(20))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["filePath"] for reply in replies}) == 20


def test_a_background_cut_is_a_job_with_the_same_result(api, temp):
    reply = api.post("api/audio/trim", json=ask("sound.mp3", background=True))
    assert reply.status == 202
    assert reply.json["success"] is True

    async def finished():
        while (job := api.app.jobs.get(reply.json["job_id"])).state in {"queued", "running"}:
            await asyncio.sleep(0.01)
        return job

    job = api.run(asyncio.wait_for(finished(), 20))
    assert job.state == "completed", job
    assert (job.result["duration"], job.result["format"]) == (1.5, "mp3")
    assert api.get(f"api/downloads/status/{reply.json['job_id']}").json["progress"] == 100


def test_a_client_that_goes_away_ends_its_cut(api, temp, tmp_path):
    pids, program = tmp_path / "pids", tmp_path / "ffmpeg"
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *progress*) exec python3 {tmp_path}/stubborn.py {pids};; esac\n'
        "echo 'Input #0\n  Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 160 kb/s' >&2; exit 1\n"
    )
    program.chmod(0o755)
    api.app.audio.ffmpeg = str(program)

    async def leave():
        address = urlsplit(api.base)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        body = json.dumps(ask("sound.mp3")).encode()
        writer.write(
            f"POST {address.path}api/audio/trim HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: token {api.token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        started = await asyncio.get_running_loop().run_in_executor(None, pids_in, pids)
        writer.close()
        return await asyncio.get_running_loop().run_in_executor(None, gone, started)

    assert api.run(leave())
    results = temp.parents[2] / "AudioTrim"
    assert not list(results.iterdir())


def test_a_client_that_goes_away_midway_leaves_no_handler_behind(api):
    def handlers():
        return [task for task in asyncio.all_tasks() if "RequestHandler._execute" in repr(task)]

    async def leave():
        address = urlsplit(api.base)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            f"POST {address.path}api/audio/trim HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: token {api.token}\r\nContent-Length: 100\r\n\r\n{{".encode()
        )
        await until(handlers)
        writer.close()
        await until(lambda: not handlers())

    async def until(true):
        while not true():
            await asyncio.sleep(0.01)

    api.run(asyncio.wait_for(leave(), 10))


@pytest.mark.parametrize("lufs", [5, 0, -70.5, -1e300, "-14"])
def test_a_loudness_that_cannot_be_meant_is_refused(api, lufs):
    reply = api.post("api/audio/trim", json=ask(normalize={"lufs": lufs}))
    assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")
