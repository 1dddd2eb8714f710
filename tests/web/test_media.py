"""Files are sent whole or in part, and can never run."""

import pytest


def test_a_file_is_sent_whole_with_what_a_browser_needs(floor, served_file):
    reply = floor.get("test/file")
    assert reply.body == served_file.read_bytes()
    assert reply.headers["Content-Type"].startswith("audio/")
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 1_500_000), (5_119_999, 5_119_999), (100, None)])
def test_a_part_is_sent_as_asked(floor, served_file, first, last):
    reply = floor.get("test/file", headers={"Range": f"bytes={first}-{'' if last is None else last}"})
    whole = served_file.read_bytes()
    assert reply.status == 206
    assert reply.body == whole[first : None if last is None else last + 1]
    assert reply.headers["Content-Range"].endswith(f"/{len(whole)}")


def test_a_range_behind_the_end_names_the_length(floor):
    reply = floor.get("test/file", headers={"Range": "bytes=99999999-"})
    assert (reply.status, reply.json["code"]) == (416, "range_not_satisfiable")
    assert reply.headers["Content-Range"] == "bytes */5120000"


def test_head_says_the_length_and_sends_nothing(floor):
    reply = floor.request("HEAD", "test/file")
    assert (reply.status, reply.headers["Content-Length"], reply.body) == (200, "5120000", b"")


def test_head_knows_no_ranges(floor):
    reply = floor.request("HEAD", "test/file", headers={"Range": "bytes=0-9"})
    assert (reply.status, reply.headers["Content-Length"]) == (200, "5120000")


def test_a_known_etag_or_date_is_answered_304(floor):
    first = floor.request("HEAD", "test/file")
    assert floor.get("test/file", headers={"If-None-Match": first.headers["Etag"]}).status == 304
    assert floor.get("test/file", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status == 304
    assert floor.get("test/file", headers={"If-Modified-Since": "yesterday"}).status == 200


def test_if_range_of_another_version_sends_the_whole(floor):
    reply = floor.get("test/file", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (reply.status, len(reply.body)) == (200, 5_120_000)


def test_a_page_is_a_download_and_never_runs(floor):
    reply = floor.get("test/page")
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"].startswith("attachment")
