"""The state machine: the table by itself, and a live ``Jobs`` driven along it in any order."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from jupyter_nodeapi.errors import Conflict
from jupyter_nodeapi.jobs.states import ENDED, LIVE, TABLE, Action, State, after, status_of
from tests.jobs import works
from tests.jobs.house import Clock, House, until, work

STATES = get_args(State)
ASKED = ("pause", "resume", "cancel", "retry")


def test_every_state_is_alive_or_over():
    assert set(STATES) == ENDED | LIVE
    assert not ENDED & LIVE


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_one_of_the_three_documented_words(state):
    words = {"completed": "completed", "error": "error", "cancelled": "error"}
    assert status_of(state) == words.get(state, "running")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", get_args(Action))
def test_what_the_table_does_not_say_is_refused(state, action):
    if (state, action) in TABLE:
        assert after(state, action) in STATES
    else:
        with pytest.raises(Conflict) as refused:
            after(state, action)
        assert refused.value.details["state"] == state
        assert refused.value.hint


def test_whatever_is_alive_can_be_cancelled_and_whatever_is_over_stays_or_is_retried():
    assert all(TABLE[state, "cancel"] == "cancelled" for state in LIVE)
    leaves = {(state, action) for (state, action), new in TABLE.items() if state in ENDED and new != state}
    assert leaves == {("error", "retry")}


def test_every_state_can_be_reached_and_only_completed_and_cancelled_are_for_good():
    reached, fresh = {"queued"}, {"queued"}
    while fresh:
        fresh = {new for (state, _), new in TABLE.items() if state in fresh} - reached
        reached |= fresh
    assert reached == set(STATES)


class Life(RuleBasedStateMachine):
    """People press buttons in any order, work ends as it likes, the server restarts; the rules always hold."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        works.STAGES.clear()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.ended: dict[str, str] = {}
        self.progress: dict[str, int] = {}
        self.keys: dict[str, str] = {}
        self.house = self.open()

    def do(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def open(self) -> House:
        house = House(self.folder, concurrency=2, tries=3, clock=self.clock)
        house.jobs.register("download", work("scripted"))
        self.do(house.jobs.restore())
        return house

    def teardown(self) -> None:
        self.do(self.house.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    @rule(target=jobs, key=st.sampled_from("abc"))
    def start(self, key):
        before = {job.key: job.job_id for job in self.house.jobs.live()}
        job = self.do(self.house.jobs.start("download", key, {"stage": key}, subject=key))
        assert before.get(key, job.job_id) == job.job_id
        self.keys[job.job_id] = key
        return job.job_id

    @rule(job_id=jobs, verb=st.sampled_from(ASKED))
    def ask(self, job_id, verb):
        before = self.do(self.house.jobs.find(job_id)).state
        live = {job.key: job.job_id for job in self.house.jobs.live()}
        taken = verb == "retry" and live.get(self.keys[job_id], job_id) != job_id
        expected = None if taken else TABLE.get((before, verb))
        try:
            job = self.do(getattr(self.house.jobs, verb)(job_id))
        except Conflict:
            assert expected is None
        else:
            # while the record was written it may already have gone on by itself
            assert expected == job.state or expected in {"queued", "running"}

    @rule(key=st.sampled_from("abc"), end=st.sampled_from(["ok", "retry", "more", "refused", "full", "bug"]))
    def end(self, key, end):
        stage = self.house.stage(key)
        if stage.running:
            stage.end = end
            stage.go.set()
            self.do(until(lambda: not (stage.go.is_set() and stage.running)))
            stage.go.clear()  # a work that was being stopped took no notice
            jobs = [job for job in self.house.jobs.live() if job.key == key]
            self.do(until(lambda: stage.running or all(job.state != "running" for job in jobs)))

    @rule(seconds=st.sampled_from([0.5, 2, 100]))
    def wait(self, seconds):
        self.clock.pass_(seconds)
        self.do(asyncio.sleep(0.002))

    @rule()
    def restart(self):
        before = {job.job_id: (job.state, job.progress) for job in self.house.jobs.live()}
        self.do(self.house.close())
        self.house = self.open()
        after_ = {job.job_id: job for job in self.house.jobs.live()}
        assert before.keys() == after_.keys()
        for job_id, (state, progress) in before.items():
            assert (after_[job_id].state == "paused") == (state == "paused")
            assert after_[job_id].progress == progress

    @invariant()
    def what_is_over_stays_over(self):
        for job in self.house.jobs.list():
            if job.state in {"completed", "cancelled"}:
                assert self.ended.setdefault(job.job_id, job.state) == job.state
            assert job.job_id not in self.ended or self.ended[job.job_id] == job.state

    @invariant()
    def progress_is_monotonic(self):
        for job in self.house.jobs.list():
            assert self.progress.get(job.job_id, 0) <= job.progress <= 100
            assert (job.progress == 100) == (job.state == "completed")
            self.progress[job.job_id] = job.progress

    @invariant()
    def one_live_job_a_key_and_one_work_a_key(self):
        keys = [job.key for job in self.house.jobs.live()]
        assert len(keys) == len(set(keys))
        assert all(stage.most <= 1 for stage in works.STAGES.values())

    @invariant()
    def no_more_run_than_may(self):
        assert sum(job.state == "running" for job in self.house.jobs.list()) <= 2


Life.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase
