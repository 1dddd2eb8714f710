"""What listeners hear, when, and what they hear again after they lost the connection."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from jupyter_events import EventLogger

from jupyter_nodeapi.jobs.events import RING_LENGTH, SCHEMA_ID, SCHEMA_PATH, Events
from jupyter_nodeapi.jobs.feed import Feed
from jupyter_nodeapi.jobs.meter import Meter
from jupyter_nodeapi.jobs.record import Job
from jupyter_nodeapi.jobs.report import Reporter
from jupyter_nodeapi.jobs.schemas import event_of
from tests.jobs.house import Clock, House, RealClock, until, work


def job_of(number: int, **more) -> Job:
    return Job(job_id=str(number), kind="download", key="k", subject="m", **more)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def live():
    return []


@pytest.fixture
def events(clock, live):
    return Events(lambda job: event_of(job, Meter(), clock()), lambda: live, clock)


def ids(feed):
    return [event.job_id for _, event in feed.take()]


def test_a_new_listener_first_hears_how_everything_is(events, live):
    live.append(job_of(7))
    events.publish(job_of(1))
    feed = Feed(events, None)
    assert ids(feed) == ["7"]
    events.publish(job_of(2))
    assert ids(feed) == ["2"]
    assert ids(feed) == []


def test_who_comes_back_hears_exactly_what_was_missed(events):
    feed = Feed(events, None)
    feed.take()
    for number in range(5):
        events.publish(job_of(number))
    heard = feed.take()
    for place, (last, _) in enumerate(heard):
        assert ids(Feed(events, last)) == [str(number) for number in range(place + 1, 5)]


@pytest.mark.parametrize(
    "unknown", ["", "x", "1", "zz-1", "{run}-x", "{run}--1", "{run}-99", "{run}-²", "{run}-"]
)
def test_who_comes_back_from_nowhere_hears_how_everything_is(events, live, unknown):
    live.append(job_of(7))
    events.publish(job_of(1))
    run = events.name_of(0).partition("-")[0]
    assert ids(Feed(events, unknown.replace("{run}", run))) == ["7"]


def test_what_the_ring_has_lost_is_told_as_it_is_now(events, live):
    live.append(job_of(7))
    events.publish(job_of(1))
    first = Feed(events, None)
    (last, _), *_ = first.take()
    slow = Feed(events, last)
    for number in range(RING_LENGTH + 1):
        events.publish(job_of(number))
    assert ids(Feed(events, last)) == ["7"]
    assert ids(slow) == ["7"]


def test_a_listener_at_the_edge_of_the_ring_still_hears_all(events):
    events.publish(job_of(0))
    last = events.name_of(events.newest)
    for number in range(RING_LENGTH):
        events.publish(job_of(number))
    assert len(Feed(events, last).take()) == RING_LENGTH


def test_everybody_hears_everything_and_who_leaves_nothing_more(events):
    async def story():
        one, two = Feed(events, None), Feed(events, None)
        heard = {1: [], 2: []}

        async def listen(number, feed):
            async for _, event in feed.pairs():
                heard[number].append(event["job_id"])

        tasks = [asyncio.ensure_future(listen(1, one)), asyncio.ensure_future(listen(2, two))]
        await asyncio.sleep(0)
        events.publish(job_of(1))
        await until(lambda: heard == {1: ["1"], 2: ["1"]})
        one.close()
        await tasks[0]
        events.publish(job_of(2))
        await until(lambda: heard == {1: ["1"], 2: ["1", "2"]})
        events.close()
        await tasks[1]

    asyncio.run(story())


def test_a_stream_has_ids_data_and_a_sign_of_life(events, live):
    async def story():
        live.append(job_of(7))
        feed = Feed(events, None)
        frames = feed.frames(0.005)
        assert await anext(frames) == "retry: 2000\n\n"
        snapshot = await anext(frames)
        assert await anext(frames) == ": still here\n\n"
        events.publish(job_of(8, message="two\nlines"))
        frame = await anext(frames)
        while frame.startswith(":"):
            frame = await anext(frames)
        number, data, *rest = frame.split("\n")
        assert (number, rest) == (f"id: {events.name_of(1)}", ["", ""])
        assert json.loads(data.removeprefix("data: "))["message"] == "two\nlines"
        assert json.loads(snapshot.split("data: ")[1])["job_id"] == "7"
        feed.close()
        assert [frame async for frame in frames if not frame.startswith(":")] == []

    asyncio.run(story())


def test_a_listener_that_left_keeps_nobody_spinning(events):
    async def story():
        stays, leaves = Feed(events, None), Feed(events, None)
        stays.take()
        leaves.take()
        leaves.close()
        assert not await stays.wait(0.005)

    asyncio.run(story())


def test_progress_is_told_four_times_a_second_at_most_and_the_last_word_is_not_lost(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("held"))
        heard = []
        house.jobs.events.emit = lambda schema_id, event: heard.append(event)
        job = await house.jobs.start("download", "a", {"stage": "a"})
        await house.begun("a")
        await until(lambda: heard and heard[-1]["bytes"] == 42)
        already = len(heard)
        reporter = house.jobs._driver.run_of(job).reporter
        for count in range(43, 90):
            reporter(count, 100)
            await asyncio.sleep(0)
        assert len(heard) == already
        assert house.jobs.status(job).bytes == 89
        await until(lambda: heard[-1]["bytes"] == 89)
        assert len(heard) == already + 1
        house.stage("a").go.set()
        await house.until(job, "completed")
        assert [event["state"] for event in heard][-1] == "completed"

    House.play(tmp_path, story, clock=RealClock())


def test_every_event_is_what_the_schema_says(tmp_path):
    logger = EventLogger()
    logger.register_event_schema(SCHEMA_PATH)
    told = []

    async def listener(logger, schema_id, data):
        told.append(data)

    logger.add_listener(schema_id=SCHEMA_ID, listener=listener)

    async def story(house: House):
        house.jobs.events.emit = lambda schema_id, data: logger.emit(schema_id=schema_id, data=data)
        house.jobs.register("download", work("failing"))
        ways = ["reset", "full", "not_found"]
        job = await house.jobs.start("download", "a", {"stage": "a", "ways": ways}, subject="a")
        await house.until(job, "waiting_retry")
        await house.jobs.retry(job.job_id)
        await house.until(job, "paused")
        await house.jobs.resume(job.job_id)
        await house.until(job, "error")
        await house.jobs.retry(job.job_id)
        await house.until(job, "completed")
        await logger.gather_listeners()

    House.play(tmp_path, story)
    states = ["queued", "running", "waiting_retry", "queued", "running", "paused", "queued", "running"]
    assert [data["state"] for data in told] == [*states, "error", "queued", "running", "completed"]


def test_work_that_gets_on_counts_as_activity(tmp_path):
    async def story(house: House):
        seen = []
        house.jobs.on_activity = lambda: seen.append(threading.current_thread())
        house.jobs.register("download", work("held"))
        await house.jobs.start("download", "a", {"stage": "a"})
        await until(lambda: seen)
        assert seen == [threading.main_thread()]

    House.play(tmp_path, story)


# -- numbers


def reporter_of(job, clock, meter=None):
    job.state = "running"
    return Reporter(job, meter or Meter(), lambda: None, clock)


def test_progress_never_goes_back_and_leaves_the_last_per_cent_to_the_end(clock):
    job = job_of(1)
    report = reporter_of(job, clock)
    seen = []
    for count, total in [(0, None), (10, 100), (5, 100), (10, 1000), (500, 1000), (1000, 1000), (2000, 1000)]:
        report(count, total)
        seen.append(job.progress)
    assert seen == [0, 10, 10, 10, 50, 99, 99]


def test_the_documented_sentence_is_the_default(clock):
    job = job_of(1)
    report = reporter_of(job, clock)
    report(42, 100, stage="downloading")
    assert job.message == "Downloading... 42%"
    report(42, 100, "Asking the Hub.", stage="resolving")
    assert (job.message, job.stage) == ("Asking the Hub.", "resolving")


def test_work_that_was_stopped_has_no_say_any_more(clock):
    job = job_of(1, message="Paused.")
    report = reporter_of(job, clock)
    report.close()
    report(42, 100)
    assert (job.message, job.bytes, job.progress) == ("Paused.", 0, 0)


def test_what_work_says_of_its_files_is_copied(clock):
    job = job_of(1)
    row = {"path": "a", "bytes": 1}
    reporter_of(job, clock)(1, 2, files=[row])
    row["bytes"] = 2
    assert job.files == [{"path": "a", "bytes": 1}]


def metered(*samples):
    meter = Meter()
    for now, count in samples:
        meter.add(now, count)
    return meter


@pytest.mark.parametrize(
    ("samples", "now", "speed"),
    [
        ([], 0, 0),
        ([(0, 1000)], 0, 0),
        ([(0, 1000)], 1, 0),
        ([(0, 0), (1, 100)], 1, 100),
        ([(0, 1000), (2, 1200)], 2, 100),
        ([(t, 100 * t) for t in range(20)], 19, 100),
        ([(0, 0), (1, 1000), (6, 1000), (11, 1000)], 11, 0),
        ([(0, 0), (1, 1000)], 2, 500),
        ([(0, 0), (1, 1000)], 20, 0),
        ([(0, 500), (1, 600), (1.5, 0), (2.5, 50)], 2.5, 50),
    ],
)
def test_the_speed_is_that_of_the_last_five_seconds(samples, now, speed):
    assert metered(*samples).speed(now) == speed


def test_many_small_steps_are_remembered_as_few():
    meter = metered(*((n / 10_000, n) for n in range(100_001)))
    assert len(meter._samples) < 60
    assert meter.speed(10.0) == pytest.approx(10_000, rel=0.05)


def test_the_rest_takes_what_it_takes_at_this_speed():
    meter = metered((0, 0), (1, 100))
    assert meter.eta(1, 250) == 2
    assert meter.eta(1, None) is None
    assert meter.eta(30, 250) is None
    assert meter.eta(1, 50) == 0
