"""What every engine keeps, held against each of them."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import NotFound, Unavailable
from jupyter_nodeapi.jobs.engines import Engine, Retry, Stopped
from jupyter_nodeapi.jobs.engines.dask import DaskEngine
from jupyter_nodeapi.jobs.engines.local import LocalEngine
from tests.jobs import works
from tests.jobs.house import until, work


class Cluster:
    """An engine for one test, and another that a restarted server would have."""

    def __init__(self, make):
        self.make = make
        self.engines: list[Engine] = []

    def engine(self) -> Engine:
        self.engines.append(self.make())
        return self.engines[-1]


def local(story):
    async def played():
        await story(Cluster(LocalEngine))

    return played


def dask(story):
    distributed = pytest.importorskip("distributed")

    async def played():
        async with distributed.LocalCluster(
            processes=False,
            asynchronous=True,
            n_workers=1,
            threads_per_worker=2,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
        ) as cluster:
            made = Cluster(lambda: DaskEngine(address=cluster.scheduler_address))
            made.scheduler = cluster.scheduler
            try:
                await story(made)
            finally:
                for engine in made.engines:
                    await engine.detach()

    return played


on_dask = pytest.param(dask, id="dask", marks=pytest.mark.slow)  # a cluster takes seconds to start
every_engine = pytest.mark.parametrize("on", [pytest.param(local, id="local"), on_dask])


@pytest.fixture(autouse=True)
def stages():
    works.STAGES.clear()
    yield
    for stage in works.STAGES.values():
        stage.go.set()


def stage(name):
    return works.STAGES.setdefault(name, works.Stage())


class Heard:
    def __init__(self):
        self.said = []

    def __call__(self, count, total=None, message="", **more):
        self.said.append((count, total, more.get("stage")))


@every_engine
def test_it_gives_what_the_work_gives_and_says_how_far_it_is(on):
    async def story(cluster):
        heard = Heard()
        run = asyncio.ensure_future(cluster.engine().run("k1", work("held"), {"stage": "a"}, heard))
        await until(stage("a").begun.is_set)
        await until(lambda: heard.said)
        stage("a").go.set()
        assert await run == {"done": True}
        assert heard.said[0] == (42, 100, "downloading")

    asyncio.run(on(story)())


@every_engine
def test_cancelling_the_coroutine_ends_when_the_work_has(on):
    async def story(cluster):
        run = asyncio.ensure_future(cluster.engine().run("k2", work("held"), {"stage": "b"}, Heard()))
        await until(stage("b").begun.is_set)
        run.cancel()
        await asyncio.wait({run})
        assert run.cancelled()
        assert stage("b").running == 0

    asyncio.run(on(story)())


@every_engine
@pytest.mark.parametrize(
    ("way", "kind"), [("not_found", NotFound), ("later", Retry), ("denied", PermissionError)]
)
def test_what_the_work_raises_arrives_as_it_was(on, way, kind):
    async def story(cluster):
        with pytest.raises(kind) as raised:
            await cluster.engine().run("k3", work("failing"), {"stage": "c", "ways": [way]}, Heard())
        if kind is Retry:
            assert (raised.value.after, raised.value.error.message) == (30, "Too many requests.")

    asyncio.run(on(story)())


@every_engine
def test_the_same_key_can_run_again_after_a_cancel(on):
    async def story(cluster):
        engine = cluster.engine()
        run = asyncio.ensure_future(engine.run("k4", work("held"), {"stage": "d"}, Heard()))
        await until(stage("d").begun.is_set)
        run.cancel()
        await asyncio.wait({run})
        stage("d").go.set()
        assert await engine.run("k4", work("held"), {"stage": "d"}, Heard()) == {"done": True}

    asyncio.run(on(story)())


@pytest.mark.slow
def test_a_restarted_server_finds_its_work_on_the_cluster_again():
    async def story(cluster):
        first = cluster.engine()
        run = asyncio.ensure_future(first.run("k5", work("held"), {"stage": "e"}, Heard()))
        await until(stage("e").begun.is_set)
        await first.detach()
        run.cancel()
        await asyncio.wait({run})
        assert stage("e").running == 1
        again = asyncio.ensure_future(cluster.engine().run("k5", work("held"), {"stage": "e"}, Heard()))
        task = cluster.scheduler.tasks["nodeapi-k5"]
        await until(lambda: any(client.client_key != "fire-and-forget" for client in task.who_wants))
        stage("e").go.set()
        assert await again == {"done": True}
        assert len(stage("e").calls) == 1

    asyncio.run(dask(story)())


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_tried_again_later():
    async def story():
        async def nobody():
            raise OSError(111, "Connection refused")

        with pytest.raises(Retry) as raised:
            await DaskEngine(client_factory=nobody).run("k", work("instant"), {}, Heard())
        assert "refused" not in raised.value.error.message

    asyncio.run(story())


def test_a_stop_of_the_server_tells_local_work_to_stop_and_waits_for_nothing():
    async def story():
        engine = LocalEngine()
        run = asyncio.ensure_future(engine.run("k", work("held"), {"stage": "f"}, Heard()))
        await until(stage("f").begun.is_set)
        await engine.detach()
        with pytest.raises(Stopped):
            await run
        with pytest.raises(Unavailable):
            await engine.run("k", work("held"), {"stage": "f"}, Heard())

    asyncio.run(story())


def test_work_that_was_stopped_before_a_thread_was_free_never_begins():
    async def story():
        engine = LocalEngine(threads=1)
        first = asyncio.ensure_future(engine.run("a", work("held"), {"stage": "g"}, Heard()))
        await until(stage("g").begun.is_set)
        second = asyncio.ensure_future(engine.run("b", work("instant"), {"stage": "h"}, Heard()))
        await asyncio.sleep(0)
        second.cancel()
        stage("g").go.set()
        await asyncio.wait({first, second})
        assert second.cancelled()
        assert stage("h").calls == []

    asyncio.run(story())


def test_a_second_cancel_leaves_work_that_does_not_heed_the_first():
    async def story():
        engine = LocalEngine()
        stage("i").stubborn.clear()
        run = asyncio.ensure_future(engine.run("a", work("held"), {"stage": "i"}, Heard()))
        await until(stage("i").begun.is_set)
        run.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not run.done()
        run.cancel()
        await asyncio.wait({run})
        assert stage("i").running == 1
        stage("i").go.set()
        await until(lambda: stage("i").running == 0)

    asyncio.run(story())


def test_words_of_work_travel_between_processes():
    for error in (Stopped(), NotFound("No.", hint="Look.", field="x"), Retry(NotFound("Gone."), after=2.5)):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), vars(copy).keys()) == (type(error), vars(error).keys())
        assert str(copy) == str(error)


def test_threads_of_jobs_never_hold_up_the_end_of_the_interpreter():
    threads = Threads(size=1, name="probe")
    import threading

    async def story():
        return await threads.run(threading.current_thread)

    assert asyncio.run(story()).daemon
    threads.close()
