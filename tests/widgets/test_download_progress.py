"""DownloadProgress in the kernel: what it shows, and waiting without a page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.widgets.server_of_jobs import FakeApi, job

pytest.importorskip("anywidget")


@pytest.fixture
def module(built_widgets: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from jupyter_nodeapi_widgets import download_progress

    monkeypatch.setattr(download_progress, "POLL_SECONDS", 0.001)
    return download_progress


def test_one_job_is_told_in_its_own_words(module: Any) -> None:
    api = FakeApi(jobs=[job("a", progress=42, message="Downloading... 42%")])
    bar = module.DownloadProgress(job_id="a", api=api)
    bar.refresh()
    assert (bar.status, bar.state, bar.progress, bar.message) == (
        "running",
        "running",
        42,
        "Downloading... 42%",
    )
    assert [row["job_id"] for row in bar.jobs] == ["a"]


def test_of_a_model_the_newest_job_counts(module: Any) -> None:
    api = FakeApi(jobs=[job("new", model_id="m", progress=7), job("old", model_id="m", state="error")])
    bar = module.DownloadProgress("m", api=api)
    bar.refresh()
    assert (bar.progress, [row["job_id"] for row in bar.jobs]) == (7, ["new"])


def test_all_jobs_are_the_live_ones_and_the_latest_that_are_over(module: Any) -> None:
    over = [job(f"o{number}", state="completed", progress=100) for number in range(9)]
    api = FakeApi(jobs=[*over, job("x", progress=10), job("y", progress=31)])
    bar = module.DownloadProgress(api=api)
    bar.refresh()
    assert [row["job_id"] for row in bar.jobs] == ["x", "y", "o0", "o1", "o2", "o3", "o4"]
    assert (bar.status, bar.progress) == ("running", 20)


def test_nothing_is_told_while_there_is_no_job(module: Any) -> None:
    bar = module.DownloadProgress("m", api=FakeApi())
    bar.refresh()
    assert (bar.status, bar.state, bar.progress, bar.jobs) == ("", "", 0, [])


def test_files_stay_out_of_the_traits(module: Any) -> None:
    bar = module.DownloadProgress(job_id="a", api=FakeApi(jobs=[job("a", files=[{"path": "x"}])]))
    bar.refresh()
    assert "files" not in bar.jobs[0]


def test_waiting_ends_with_the_job_and_a_server_that_restarts_is_waited_for(module: Any) -> None:
    api = FakeApi(jobs=[job("a")])
    api.later = [
        [job("a", progress=50)],
        FakeApi.gone,
        [job("a", state="paused")],
        [job("a", state="completed", progress=100)],
    ]
    bar = module.DownloadProgress(job_id="a", api=api)
    assert asyncio.run(bar.wait()) == "completed"
    assert bar.progress == 100


def test_waiting_for_a_failed_job_ends_too_and_the_message_says_why(module: Any) -> None:
    bar = module.DownloadProgress(job_id="a", api=FakeApi(jobs=[job("a", state="error", message="Gone.")]))
    assert asyncio.run(bar.wait()) == "error"
    assert bar.message == "Gone."


def test_waiting_has_a_limit(module: Any) -> None:
    bar = module.DownloadProgress(job_id="a", api=FakeApi(jobs=[job("a")]))
    with pytest.raises(TimeoutError, match="goes on"):
        asyncio.run(bar.wait(timeout=0.01))
