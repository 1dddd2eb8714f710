"""The client against a real server of the tests, and against one that misbehaves on purpose."""

from __future__ import annotations

import array
import asyncio
import dataclasses
import io
import json
import socketserver
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_nodeapi_widgets import ApiError, NodeApi, NoServer
from jupyter_nodeapi_widgets.client import results, sending
from jupyter_nodeapi_widgets.client.sources import source_of

from tests.widgets.faulty_server import served

TOP = Path(__file__).resolve().parents[2]
DATA = bytes(range(256)) * 1200  # 300 KiB: some chunks


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
    [(507, "quota_exceeded"), (400, "invalid_path"), (413, "too_large"), (403, "forbidden")],
)
def test_what_will_not_pass_is_raised_at_once(faulty: Any, status: int, code: str) -> None:
    api, kind = faulty
    told = {"code": code, "message": "No.", "hint": "Do."} | ({"maxFileSize": 2} if status == 413 else {})
    kind.lined_up = [(status, {}, json.dumps(told).encode())]
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
    with served(socketserver.ThreadingUnixStreamServer, str(tmp_path / "s")):
        api = NodeApi(sock=str(tmp_path / "s"))
        assert api.config()["serverId"] == "x"
        api.close()


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (results.Model, "ModelItem"),
        (results.ModelFile, "ModelFile"),
        (results.Orphan, "Orphan"),
        (results.Plan, "PlanReply"),
        (results.Job, "JobStatus"),
        (results.FileItem, "FileItem"),
        (results.Saved, "SaveReply"),
        (results.Version, "VersionItem"),
        (results.UploadStatus, "StatusReply"),
        (results.Trim, "TrimReply"),
        (results.AudioInfo, "InfoReply"),
        (results.Peaks, "PeaksReply"),
    ],
)
def test_a_value_of_the_client_is_one_of_the_servers(value: Any, schema: str) -> None:
    """The two halves are installed apart, so each names the fields; here they are held together."""
    document = json.loads((TOP / "docs" / "reference" / "openapi.json").read_text())
    known = document["components"]["schemas"][schema]
    fields = [field.name for field in dataclasses.fields(value)]
    names = [{field, results._camel(field)} & set(known["properties"]) for field in fields]
    assert all(names), dict(zip(fields, names, strict=True))
