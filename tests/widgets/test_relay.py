"""The comm transport's kernel end: frames in, frames out, nothing kept, nobody held up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from jupyter_nodeapi_widgets import ApiError
from jupyter_nodeapi_widgets._relay import FRAME_BYTES, MAX_HELD_BYTES, Relay
from jupyter_nodeapi_widgets._workers import Workers


class Answer:
    """A stream of bytes."""

    def __init__(self, body: bytes, length: int | None = -1) -> None:
        self.status, self.headers, self._body = 200, {"etag": "x", "set-cookie": "no"}, body
        self.length = len(body) if length == -1 else length

    def read(self, size: int) -> bytes:
        piece, self._body = self._body[:size], self._body[size:]
        return piece

    def __enter__(self) -> Answer:  # noqa: PYI034
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Server:
    """Stands in for NodeApi."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answer: Any = Answer(b"hello")

    def stream(self, method: str, path: str, *, data: Any, headers: Any) -> Answer:
        self.asked.append((method, path, data))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class AtOnce(Workers):
    """Work runs where it is asked for."""

    def run(self, work: Any) -> bool:
        work()
        return True


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(server: Server) -> Any:
    return Page(server, AtOnce())


class Page:
    def __init__(self, server: Server, workers: Workers) -> None:
        self.got: list[tuple[dict[str, Any], list[bytes]]] = []
        self.relay = Relay(
            lambda: server, lambda message, buffers: self.got.append((message, buffers)), workers
        )  # type: ignore[arg-type,return-value]

    def send(self, number: int = 1, buffers: tuple[bytes, ...] = (), **message: Any) -> None:
        self.relay.take(
            {"nodeapi": "request", "id": number, "method": "GET", "path": "/api/models", **message}, buffers
        )

    def kinds(self) -> list[str]:
        return [message["nodeapi"] for message, _ in self.got]


def test_a_request_is_acknowledged_and_answered(page: Page) -> None:
    page.send()
    assert page.kinds() == ["ack", "reply"]
    message, buffers = page.got[1]
    assert (message["status"], message["frames"], buffers, message["headers"]) == (
        200,
        1,
        [b"hello"],
        {"etag": "x"},
    )


def test_a_body_of_several_frames_goes_out_whole_in_their_order(page: Page, server: Server) -> None:
    page.send(frames=2, frame=1, buffers=(b"lo",), method="POST")
    assert server.asked == []
    page.send(frames=2, frame=0, buffers=(b"hel",), method="POST")
    assert server.asked == [("POST", "/api/models", b"hello")]
    assert page.kinds() == ["ack", "ack", "reply"]


def test_a_large_answer_comes_in_frames(page: Page, server: Server) -> None:
    server.answer = Answer(b"a" * (2 * FRAME_BYTES + 1))
    page.send()
    assert [len(buffers[0]) for message, buffers in page.got[1:]] == [FRAME_BYTES, FRAME_BYTES, 1]
    assert [message["frame"] for message, _ in page.got[1:]] == [0, 1, 2]


def test_an_empty_answer_is_an_answer(page: Page, server: Server) -> None:
    server.answer = Answer(b"")
    page.send()
    assert page.got[1][1] == []
    assert page.got[1][0]["frames"] == 1


def test_a_foreign_path_never_leaves(page: Page, server: Server) -> None:
    page.send(path="/api/contents")
    assert server.asked == []
    assert (page.got[0][0]["status"], page.got[0][0]["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    "message", [{"id": None}, {"id": "x"}, {"path": None}, {"headers": 7}, {"frames": "x", "frame": -1}]
)
def test_an_odd_message_harms_nobody(page: Page, message: dict[str, Any]) -> None:
    page.relay.take({"nodeapi": "request", "id": 1, "method": "GET", "path": "/api/models", **message}, [])
    page.send(number=2)
    assert page.got[-1][0]["id"] == 2


def test_a_failure_is_told_with_code_and_hint(page: Page, server: Server) -> None:
    server.answer = ApiError("Gone away.", code="unreachable", hint="Start it.")
    page.send()
    told = page.got[1][0]
    assert (told["status"], told["code"], told["hint"], told["retryable"]) == (
        0,
        "unreachable",
        "Start it.",
        True,
    )


def test_a_servers_own_words_do_not_get_in_the_way(page: Page, server: Server) -> None:
    server.answer = ApiError(
        "Later.", code="busy", status=429, retry_after=2, details={"status": "x", "id": 9, "field": "f"}
    )
    page.send()
    told = page.got[1][0]
    assert (told["status"], told["id"], told["field"], told["headers"]) == (429, 1, "f", {"retry-after": "2"})


def test_more_than_may_be_held_is_told_to_wait(page: Page, server: Server) -> None:
    frame = bytes(FRAME_BYTES)
    for number in range(MAX_HELD_BYTES // FRAME_BYTES + 1):
        page.send(frames=1000, frame=number, buffers=(frame,), method="POST")
    assert page.got[-1][0]["code"] == "kernel_busy"
    assert page.relay._calls == {}


def test_nothing_of_an_answered_request_is_kept(page: Page) -> None:
    page.send(buffers=(b"x",), frames=1)
    assert page.relay._calls == {}


def test_the_kernels_thread_is_not_held_and_a_cancelled_request_is_not_answered(server: Server) -> None:
    began, go, over = threading.Event(), threading.Event(), threading.Event()

    class Slow(Answer):
        def read(self, size: int) -> bytes:
            began.set()
            go.wait(5)
            return super().read(size)

        def __exit__(self, *_: object) -> None:
            over.set()

    server.answer = Slow(b"a" * FRAME_BYTES * 3)
    page = Page(server, Workers(1))
    page.send()
    assert began.wait(5)  # and we are here: take() has returned
    page.relay.take({"nodeapi": "cancel", "id": 1}, [])
    go.set()
    assert over.wait(5)
    assert page.kinds().count("reply") <= 1


def test_too_much_waiting_work_is_refused() -> None:
    workers, go, began = Workers(threads=1, waiting=1), threading.Event(), threading.Event()

    def first() -> None:
        began.set()
        go.wait(5)

    assert workers.run(first)
    assert began.wait(5)
    assert workers.run(lambda: None)
    assert not workers.run(lambda: None)
    go.set()
