"""Threads: bounded, daemons, and no failure is lost."""

import asyncio
import contextvars
import gc
import logging
import threading

import pytest

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Unavailable


@pytest.fixture
def threads():
    made = Threads(2, name="test-threads")
    yield made
    made.close()


async def logged(caplog, word):
    """Wait, with a deadline, until `word` has been logged."""
    deadline = asyncio.get_running_loop().time() + 5
    while word not in caplog.text:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)


def test_values_and_errors_come_back(threads):
    async def main():
        assert await threads.run(divmod, 7, 2) == (3, 1)
        assert await threads.run(int, "z", base=36) == 35
        with pytest.raises(ZeroDivisionError):
            await threads.run(divmod, 1, 0)
        with pytest.raises(RuntimeError, match="StopIteration"):
            await threads.run(next, iter(()))

    asyncio.run(main())


def test_there_are_never_more_threads_than_its_size(threads):
    async def main():
        names = await asyncio.gather(
            *(threads.run(lambda: threading.current_thread().name) for _ in range(50))
        )
        assert set(names) <= {"test-threads-1", "test-threads-2"}

    asyncio.run(main())


def test_calls_run_side_by_side(threads):
    async def main():
        barrier = threading.Barrier(2)
        await asyncio.wait_for(
            asyncio.gather(threads.run(barrier.wait, 5), threads.run(barrier.wait, 5)), timeout=5
        )

    asyncio.run(main())


def test_an_idle_thread_is_used_again():
    async def main():
        threads = Threads(8)
        names = set()
        for _ in range(20):
            names.add(await threads.run(lambda: threading.current_thread().name))
            while threads._idle._value < threads._started:  # it says so a moment after it has answered
                await asyncio.sleep(0)
        threads.close()
        assert len(names) == 1

    asyncio.run(main())


def test_the_threads_are_daemons(threads):
    async def main():
        assert await threads.run(lambda: threading.current_thread().daemon)

    asyncio.run(main())


def test_the_context_goes_along(threads):
    variable = contextvars.ContextVar("variable", default="none")

    async def main():
        variable.set("here")
        assert await threads.run(variable.get) == "here"

    asyncio.run(main())


def test_cancelling_abandons_the_wait_and_the_work_goes_on(threads):
    async def main():
        go, done = threading.Event(), threading.Event()

        def work():
            go.wait(5)
            done.set()

        task = asyncio.create_task(threads.run(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        assert await threads.run(done.wait, 5)

    asyncio.run(main())


@pytest.mark.parametrize("when", ["before it fails", "after it has failed"])
def test_a_failure_that_nobody_waits_for_is_logged_once(threads, caplog, when):
    async def main():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        go = threading.Event()
        failed = threading.Event()

        def work():
            go.wait(5)
            failed.set()
            raise ValueError("lost and found")

        task = asyncio.create_task(threads.run(work))
        await asyncio.sleep(0)
        if when == "after it has failed":  # it fails while the loop does not turn
            go.set()
            failed.wait(5)
            threading.Event().wait(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        await logged(caplog, "lost and found")
        del task
        gc.collect()
        await asyncio.sleep(0)
        assert complaints == []
        assert len(caplog.records) == 1

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())


def test_work_begun_for_nobody_is_done_without_a_loop_and_its_failure_is_logged(threads, caplog):
    done = threading.Event()
    threads.begin(done.set)
    assert done.wait(5)
    threads.begin(divmod, 1, 0)

    with caplog.at_level(logging.WARNING):
        asyncio.run(logged(caplog, "ZeroDivisionError"))


def test_work_that_outlives_its_loop_harms_nothing(threads, caplog):
    go, done = threading.Event(), threading.Event()

    def work():
        go.wait(5)
        done.set()
        raise ValueError("too late")

    async def main():
        task = asyncio.create_task(threads.run(work))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(main())
    go.set()
    assert done.wait(5)

    async def again():
        assert await threads.run(int, "1") == 1
        await logged(caplog, "too late")

    asyncio.run(again())


def test_a_closed_one_refuses_and_lets_its_threads_end():
    async def main():
        threads = Threads(2)
        thread = await threads.run(threading.current_thread)
        threads.close()
        threads.close()
        with pytest.raises(Unavailable):
            await threads.run(int)
        thread.join(5)
        assert not thread.is_alive()

    asyncio.run(main())


def test_a_result_is_not_kept_alive(threads):
    class Big:
        pass

    async def main():
        import weakref

        reference = weakref.ref(await threads.run(Big))
        await threads.run(int)
        await threads.run(int)
        gc.collect()
        assert reference() is None

    asyncio.run(main())
