"""The client against a real server of the tests, and against one that misbehaves on purpose."""

from __future__ import annotations

import array
import asyncio
import io
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_nodeapi_widgets import ApiError, NodeApi, NoServer
from jupyter_nodeapi_widgets.client import sending
from jupyter_nodeapi_widgets.client.sources import source_of

DATA = bytes(range(256)) * 1200  # 300 KiB: some chunks


@pytest.fixture
def told(api: Any) -> Iterator[Callable[[Callable[[NodeApi], Any]], Any]]:
    """Run what blocks in a thread, while the server runs on its loop here."""
    client = NodeApi(api.base, api.token)
    yield lambda work: api.run(asyncio.to_thread(work, client))
    client.close()


def test_a_value_comes_back_as_it_was_saved(told: Any) -> None:
    value = {"nodes": [1, 2.5, None, "é"]}
    assert told(lambda api: (api.files.save("a/b.json", value), api.files.read("a/b.json"))[1]) == value


def test_listings_are_read_page_after_page(told: Any) -> None:
    def story(api: NodeApi) -> list[str]:
        for number in range(5):
            api.files.write_bytes(f"n{number}.bin", b"x")
        return [item.name for item in api.files.list()]

    assert sorted(told(story)) == [f"n{number}.bin" for number in range(5)]


def test_an_upload_arrives_and_comes_back_equal(told: Any, tmp_path: Path) -> None:
    def story(api: NodeApi) -> tuple[str, bytes]:
        sent = api.uploads.send(DATA, "größe #1?.bin", chunk_size=64 << 10, progress=False)
        return sent.name, api.files.download(sent, tmp_path, progress=False).read_bytes()

    assert told(story) == ("größe #1?.bin", DATA)
    assert [path.name for path in tmp_path.glob("*.part-*")] == []


def test_the_newest_upload_of_a_name_is_what_one_reads(told: Any) -> None:
    def story(api: NodeApi) -> bytes:
        for data in (b"a" * 9, b"b" * 5, b"a" * 9):
            sent = api.uploads.send(data, "x.bin", progress=False)
        return api.request("GET", sent.file_path).body

    assert told(story) == b"a" * 9


def test_an_upload_that_broke_off_goes_on_where_it_stood(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def story(api: NodeApi) -> bytes:
        real, sent = sending.Sending._send, []

        def breaks(self: Any, index: int) -> None:
            if len(sent) == 3:
                raise KeyboardInterrupt
            sent.append(index)
            real(self, index)

        monkeypatch.setattr(sending.Sending, "_send", breaks)
        with pytest.raises(KeyboardInterrupt):
            api.uploads.send(DATA, "x.bin", chunk_size=64 << 10, parallel=1, progress=False)
        monkeypatch.setattr(
            sending.Sending, "_send", lambda self, index: (counts.append(index), real(self, index))
        )
        return api.request("GET", api.uploads.send(DATA, "x.bin", progress=False).file_path).body

    assert told(story) == DATA
    assert sorted(counts) == [3, 4]


@pytest.mark.parametrize(
    "thing",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(9)[::2],
        np.array(["a", "bb"]),
        np.array(["2026-01-01"], dtype="M8[D]"),
        np.zeros(3, dtype=[("a", "<f4"), ("b", "<i8")]),
        np.float64(3.5),
        np.zeros((0, 3)),
        array.array("d", [1, 2]),
    ],
    ids=str,
)
def test_an_array_is_a_npy_file(thing: Any) -> None:
    with source_of(thing) as source:
        got = np.load(io.BytesIO(source.read(0, source.size)))
    assert got.dtype == np.asarray(thing).dtype
    assert got.shape == np.asarray(thing).shape
    assert np.array_equal(got, np.asarray(thing))


def test_a_source_gives_any_part_of_itself(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA)
    file = io.BytesIO(b"head" + DATA)
    file.seek(4)
    for thing in (DATA, bytearray(DATA), memoryview(DATA), tmp_path / "f", str(tmp_path / "f"), file):
        with source_of(thing) as source:
            assert source.size == len(DATA)
            assert source.read(1000, 70_000) == DATA[1000:71_000]


@pytest.mark.parametrize("thing", [3, None, np.array([object()]), io.StringIO("x")])
def test_what_is_no_source_of_bytes_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError):
        source_of(thing)


class Faulty(BaseHTTPRequestHandler):
    """Answers what the test lined up; takes chunks when nothing is lined up."""

    protocol_version = "HTTP/1.1"
    lined_up: list[tuple[int, dict[str, str], bytes]]
    largest: int
    taken: dict[tuple[str, int], int]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/api/upload/config":
            self.reply(200, b'{"chunkSize": 65536, "maxChunkSize": 1048576, "parallel": 2, "serverId": "x"}')
        elif path == "/api/upload":
            self.reply(404, b'{"code": "not_found", "message": "none"}')
        else:
            status, headers, body = self.lined_up.pop(0)
            self.reply(status, body, headers)

    def do_DELETE(self) -> None:
        self.reply(200, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.lined_up:
            status, headers, answer = self.lined_up.pop(0)
            self.reply(status, answer, headers)
        elif len(body) > self.largest:
            self.reply(413, b"<html>too large</html>")
        else:
            self.take(body)

    def take(self, body: bytes) -> None:
        fields = dict(re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', body))
        index, total, upload = (
            fields[name].decode() for name in (b"chunkIndex", b"totalChunks", b"uploadId")
        )
        self.taken[upload, int(index)] = len(body)
        done = sum(1 for known, _ in self.taken if known == upload) == int(total)
        self.reply(
            200, b'{"completed": true, "filePath": "/temp/x", "size": 1}' if done else b'{"completed": false}'
        )

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def faulty() -> Iterator[tuple[NodeApi, type[Faulty]]]:
    kind = type("Lined", (Faulty,), {"lined_up": [], "largest": 1 << 30, "taken": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    client = NodeApi(f"http://127.0.0.1:{server.server_port}/", "key", timeout=5)
    try:
        yield client, kind
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_chunk_too_large_for_the_way_is_halved_until_it_fits(faulty: Any) -> None:
    api, kind = faulty
    kind.largest = 40_000
    api.uploads.send(DATA, "x.bin", progress=False)
    whole = max(kind.taken, key=lambda each: each[1])
    assert whole[1] == len(DATA) // 32768


def test_a_busy_server_is_asked_again_when_it_said(faulty: Any) -> None:
    api, kind = faulty
    kind.lined_up = [
        (503, {"Retry-After": "0"}, b"<html>"),
        (429, {"Retry-After": "0"}, b'{"code": "busy", "message": "later"}'),
    ]
    assert api.uploads.send(b"abc", "x.bin", progress=False).file_path == "/temp/x"


@pytest.mark.parametrize(
    ("status", "code"),
    [(507, "no_space"), (400, "invalid_path"), (413, "file_too_large"), (403, "forbidden")],
)
def test_what_will_not_pass_is_raised_at_once(faulty: Any, status: int, code: str) -> None:
    api, kind = faulty
    kind.lined_up = [(status, {}, f'{{"code": "{code}", "message": "No.", "hint": "Do."}}'.encode())]
    with pytest.raises(ApiError) as raised:
        api.uploads.send(b"abc", "x.bin", progress=False)
    assert (raised.value.status, raised.value.code, raised.value.hint) == (status, code, "Do.")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, "login_expired"),
        (401, "token"),
        (403, "token"),
        (404, "extension_missing"),
        (424, "unreachable"),
        (502, "unreachable"),
    ],
)
def test_an_answer_that_is_not_the_apis_says_what_to_do(faulty: Any, status: int, code: str) -> None:
    api, kind = faulty
    kind.lined_up = [(status, {}, b"<html>")]
    with pytest.raises(NoServer) as raised:
        api.models.list()
    assert (raised.value.code, bool(raised.value.hint)) == (code, True)


def test_a_download_goes_on_where_the_connection_broke(faulty: Any, tmp_path: Path) -> None:
    api, kind = faulty
    kind.lined_up = [
        (200, {"Content-Length": "10", "ETag": '"1"', "Connection": "close"}, b"01234"),
        (206, {"ETag": '"1"'}, b"56789"),
    ]
    seen: list[tuple[int, int | None]] = []
    path = api.files.download(
        "/temp/x.bin", tmp_path, progress=lambda done, total: seen.append((done, total))
    )
    assert path.read_bytes() == b"0123456789"
    assert seen[-1] == (10, 10)


def test_a_download_that_changed_meanwhile_begins_anew(faulty: Any, tmp_path: Path) -> None:
    api, kind = faulty
    kind.lined_up = [
        (200, {"Content-Length": "10", "ETag": '"1"', "Connection": "close"}, b"01234"),
        (200, {"ETag": '"2"'}, b"abc"),
    ]
    assert api.files.download("/temp/x.bin", tmp_path / "y", progress=False).read_bytes() == b"abc"


def test_a_job_is_waited_for_without_holding_the_loop(faulty: Any) -> None:
    api, kind = faulty
    job = b'{"job_id": "j", "status": "%s", "progress": 1, "message": "m", "state": "%s"}'
    kind.lined_up = [
        (200, {}, job % (b"running", b"running")),
        (503, {}, b""),
        (200, {}, job % (b"completed", b"completed")),
    ]
    assert asyncio.run(api.jobs.finished("j")).over
    kind.lined_up = [(200, {}, job % (b"error", b"cancelled"))]
    with pytest.raises(ApiError, match="m"):
        api.jobs.wait("j", progress=False)


def test_a_server_on_a_unix_socket_is_spoken_to(tmp_path: Path) -> None:
    kind = type("Lined", (Faulty,), {"lined_up": [], "largest": 1 << 30, "taken": {}})
    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "s"), kind) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        api = NodeApi(sock=str(tmp_path / "s"))
        try:
            assert api.config()["serverId"] == "x"
        finally:
            api.close()
            server.shutdown()
            thread.join()
