"""What a job lives through, with a clock, a sleep and work that the tests hold in their hands."""

from __future__ import annotations

import asyncio

from tests.jobs.house import House, work


def test_a_job_is_on_the_disk_before_anybody_is_told_its_id(tmp_path):
    async def story(house: House):
        house.jobs.register("download", work("held"))
        job = await house.jobs.start("download", "m", {"stage": "a"}, subject="m")
        assert house.record(job)["subject"] == "m"
        house.stage("a").go.set()
        await house.until(job, "completed")
        assert house.jobs.status(job).progress == 100
        assert house.jobs.status(job).result == {"done": True}

    House.play(tmp_path, story)


def test_the_same_thing_is_done_once_by_any_number_of_callers(tmp_path):
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
