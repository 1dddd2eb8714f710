"""Uploader in the kernel: what its traits promise, and waiting without a page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("anywidget")

FILE = {"filePath": "/temp/uploads/notebook/Load_1/a.wav", "name": "a.wav", "size": 9}
OTHER = {"filePath": "/temp/uploads/notebook/Load_1/b.wav", "name": "b.wav", "size": 8}


class Stored:
    """A client whose server lists files; each question takes the next list, the last one stays."""

    base_url = "/"

    def __init__(self, *lists: list[dict[str, Any]]) -> None:
        self.lists = list(lists)
        self.asked: list[dict[str, Any]] = []

    def request(self, method: str, path: str, *, params: Any = None, **_: Any) -> Any:
        from tests.widgets.server_of_jobs import FakeReply

        if path != "/api/uploads":
            return FakeReply({"serverId": "s", "version": "0.1.0"})
        self.asked.append(params)
        return FakeReply(self.lists.pop(0) if len(self.lists) > 1 else (self.lists or [[]])[0])


def stored(name: str, *, completed: bool = True, size: int = 9, modified: float = 1.0) -> dict[str, Any]:
    path = f"/temp/uploads/notebook/Load_1/{name}"
    return {"filePath": path, "completed": completed, "size": size, "modified": modified}


@pytest.fixture
def module(built_widgets: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from jupyter_nodeapi_widgets import uploader

    monkeypatch.setattr(uploader, "POLL_SECONDS", 0.001)
    return uploader


def test_the_page_is_told_whom_the_files_belong_to_and_what_is_taken(module: Any) -> None:
    told = module.Uploader("Load", 1, accept=[".wav", "audio/*"], multiple=False, api=Stored()).get_state()
    assert {
        "node_name": "Load",
        "node_id": "1",
        "session_id": "notebook",
        "accept": ".wav,audio/*",
        "multiple": False,
        "directory": False,
        "value": [],
        "uploads": [],
    }.items() <= told.items()


def test_paths_follow_the_value(module: Any) -> None:
    uploader = module.Uploader("Load", api=Stored())
    uploader.value = [FILE, OTHER]
    assert uploader.paths == [FILE["filePath"], OTHER["filePath"]]


def test_a_callback_hears_of_each_file_once_and_of_none_when_it_was_removed(module: Any) -> None:
    uploader = module.Uploader("Load", api=Stored())
    heard: list[Any] = []
    uploader.on_complete(heard.append)
    uploader.value = [FILE]
    uploader.value = [FILE, OTHER]
    uploader.on_complete(heard.append, remove=True)
    uploader.value = []
    assert heard == [FILE, OTHER]


def test_waiting_ends_when_all_is_whole_and_takes_no_earlier_file(module: Any) -> None:
    old = stored("old.wav")
    api = Stored(
        [old],
        [old, stored("a.wav", completed=False)],
        [old, stored("a.wav"), stored("b.wav", completed=False)],
        [old, stored("a.wav"), stored("b.wav", size=8)],
    )
    uploader = module.Uploader("Load", 1, api=api)
    assert asyncio.run(uploader.wait(timeout=5)) == [FILE, OTHER] == uploader.value


def test_a_file_that_came_again_is_new(module: Any) -> None:
    api = Stored([stored("a.wav")], [stored("a.wav", modified=2.0)])
    assert asyncio.run(module.Uploader("Load", 1, api=api).wait(timeout=5)) == [FILE]


def test_waiting_for_more_files_than_come_ends_by_its_timeout_and_keeps_what_came(module: Any) -> None:
    uploader = module.Uploader("Load", 1, api=Stored([], [stored("a.wav")]))
    uploader.value = [FILE]
    with pytest.raises(TimeoutError):
        asyncio.run(uploader.wait(count=2, timeout=0.02))
    assert uploader.value == [FILE]


def test_files_of_another_node_are_not_waited_for(module: Any) -> None:
    other = {**stored("x"), "filePath": "/temp/uploads/notebook/Other_2/x", "completed": False}
    api = Stored([], [other, stored("a.wav")])
    assert asyncio.run(module.Uploader("Load", 1, api=api).wait(timeout=5)) == [FILE]


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Load_1", "Load_1"), ("Load_1", "Load_1~0a1b2c3d"), ("a/b_1", "a_b~0a1b2c3d_1"), ("Ünï_é", "Ünï_é")],
)
def test_a_node_is_found_by_its_folder(module: Any, name: str, folder: str) -> None:
    assert module.readable(name) == module.readable(folder)
