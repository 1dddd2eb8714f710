"""AudioTrimmer in the kernel: what its traits promise, cutting, and waiting without a page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.widgets.server_of_jobs import FakeReply, job

pytest.importorskip("anywidget")

CUT = {
    "filePath": "/temp/AudioTrim/a_trimmed_1.wav",
    "duration": 1.0,
    "start": 1.0,
    "end": 2.0,
    "sampleRate": 8000,
    "channels": 1,
    "format": "wav",
    "size": 16044,
    "method": "slice",
    "exact": True,
}


class Sounds:
    """A client whose server has trim jobs, each question about them takes the next list."""

    base_url = "/"

    def __init__(self, *lists: list[dict[str, Any]]) -> None:
        self.lists = list(lists)
        self.asked: list[Any] = []

    @property
    def audio(self) -> Any:
        from jupyter_nodeapi_widgets.client.audio import Audio

        return Audio(self)  # type: ignore[arg-type]

    def request(self, method: str, path: str, *, json: Any = None, **_: Any) -> Any:
        if path == "/api/audio/trim":
            self.asked.append(json)
            return FakeReply(CUT)
        if path == "/api/downloads":
            self.rows = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            return FakeReply(self.rows)
        if path.startswith("/api/downloads/status/"):
            return FakeReply(next(row for row in self.rows if path.endswith(row["job_id"])))
        return FakeReply({"serverId": "s", "version": "0.1.0"})


@pytest.fixture
def module(built_widgets: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from jupyter_nodeapi_widgets import audio_trimmer

    monkeypatch.setattr(audio_trimmer, "POLL_SECONDS", 0.001)
    return audio_trimmer


def test_a_cut_from_the_kernel_is_the_one_the_traits_describe(module: Any) -> None:
    api = Sounds()
    w = module.AudioTrimmer("/temp/a.wav", 1, 2, format="flac", fade_in=0.5, loudness=-16, api=api)
    assert w.trim() == w.value == CUT["filePath"]
    expected = {"filePath": "/temp/a.wav", "start": 1, "end": 2, "format": "flac", "fadeIn": 0.5}
    assert api.asked == [{**expected, "normalize": {"lufs": -16.0}}]
    assert CUT.items() <= w.result.items()


def test_it_waits_for_a_new_cut_of_its_own_sound(module: Any) -> None:
    old = job("old", state="completed", subject="/temp/a.wav", created_at=0, result={})
    other = job("other", state="completed", subject="/temp/b.wav", result={})
    mine = {"subject": "/temp/a.wav", "result": CUT}
    api = Sounds([old, other], [job("new", **mine), old], [job("new", state="completed", **mine), old])
    w = module.AudioTrimmer("/temp/a.wav", api=api)
    assert asyncio.run(w.wait(timeout=5)) == CUT["filePath"]


def test_a_cut_that_fails_is_raised_in_the_servers_words(module: Any) -> None:
    from jupyter_nodeapi_widgets import JobFailed

    api = Sounds([job("x", state="error", subject="/temp/a.wav", message="No sound.", code="corrupt_file")])
    with pytest.raises(JobFailed, match="No sound"):
        asyncio.run(module.AudioTrimmer("/temp/a.wav", api=api).wait(timeout=5))


def test_waiting_ends_in_time(module: Any) -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(module.AudioTrimmer("/temp/a.wav", api=Sounds([])).wait(timeout=0.01))


def test_it_follows_an_uploader(module: Any) -> None:
    from jupyter_nodeapi_widgets import Uploader

    class Nothing(Sounds):
        def request(self, method: str, path: str, **more: Any) -> Any:
            return FakeReply([]) if path == "/api/uploads" else super().request(method, path, **more)

    api = Nothing([])
    source = Uploader(api=api)
    w = module.AudioTrimmer(source=source, start=3, api=api)
    source.value = [{"filePath": "/temp/uploads/s/U_1/a.wav", "name": "a.wav", "size": 1}]
    assert (w.file_path, w.start, w.end) == ("/temp/uploads/s/U_1/a.wav", 0.0, None)
    w.start, before = 2.0, w._brought
    source.value = [{"filePath": "/temp/uploads/s/U_1/b.wav"}, *source.value]
    assert (w.start, w._brought) == (2.0, before)
    source.value = [{**source.value[-1], "doneAt": 5}]  # another sound of the same name
    assert (w.file_path, w.start, w._brought) == ("/temp/uploads/s/U_1/a.wav", 0.0, before + 1)
