"""Many cuts at once: each is answered, the server stays light, and long ones leave room for short ones."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SOURCE = "/temp/uploads/abc123/Audio_5/"
CROWD = 200
HANGS = """\
#!/bin/sh
case "$*" in *progress*) exec sleep 60;; esac
echo 'Input #0
  Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 160 kb/s' >&2; exit 1
"""


@pytest.fixture
def temp(api, tmp_path, sounds):
    folder = tmp_path / "nodeapi" / "temp" / "uploads" / "abc123" / "Audio_5"
    folder.mkdir(parents=True)
    for name in ("sound.wav", "sound.mp3"):
        shutil.copy(sounds / name, folder / name)
    return folder


def ask(name, **more):
    return {"filePath": SOURCE + name, "start": 1.0, "end": 2.5, "sessionId": "abc123", **more}


def children() -> set[int]:
    """The processes below this one, of every thread."""
    threads = Path("/proc/self/task").iterdir()
    return {int(pid) for thread in threads for pid in (thread / "children").read_text().split()}


def test_two_hundred_cuts_at_once_are_each_answered_and_leave_nothing_running(api, temp):
    before = children()

    async def crowd():
        cuts = [
            asyncio.ensure_future(api.fetch("POST", "api/audio/trim", json=ask("sound.mp3")))
            for _ in range(CROWD)
        ]
        first = await asyncio.wait_for(api.fetch("GET", "api/downloads"), 20)
        waiting = [cut for cut in cuts if not cut.done()]
        return first, len(waiting), await asyncio.gather(*cuts)

    light, waiting, replies = api.run(crowd())
    assert light.status == 200
    assert waiting, "the light request was answered before the crowd was"
    counted = {status: [one for one in replies if one.status == status] for status in (200, 429)}
    assert sum(map(len, counted.values())) == CROWD
    assert len(counted[200]) >= api.app.jobs.queue_limit
    assert len({one.json["filePath"] for one in counted[200]}) == len(counted[200])
    for refused in counted[429]:
        assert refused.json["code"] == "busy"
        assert int(refused.headers["Retry-After"]) > 0
    assert children() == before
    results = temp.parents[2] / "AudioTrim"
    assert sum(1 for _ in results.iterdir()) == len(counted[200])


def test_long_cuts_in_the_background_leave_the_short_ones_their_places(api, temp, tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text(HANGS)
    program.chmod(0o755)
    api.app.audio.ffmpeg = str(program)
    starts = [
        api.post("api/audio/trim", json=ask("sound.mp3", start=number / 10, background=True))
        for number in range(4)
    ]
    jobs = [start.json["job_id"] for start in starts]

    async def one_runs():
        while not [job for job in map(api.app.jobs.get, jobs) if job.state == "running"]:
            await asyncio.sleep(0.01)

    api.run(asyncio.wait_for(one_runs(), 20))
    assert sum(api.app.jobs.get(job).state == "running" for job in jobs) == api.app.audio.background_places
    assert api.post("api/audio/trim", json=ask("sound.wav")).status == 200
    for job in jobs:
        assert api.post(f"api/downloads/{job}/cancel").status == 200
