"""What a job lives through, with a clock, a sleep and work that the tests hold in their hands."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from jupyter_nodeapi.errors import Busy, Conflict, InsufficientStorage, NotFound, Unavailable
from jupyter_nodeapi.jobs.record import Records
from tests.jobs import works
from tests.jobs.house import House, until, work


async def started(house: House, name: str = "a", kind: str = "download", **spec):
    """A job whose work has begun and is held."""
    if kind not in house.jobs._driver.kinds:
        house.jobs.register(kind, work("held"))
    job = await house.jobs.start(kind, name, {"stage": name, **spec}, subject=name)
    await house.begun(name)
    return job


# -- starting


def test_a_job_is_on_the_disk_before_anybody_is_told_its_id(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("held"))
        job = await house.jobs.start("download", "m", {"stage": "a"}, subject="m")
        assert house.record(job)["subject"] == "m"
        house.stage("a").go.set()
        await house.until(job, "completed")
        status = house.jobs.status(job)
        assert (status.status, status.progress, status.result) == ("completed", 100, {"done": True})

    House.play(tmp_path, story)


@pytest.mark.parametrize("way", ["held", "failing"])
def test_the_end_is_on_the_disk_before_anybody_hears_of_it(tmp_path, way, monkeypatch):
    async def story(house: House):
        heard = []
        publish = house.jobs.events.publish

        def told(job):
            heard.append((job.state, house.record(job)["state"]))
            publish(job)

        monkeypatch.setattr(house.jobs.events, "publish", told)
        house.jobs.register("download", work(way))
        job = await house.jobs.start("download", "m", {"stage": "a", "ways": ["bug"]})
        house.stage("a").go.set()
        end = "completed" if way == "held" else "error"
        await house.until(job, end)
        assert (end, end) in heard
        assert (end, "running") not in heard

    House.play(tmp_path, story)


def test_the_same_thing_is_done_once_for_any_number_of_callers(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("held"))
        starts = [house.jobs.start("download", "m", {"stage": "a"}) for _ in range(20)]
        jobs = await asyncio.gather(*starts)
        assert len({job.job_id for job in jobs}) == 1
        house.stage("a").go.set()
        await house.until(jobs[0], "completed")
        assert len(house.stage("a").calls) == 1
        again = await house.jobs.start("download", "m", {"stage": "a"})
        assert again.job_id != jobs[0].job_id

    House.play(tmp_path, story)


def test_the_same_key_of_another_kind_is_another_job(tmp_path):
    async def story(house: House):
        first = await started(house, "a")
        house.jobs.register("verify", work("instant"))
        second = await house.jobs.start("verify", "a", {"stage": "v"})
        assert first.job_id != second.job_id

    House.play(tmp_path, story)


def test_starting_what_is_paused_lets_it_go_on(tmp_path):
    async def story(house: House):
        job = await started(house)
        await house.jobs.pause(job.job_id)
        same = await house.jobs.start("download", "a", {"stage": "a"})
        assert same.job_id == job.job_id
        await house.until(job, "running")

    House.play(tmp_path, story)


def test_what_was_done_already_is_a_completed_job(tmp_path):
    async def story(house: House):
        job = await house.jobs.finished(
            "download", "a", {}, subject="a", result={}, message="Already installed."
        )
        assert house.jobs.status(job).message == "Already installed."
        assert (job.state, job.progress) == ("completed", 100)
        assert house.record(job)["state"] == "completed"

    House.play(tmp_path, story)


def test_a_job_that_cannot_be_recorded_does_not_begin(tmp_path, monkeypatch):
    async def story(house: House):
        def full(*_, **__):
            raise OSError(28, "No space left on device")

        house.jobs.register("download", work("instant"))
        monkeypatch.setattr(house.jobs._records, "save", full)
        with pytest.raises(OSError, match="No space"):
            await house.jobs.start("download", "a", {"stage": "a"})
        assert house.jobs.list() == []
        monkeypatch.undo()
        job = await house.jobs.start("download", "a", {"stage": "a"})
        await house.until(job, "completed")

    House.play(tmp_path, story)


def test_a_full_disk_does_not_stop_a_cancel(tmp_path, monkeypatch):
    async def story(house: House):
        job = await started(house)

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(house.jobs._records, "save", full)
        await house.jobs.cancel(job.job_id)
        await until(lambda: house.stage("a").running == 0)
        assert job.state == "cancelled"

    House.play(tmp_path, story)


# -- stopping


def test_a_cancel_takes_milliseconds_and_its_room_hears_of_it_when_the_work_has_ended(tmp_path):
    async def story(house: House):
        heard = []
        house.jobs.register(
            "download",
            work("held"),
            on_end=lambda job: heard.append((job.state, house.stage("a").running)),
        )
        job = await started(house)
        begun = time.monotonic()
        await house.jobs.cancel(job.job_id)
        await until(lambda: heard)
        assert time.monotonic() - begun < 1
        assert heard == [("cancelled", 0)]
        status = house.jobs.status(job)
        assert (status.status, status.state, status.message) == ("error", "cancelled", "Cancelled.")

    House.play(tmp_path, story)


def test_a_second_cancel_never_hurries_the_first(tmp_path):
    async def story(house: House):
        heard = []
        house.jobs.register("download", work("held"), on_end=lambda job: heard.append(job.state))
        job = await started(house)
        stage = house.stage("a")
        stage.stubborn.clear()
        await house.jobs.pause(job.job_id)
        await house.jobs.cancel(job.job_id)
        await house.jobs.cancel(job.job_id)
        assert (heard, stage.running) == ([], 1)
        stage.stubborn.set()
        await until(lambda: heard)
        assert (heard, stage.running) == (["cancelled"], 0)

    House.play(tmp_path, story)


def test_pause_and_resume_at_once_never_run_the_work_twice_at_a_time(tmp_path):
    async def story(house: House):
        job = await started(house)
        stage = house.stage("a")
        for _ in range(5):
            await house.jobs.pause(job.job_id)
            await house.jobs.resume(job.job_id)
        await until(lambda: stage.running == 1 and job.state == "running")
        stage.go.set()
        await house.until(job, "completed")
        assert stage.most == 1

    House.play(tmp_path, story)


def test_a_new_job_over_the_same_thing_waits_until_the_cancelled_one_is_cleaned_up(tmp_path):
    async def story(house: House):
        order = []
        house.jobs.register("download", work("held"), on_end=lambda job: order.append(job.state))
        job = await started(house)
        stage = house.stage("a")
        stage.stubborn.clear()
        await house.jobs.cancel(job.job_id)
        new = await house.jobs.start("download", "a", {"stage": "a"})
        assert (new.job_id != job.job_id, new.state, len(stage.calls)) == (True, "queued", 1)
        stage.stubborn.set()
        await house.until(new, "running")
        assert order == ["cancelled"]
        await until(lambda: len(stage.calls) == 2)

    House.play(tmp_path, story)


def test_a_job_that_waits_for_its_place_is_cancelled_at_once(tmp_path):
    async def story(house: House):
        heard = []
        house.jobs.register("download", work("held"), on_end=lambda job: heard.append(job.subject))
        await started(house, "a")
        second = await house.jobs.start("download", "b", {"stage": "b"}, subject="b")
        await house.jobs.cancel(second.job_id)
        await until(lambda: heard == ["b"])
        assert house.stage("b").calls == []

    House.play(tmp_path, story, concurrency=1)


def test_cancelling_what_is_paused_tells_its_room(tmp_path):
    async def story(house: House):
        heard = []
        house.jobs.register("download", work("held"), on_end=lambda job: heard.append(job.state))
        job = await started(house)
        await house.jobs.pause(job.job_id)
        await until(lambda: heard == ["paused"])
        await house.jobs.cancel(job.job_id)
        await until(lambda: heard == ["paused", "cancelled"])

    House.play(tmp_path, story)


@pytest.mark.parametrize(
    ("end", "verb"), [("completed", "cancel"), ("completed", "pause"), ("cancelled", "retry")]
)
def test_a_job_that_is_over_refuses(tmp_path, end, verb):
    async def story(house: House):
        job = await started(house)
        if end == "completed":
            house.stage("a").go.set()
            await house.until(job, end)
        else:
            await house.jobs.cancel(job.job_id)
        with pytest.raises(Conflict) as refused:
            await getattr(house.jobs, verb)(job.job_id)
        assert refused.value.details == {"state": end}

    House.play(tmp_path, story)


@pytest.mark.parametrize("job_id", ["", "..", "../../etc/passwd", "0" * 36, "x\0y", "ended/a"])
def test_a_job_that_never_was_is_not_found(tmp_path, job_id):
    async def story(house: House):
        with pytest.raises(NotFound):
            await house.jobs.find(job_id)

    House.play(tmp_path, story)


def test_a_room_that_fails_to_clean_up_harms_no_job(tmp_path, caplog):
    async def story(house: House):
        def fails(job):
            raise ValueError("of the room")

        house.jobs.register("download", work("instant"), on_end=fails)
        job = await house.jobs.start("download", "a", {"stage": "a"})
        await house.until(job, "completed")
        await until(lambda: "was not handled" in caplog.text)

    House.play(tmp_path, story)


# -- failing

FAILURES = [
    # what the work raises, then the state, the code, and whether it is a bug that is logged
    ("bug", "error", "internal_error", True),
    ("value", "error", "internal_error", True),
    ("odd", "error", "internal_error", True),
    ("exit", "error", "internal_error", True),
    ("not_found", "error", "not_found", False),
    ("denied", "error", "read_only", False),
    ("full", "paused", "insufficient_storage", False),
    ("enospc", "paused", "insufficient_storage", False),
    ("reset", "waiting_retry", "unavailable", False),
    ("later", "waiting_retry", "unavailable", False),
    ("busy", "waiting_retry", "unavailable", False),
]


@pytest.mark.parametrize(("way", "state", "code", "logged"), FAILURES)
def test_how_work_fails_decides_what_comes_next(tmp_path, caplog, way, state, code, logged):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": [way]})
        await house.until(job, state)
        status = house.jobs.status(job)
        assert status.code == code
        assert status.message
        assert status.hint
        assert "/secret" not in json.dumps(house.record(job) | {"spec": {}})
        assert sum(record.levelname == "ERROR" for record in caplog.records) == logged

    House.play(tmp_path, story)


def test_a_room_may_refuse_what_came_of_the_work_before_anybody_hears_of_it(tmp_path):
    """A quota is no full disk: to wait for room would not make the result smaller."""
    seen = []

    async def settle(spec, result):
        seen.append((spec, result))
        if result["answer"] > 42:
            raise InsufficientStorage(code="quota_exceeded")

    async def story(house: House):
        house.jobs.register("trim", work("instant"), settle=settle, context={"limit": 1})
        for answer, state, code in ((42, "completed", None), (43, "error", "quota_exceeded")):
            job = await house.jobs.start("trim", str(answer), {"answer": answer})
            await house.until(job, state)
            assert (job.code, job.result) == (code, None if code else {"answer": answer})
            assert seen.pop() == ({"answer": answer}, {"answer": answer})
        with pytest.raises(InsufficientStorage):
            await house.jobs.run("trim", {"answer": 44})

    House.play(tmp_path, story)


@pytest.mark.parametrize("what", ["none", "list", "path", "text"])
def test_a_result_that_cannot_be_told_is_a_failure_of_the_work(tmp_path, what):
    async def story(house: House):
        house.jobs.register("download", work("returning"))
        job = await house.jobs.start("download", "a", {"what": what})
        await house.until(job, "error")
        await until(lambda: house.record(job)["state"] == "error")
        assert (job.code, job.result, job.bytes, job.total_bytes) == ("internal_error", None, 1, 3)

    House.play(tmp_path, story)


@pytest.mark.parametrize("way", ["full", "enospc"])
def test_a_download_that_a_full_disk_has_paused_goes_on_when_asked(tmp_path, way):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": [way]})
        await house.until(job, "paused")
        await house.jobs.resume(job.job_id)
        await house.until(job, "completed")

    House.play(tmp_path, story)


def test_tries_that_get_no_further_are_repeated_ever_later_and_then_given_up(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ["reset"] * 99})
        pauses = []
        while job.state != "error":
            await until(lambda: job.state == "error" or house.clock.sleeping)
            if house.clock.sleeping:
                assert house.jobs.status(job).status == "running"
                pauses.append(job.retry_at - house.clock.now)
                house.clock.pass_(pauses[-1])
        assert pauses == [1, 2, 4, 8]
        assert (job.attempt, job.code, job.retry_at) == (5, "unavailable", None)

    House.play(tmp_path, story, tries=5)


def test_the_longest_pause_is_bounded(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ["reset"] * 9})
        pauses = []
        while job.state != "completed":
            await until(lambda: job.state == "completed" or house.clock.sleeping)
            if house.clock.sleeping:
                pauses.append(job.retry_at - house.clock.now)
                house.clock.pass_(pauses[-1])
        assert pauses == [1, 2, 4, 5, 5, 5, 5, 5, 5]

    House.play(tmp_path, story, tries=50, backoff_seconds=5.0)


def test_a_try_that_gets_further_counts_as_the_first(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        ways = ["reset", "reset", 100, 100, 200, 300, 250]
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ways})
        attempts = []
        while job.state != "completed":
            await until(lambda: job.state == "completed" or house.clock.sleeping)
            if house.clock.sleeping:
                attempts.append(job.attempt)
                house.clock.pass_(job.retry_at - house.clock.now)
        assert attempts == [2, 3, 2, 3, 2, 2, 3]

    House.play(tmp_path, story)


@pytest.mark.parametrize(("way", "seconds"), [("later", 30), ("busy", 7)])
def test_the_other_side_says_how_long_to_wait(tmp_path, way, seconds):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": [way]})
        await house.until(job, "waiting_retry")
        assert house.jobs.status(job).retry_at == house.clock.now + seconds

    House.play(tmp_path, story)


def test_who_does_not_want_to_wait_retries_at_once(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ["later"]})
        await house.until(job, "waiting_retry")
        await house.jobs.retry(job.job_id)
        await house.until(job, "completed")

    House.play(tmp_path, story)


def test_a_failed_job_tried_again_keeps_its_id_and_one_record(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ["not_found"]})
        await house.until(job, "error")
        await until(lambda: house.record(job)["state"] == "error")
        await house.jobs.retry(job.job_id)
        await house.until(job, "completed")
        await until(lambda: house.record(job)["state"] == "completed")
        assert (job.code, job.hint) == (None, None)

    House.play(tmp_path, story)


def test_what_no_room_can_run_any_more_fails_and_says_so(tmp_path):
    async def story(house: House):
        job = await house.jobs.start("gone", "a", {})
        await until(lambda: job.state in {"error", "waiting_retry"})
        assert (job.state, job.code) == ("error", "unknown_kind")

    House.play(tmp_path, story)


# -- places


def test_no_more_than_so_many_of_one_kind_run_at_once(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("held"))
        jobs = [await house.jobs.start("download", str(n), {"stage": "all"}) for n in range(7)]
        await until(lambda: house.stage("all").running == 3)
        assert [job.state for job in jobs] == ["running"] * 3 + ["queued"] * 4
        house.stage("all").go.set()
        for job in jobs:
            await house.until(job, "completed")
        assert house.stage("all").most == 3

    House.play(tmp_path, story)


def test_long_downloads_do_not_keep_a_trim_waiting(tmp_path):
    async def story(house: House):
        for name in "abcde":
            house.jobs.register("download", work("held"))
            await house.jobs.start("download", name, {"stage": "all"})
        house.jobs.register("trim", work("instant"))
        assert await house.jobs.run("trim", {"stage": "t", "answer": 7}) == {"answer": 7}

    House.play(tmp_path, story)


def test_a_kind_may_have_a_number_of_places_of_its_own(tmp_path):
    async def story(house: House):
        house.jobs.register("trim", work("held"), places=1)
        jobs = [await house.jobs.start("trim", str(n), {"stage": "all"}) for n in range(3)]
        await until(lambda: house.stage("all").running == 1)
        house.stage("all").go.set()
        for job in jobs:
            await house.until(job, "completed")
        assert house.stage("all").most == 1

    House.play(tmp_path, story)


def test_more_requests_than_may_wait_are_told_to_come_back(tmp_path):
    async def story(house: House):
        house.jobs.register("trim", work("held"))
        running = [asyncio.ensure_future(house.jobs.run("trim", {"stage": "t"})) for _ in range(3)]
        await until(lambda: house.stage("t").running == 1)
        with pytest.raises(Busy) as busy:
            await house.jobs.run("trim", {"stage": "t"})
        assert busy.value.retry_after
        house.stage("t").go.set()
        assert await asyncio.gather(*running) == [{"done": True}] * 3
        assert await house.jobs.run("trim", {"stage": "t"}) == {"done": True}

    House.play(tmp_path, story, concurrency=1, queue_limit=2)


def test_a_request_whose_caller_leaves_stops_its_work_and_frees_its_place(tmp_path):
    async def story(house: House):
        house.jobs.register("trim", work("held"))
        run = asyncio.ensure_future(house.jobs.run("trim", {"stage": "t"}))
        waits = asyncio.ensure_future(house.jobs.run("trim", {"stage": "u"}))
        await house.begun("t")
        waits.cancel()
        run.cancel()
        await asyncio.wait({run, waits})
        assert house.stage("t").running == 0
        house.stage("t").go.set()
        assert await house.jobs.run("trim", {"stage": "t"}) == {"done": True}

    House.play(tmp_path, story, concurrency=1)


@pytest.mark.parametrize(
    ("way", "kind"),
    [("later", Unavailable), ("not_found", NotFound), ("full", InsufficientStorage), ("bug", KeyError)],
)
def test_a_request_is_told_what_its_work_raised(tmp_path, way, kind):
    async def story(house: House):
        house.jobs.register("trim", work("failing"))
        with pytest.raises(kind):
            await house.jobs.run("trim", {"stage": "t", "ways": [way]})
        assert house.jobs.list() == []

    House.play(tmp_path, story)


def test_a_request_that_the_stop_of_the_server_cuts_short_is_told_to_come_back(tmp_path):
    async def story(house: House):
        house.jobs.register("trim", work("held"))
        run = asyncio.ensure_future(house.jobs.run("trim", {"stage": "t"}))
        await house.begun("t")
        await house.jobs.stop()
        with pytest.raises(Unavailable):
            await run

    House.play(tmp_path, story)


def test_what_may_differ_after_a_restart_is_told_to_the_work_and_not_recorded(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("instant"), context={"folder": "/here"})
        job = await house.jobs.start("download", "a", {"stage": "a", "b": 1})
        await house.until(job, "completed")
        assert house.stage("a").calls == [{"stage": "a", "b": 1, "folder": "/here"}]
        assert "/here" not in json.dumps(house.record(job))

    House.play(tmp_path, story)


def test_a_failed_job_is_not_tried_again_beside_a_new_one_over_the_same_thing(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("failing"))
        failed = await house.jobs.start("download", "a", {"stage": "a", "ways": ["not_found"]})
        await house.until(failed, "error")
        house.jobs.register("download", work("held"))
        new = await started(house)
        with pytest.raises(Conflict) as refused:
            await house.jobs.retry(failed.job_id)
        assert refused.value.details == {"job_id": new.job_id}
        assert failed.state == "error"

    House.play(tmp_path, story)


# -- living on


def test_who_asks_before_the_restart_is_done_waits_for_it(tmp_path):
    async def story():
        works.STAGES.clear()
        first = House(tmp_path / "jobs")
        job = await started(first)
        await first.close()
        second = House(tmp_path / "jobs")
        second.jobs.register("download", work("held"))
        found, same, _ = await asyncio.gather(
            second.jobs.find(job.job_id),
            second.jobs.start("download", "a", {"stage": "a"}),
            second.jobs.restore(),
        )
        assert found is same
        assert found.job_id == job.job_id
        await second.close()

    asyncio.run(story())


def test_nothing_is_remembered_of_the_run_of_a_job_that_is_over(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("instant"))
        job = await house.jobs.start("download", "a", {"stage": "a"})
        await house.until(job, "completed")
        await until(lambda: not house.jobs._driver._runs)
        assert not house.jobs._driver._turns

    House.play(tmp_path, story)


def test_what_was_going_on_goes_on_after_a_restart_and_what_was_paused_stays_so(tmp_path):
    async def story():
        works.STAGES.clear()
        first = House(tmp_path / "jobs", concurrency=1)
        await first.jobs.restore()
        running = await started(first, "a")
        first.clock.pass_(1)
        waiting = await first.jobs.start("download", "b", {"stage": "b"}, subject="b")
        paused = await first.jobs.start("download", "c", {"stage": "c"})
        await first.jobs.pause(paused.job_id)
        await first.close()
        assert first.record(running)["state"] == "running"

        second = House(tmp_path / "jobs", concurrency=1)
        second.jobs.register("download", work("held"))
        await second.jobs.restore()
        again = [second.jobs.get(job.job_id) for job in (running, waiting, paused)]
        await second.until(again[0], "running")
        assert [job.state for job in again] == ["running", "queued", "paused"]
        assert again[0].progress == 42
        same = await second.jobs.start("download", "b", {"stage": "b"})
        assert same.job_id == waiting.job_id
        for name in "abc":
            second.stage(name).go.set()
        await second.until(again[0], "completed")
        await second.until(again[1], "completed")
        await second.jobs.resume(paused.job_id)
        await second.until(again[2], "completed")
        await second.close()

    asyncio.run(story())


def test_a_job_that_waits_for_its_next_try_tries_at_once_after_a_restart(tmp_path):
    async def story():
        works.STAGES.clear()
        first = House(tmp_path / "jobs")
        first.jobs.register("download", work("failing"))
        job = await first.jobs.start("download", "a", {"stage": "a", "ways": ["later"]})
        await first.until(job, "waiting_retry")
        await until(lambda: first.record(job)["state"] == "waiting_retry")
        await first.close()
        second = House(tmp_path / "jobs")
        second.jobs.register("download", work("failing"))
        await second.jobs.restore()
        again = second.jobs.get(job.job_id)
        await second.until(again, "completed")
        assert again.attempt == 2
        await second.close()

    asyncio.run(story())


def test_a_stop_waits_seconds_at_most_for_work_that_does_not_heed_it(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_nodeapi.jobs.driver.STOP_SECONDS", 0.05)

    async def story(house: House):
        job = await started(house)
        house.stage("a").stubborn.clear()
        begun = time.monotonic()
        await house.jobs.stop()
        assert time.monotonic() - begun < 1
        assert house.stage("a").running == 1
        assert house.record(job)["state"] == "running"
        house.stage("a").go.set()
        await until(lambda: house.stage("a").running == 0)

    House.play(tmp_path, story)


def test_an_old_job_is_found_and_listed_though_nothing_was_read_at_the_start(tmp_path):
    async def story():
        works.STAGES.clear()
        first = House(tmp_path / "jobs")
        first.jobs.register("download", work("instant"))
        old = await first.jobs.start("download", "a", {"stage": "a"})
        await first.until(old, "completed")
        older = await first.jobs.finished("trim", "b", {}, result={}, message="Done.")
        await first.close()
        second = House(tmp_path / "jobs")
        await second.jobs.restore()
        assert second.jobs.list() == []
        assert (await second.jobs.find(old.job_id)).result == {"answer": 42}
        assert {job.job_id for job in await second.jobs.history()} == {old.job_id, older.job_id}
        assert [job.kind for job in await second.jobs.history(kind="trim")] == ["trim"]
        assert await second.jobs.history(state="error") == []
        await second.close()

    asyncio.run(story())


def test_jobs_that_are_over_are_forgotten_after_a_week_and_no_others(tmp_path):
    async def story(house: House):
        house.jobs.register("done", work("instant"))
        over = await house.jobs.start("done", "o", {"stage": "o"})
        await house.until(over, "completed")
        await until(lambda: house.record(over)["state"] == "completed")
        live = await started(house)
        await house.jobs.pause(live.job_id)
        house.clock.pass_(7 * 86_400 - 1)
        assert house.jobs.sweep() == []
        house.clock.pass_(2)
        assert await house.threads.run(house.jobs.sweep) == [over.job_id]
        with pytest.raises(NotFound):
            await house.jobs.find(over.job_id)
        assert (await house.jobs.find(live.job_id)).state == "paused"

    House.play(tmp_path, story)


def test_a_start_reads_none_of_the_jobs_that_are_over(tmp_path, monkeypatch):
    ended = tmp_path / "jobs" / "ended"
    ended.mkdir(parents=True)
    for number in range(1_000):
        (ended / f"{number:08x}-0000-4000-8000-000000000000.json").touch()

    async def story(house: House):
        begun = time.monotonic()
        await house.jobs.restore()
        assert time.monotonic() - begun < 0.3

    monkeypatch.setattr(Records, "load_ended", lambda self: pytest.fail("read them"))
    House.play(tmp_path, story)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"job_id": 7}', b"\xff\xfe", b'{"job_id": "other", "kind": "k"}']
)
def test_a_broken_record_hides_no_other(tmp_path, content):
    folder = tmp_path / "jobs"
    folder.mkdir()
    broken = "00000000-0000-4000-8000-000000000000"
    (folder / f"{broken}.json").write_bytes(content)
    (folder / "notes.json").write_bytes(b"{}")

    async def story(house: House):
        job = await started(house)
        assert [found.job_id for found in house.jobs.live()] == [job.job_id]
        with pytest.raises(NotFound):
            await house.jobs.find(broken)

    House.play(tmp_path, story)


def test_an_ended_job_that_a_crash_left_among_the_live_ones_is_moved_and_not_run(tmp_path):
    async def story():
        works.STAGES.clear()
        first = House(tmp_path / "jobs")
        first.jobs.register("download", work("instant"))
        job = await first.jobs.start("download", "a", {"stage": "a"})
        await first.until(job, "completed")
        await first.close()
        live = tmp_path / "jobs" / f"{job.job_id}.json"
        (tmp_path / "jobs" / "ended" / live.name).rename(live)
        second = House(tmp_path / "jobs")
        await second.jobs.restore()
        assert second.jobs.live() == []
        assert not live.exists()
        assert (await second.jobs.find(job.job_id)).state == "completed"
        await second.close()

    asyncio.run(story())
