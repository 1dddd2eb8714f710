"""On a server that several users share, a job that is one user's alone does not exist for the others."""

from __future__ import annotations

import pytest

from jupyter_nodeapi.errors import NotFound
from tests.jobs.house import House, work

VERBS = ("find", "cancel", "pause", "resume", "retry")


async def begun(house: House) -> dict[str, str]:
    """Start what is everybody's, what is Ann's and what is Bob's; give their ids."""
    house.jobs.register("trim", work("held"), places=3)
    ids = {}
    for owner in ("", "ann", "bob"):
        job = await house.jobs.start("trim", owner, {"stage": owner}, subject=owner, owner=owner)
        ids[owner] = job.job_id
        await house.begun(owner)
    return ids


def test_the_list_holds_what_is_everybodys_and_ones_own(tmp_path):
    async def story(house: House):
        await begun(house)
        seen = {}
        for viewer in ("ann", "bob", "eve", ""):
            seen[viewer] = {job.owner for job in await house.jobs.history(viewer=viewer)}
        assert seen == {"ann": {"", "ann"}, "bob": {"", "bob"}, "eve": {""}, "": {"", "ann", "bob"}}

    House.play(tmp_path, story)


def test_nobody_finds_or_decides_anothers(tmp_path):
    async def story(house: House):
        ids = await begun(house)
        for verb in VERBS:
            with pytest.raises(NotFound) as raised:
                await getattr(house.jobs, verb)(ids["bob"], "ann")
            assert raised.value.message == "There is no job with this id."
        assert (await house.jobs.find(ids["bob"])).state == "running"
        for viewer, owner in (("bob", "bob"), ("ann", "")):
            assert (await house.jobs.cancel(ids[owner], viewer)).state == "cancelled"

    House.play(tmp_path, story)


def test_events_tell_nobody_of_anothers_and_jupyters_bus_only_of_what_is_everybodys(tmp_path):
    async def story(house: House):
        bus = []
        house.jobs.events.emit = lambda _, event: bus.append(event["subject"])
        early = {viewer: house.jobs.feed(None, viewer) for viewer in ("ann", "eve")}
        assert [feed.take() for feed in early.values()] == [[], []]
        await begun(house)
        for viewer, subjects in (("ann", {"", "ann"}), ("eve", {""})):
            assert {event.subject for _, event in early[viewer].take()} == subjects
            assert {event.subject for _, event in house.jobs.feed(None, viewer).take()} == subjects
        assert set(bus) == {""}

    House.play(tmp_path, story)


def test_it_is_still_its_owners_after_a_restart(tmp_path):
    async def story(house: House):
        ids = await begun(house)
        await house.jobs.cancel(ids["bob"])

    House.play(tmp_path, story)

    async def later(house: House):
        house.jobs.register("trim", work("held"), places=3)
        ended = [job for job in await house.jobs.history() if job.owner == "bob"]
        assert [job.state for job in ended] == ["cancelled"]
        assert [job.owner for job in await house.jobs.history(state="cancelled", viewer="ann")] == []

    House.play(tmp_path, later)
