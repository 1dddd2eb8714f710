"""Work that gives way to everything else."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from jupyter_nodeapi.disk.beside import gently


def priority():
    return threading.current_thread(), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_it_has_a_lower_priority_in_a_thread_that_holds_up_no_exit():
    here, usual = priority()
    thread, niceness = gently(priority, 7)
    if sys.platform == "linux":
        assert (niceness, thread.daemon) == (max(usual, 7), True)
        assert thread is not here
    assert priority() == (here, usual)


def test_where_nothing_has_to_give_way_it_is_done_here():
    assert gently(priority, 0) == priority()


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_what_it_raises_is_raised_here(error):
    def work():
        raise error

    with pytest.raises(error):
        gently(work, 5)
