"""tus 1.0 over HTTP: the core protocol and its extensions, case by case."""

import base64
import hashlib
import zlib

import pytest

BASE = "/api/upload/tus"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
FIELDS = {"filename": "clip.mp4", "sessionId": "s", "nodeId": "7", "nodeName": "Loader", "filetype": ""}
PATH = "/temp/uploads/s/Loader_7/clip.mp4"


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


METADATA = ",".join(f"{name} {b64(value)}" for name, value in FIELDS.items())


class Tus:
    """A client that speaks tus one request at a time."""

    def __init__(self, api):
        self.api = api

    def create(self, length=None, data=None, **headers):
        sent = {**(BYTES if data is not None else TUS), "Upload-Metadata": METADATA}
        if length is not None:
            sent["Upload-Length"] = str(length)
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.api.post(BASE, data=data if data is not None else b"", headers=sent)

    def url(self, *args, **kwargs):
        reply = self.create(*args, **kwargs)
        assert reply.status == 201, reply.body
        return reply.headers["Location"].removeprefix(self.api.base[self.api.base.index("/", 8) :])

    def patch(self, url, offset, data, **headers):
        sent = {**BYTES, "Upload-Offset": str(offset)}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.api.request("PATCH", url, data=data, headers=sent)

    def head(self, url, headers=None):
        return self.api.request("HEAD", url, headers=TUS if headers is None else headers)


@pytest.fixture
def tus(api):
    return Tus(api)


def test_options_tell_what_the_server_speaks(api):
    reply = api.request("OPTIONS", BASE)
    assert (reply.status, reply.headers["Tus-Version"], reply.headers["Tus-Resumable"]) == (
        200,
        "1.0.0",
        "1.0.0",
    )
    assert {"creation", "termination", "checksum", "expiration", "concatenation"} < set(
        reply.headers["Tus-Extension"].split(",")
    )
    assert "sha1" in reply.headers["Tus-Checksum-Algorithm"].split(",")


def test_an_upload_in_two_requests_lands_on_the_documented_path(api, tus):
    reply = tus.create(10)
    assert (reply.status, reply.headers["Tus-Resumable"]) == (201, "1.0.0")
    assert reply.headers["Location"].startswith("/")
    assert reply.headers["Upload-Expires"].endswith("GMT")
    url = tus.url(10)
    first = tus.patch(url, 0, b"01234")
    assert (first.status, first.headers["Upload-Offset"]) == (204, "5")
    head = tus.head(url)
    assert (head.status, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "5", "10")
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Upload-Metadata"] == METADATA.strip()
    last = tus.patch(url, 5, b"56789")
    assert (last.headers["Upload-Offset"], last.headers["Upload-File-Path"]) == ("10", PATH)
    assert api.get(PATH).body == b"0123456789"
    assert tus.head(url).headers["Upload-File-Path"] == PATH


def test_creation_may_bring_bytes(api, tus):
    reply = tus.create(4, b"ab")
    assert (reply.status, reply.headers["Upload-Offset"]) == (201, "2")
    assert tus.create(4, b"abcd").headers["Upload-File-Path"] == PATH
    assert api.get(PATH).body == b"abcd"


def test_a_refused_creation_with_bytes_leaves_nothing_behind(api, tus):
    reply = tus.create(4, b"12345678")
    assert (reply.status, reply.json["code"]) == (413, "too_large")
    assert list(api.app.uploads.store.shelf.folder.glob("tus-*")) == []


def test_an_empty_file_is_finished_when_it_is_created(api, tus):
    assert tus.create(0).headers["Upload-File-Path"] == PATH
    assert api.get(PATH).body == b""


def test_the_length_may_be_told_later(api, tus):
    url = tus.url(Upload_Defer_Length="1")
    assert tus.head(url).headers["Upload-Defer-Length"] == "1"
    assert tus.patch(url, 0, b"abc").headers["Upload-Offset"] == "3"
    assert tus.patch(url, 3, b"", Upload_Length="2").status == 400
    assert tus.patch(url, 3, b"d", Upload_Length="4").headers["Upload-File-Path"] == PATH
    assert api.get(PATH).body == b"abcd"


def test_an_upload_without_metadata_has_a_place_too(api):
    reply = api.post(BASE, data=b"", headers={**TUS, "Upload-Length": "0"})
    assert reply.headers["Upload-File-Path"].startswith("/temp/uploads/tus/tus/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "ten"}, 400),
        ({"Upload-Length": "1", "Upload-Defer-Length": "1"}, 400),
        ({"Upload-Defer-Length": "2"}, 400),
        ({"Upload-Length": "1", "Upload-Metadata": "filename !"}, 400),
        ({"Upload-Length": "1", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload-Length": "1", "Upload-Metadata": "filename Li4="}, 400),
        ({"Upload-Length": "1", "Upload-Concat": "half"}, 400),
        ({"Upload-Concat": "final;"}, 400),
        ({"Upload-Concat": "final;/a/b"}, 404),
        ({"Upload-Concat": "final;/a/b", "Upload-Length": "1"}, 400),
        ({"Upload-Length": "1", "Upload-Checksum": "sha3 YQ=="}, 400),
        ({"Upload-Length": "1", "Tus-Resumable": "0.2.2"}, 412),
    ],
)
def test_a_wrong_creation_is_refused(api, headers, status):
    reply = api.post(BASE, data=b"", headers={**TUS, **headers})
    assert (reply.status, reply.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert reply.json["code"]
    assert list(api.app.temp.path.rglob("data-*")) == []


def test_another_version_is_told_ours(api, tus):
    url = tus.url(5)
    for reply in (tus.head(url, {}), api.delete(url), tus.patch(url, 0, b"a", Tus_Resumable="0.1.0")):
        assert (reply.status, reply.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_body_of_another_type_is_415(api, tus):
    url = tus.url(5)
    assert tus.patch(url, 0, b"a", Content_Type="text/plain").status == 415
    assert tus.create(5, b"a", Content_Type="text/plain").status == 415
    assert tus.create(5, b"--x--", Content_Type="multipart/form-data; boundary=x").status == 201


def test_a_wrong_offset_is_told_the_right_one(tus):
    url = tus.url(5)
    tus.patch(url, 0, b"ab")
    for offset in (0, 1, 3):
        reply = tus.patch(url, offset, b"c")
        assert (reply.status, reply.headers["Upload-Offset"]) == (409, "2")
    assert tus.patch(url, "x", b"c").status == 400


def test_more_bytes_than_the_upload_has_are_refused(tus):
    url = tus.url(3)
    assert tus.patch(url, 0, b"abcd").status == 413
    assert tus.head(url).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["unknown", "0" * 32, "..%2f..%2fx", "a/b/c", "tus-" + "0" * 28])
def test_an_unknown_upload_is_404(api, method, name):
    headers = {**BYTES, "Upload-Offset": "0"}
    data = b"x" if method == "PATCH" else None
    assert api.request(method, f"{BASE}/{name}"[1:], raw=True, headers=headers, data=data).status == 404


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5", "crc32"])
def test_a_checksum_decides_whether_the_bytes_are_kept(tus, algorithm):
    def digest(data):
        if algorithm == "crc32":
            return zlib.crc32(data).to_bytes(4, "big")
        return hashlib.new(algorithm, data).digest()

    url = tus.url(8)
    wrong = tus.patch(url, 0, b"abcd", Upload_Checksum=f"{algorithm} {b64(digest(b'other'))}")
    assert wrong.status == 460
    assert tus.head(url).headers["Upload-Offset"] == "0"
    good = tus.patch(url, 0, b"abcd", Upload_Checksum=f"{algorithm} {b64(digest(b'abcd'))}")
    assert (good.status, good.headers["Upload-Offset"]) == (204, "4")


@pytest.mark.parametrize("checksum", ["sha1", "sha1 x", "md4 AAAA", ""])
def test_a_malformed_checksum_is_400(tus, checksum):
    url = tus.url(8)
    assert tus.patch(url, 0, b"abcd", Upload_Checksum=checksum).status == 400


def test_termination_removes_the_upload_and_its_file(api, tus):
    for length in (5, 2):
        url = tus.url(length)
        tus.patch(url, 0, b"ab")
        assert api.delete(url, headers=TUS).status == 204
        assert tus.head(url).status == 404
        assert api.delete(url, headers=TUS).status == 404
    assert api.get(PATH).status == 404


def test_parts_become_one_file(api, tus):
    parts = [tus.url(3, b"abc", Upload_Concat="partial"), tus.url(2, b"de", Upload_Concat="partial")]
    assert "Upload-File-Path" not in tus.head(parts[0]).headers
    assert tus.head(parts[0]).headers["Upload-Concat"] == "partial"
    header = "final;" + " ".join([parts[0], f"http://proxy{parts[1]}"])
    final = tus.url(Upload_Concat=header)
    head = tus.head(final)
    assert (head.headers["Upload-Length"], head.headers["Upload-Offset"]) == ("5", "5")
    assert head.headers["Upload-Concat"] == header
    assert api.get(PATH).body == b"abcde"
    assert tus.patch(final, 5, b"").status == 403


def test_a_file_of_unfinished_parts_is_whole_when_they_are(api, tus):
    parts = [tus.url(3, b"a", Upload_Concat="partial"), tus.url(2, b"de", Upload_Concat="partial")]
    final = tus.url(Upload_Concat=f"final;{parts[0]} {parts[1]}")
    assert tus.head(final).headers["Upload-Offset"] == "3"
    assert api.get(PATH).status == 404
    tus.patch(parts[0], 1, b"bc")
    assert tus.head(final).headers["Upload-File-Path"] == PATH
    assert api.get(PATH).body == b"abcde"


def test_a_whole_upload_is_no_part(tus):
    assert tus.create(Upload_Concat=f"final;{tus.url(1)}").status == 400


def test_the_method_may_be_overridden(api, tus):
    url = tus.url(3)
    headers = {**BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert api.post(url, data=b"abc", headers=headers).status == 204
    assert api.get(PATH).body == b"abc"
    assert api.post(url, data=b"", headers={**TUS, "X-HTTP-Method-Override": "DELETE"}).status == 204


def test_a_cut_request_keeps_its_bytes(api, tus):
    url = tus.url(10)
    uploads, upload_id = api.app.uploads.tus, url.rpartition("/")[2]

    async def cut():
        sink = await uploads.append(upload_id, "", 0, length=None, checksum=None, expected=10)
        await sink.feed(b"abcd")
        await sink.close(False)

    api.run(cut())
    assert tus.head(url).headers["Upload-Offset"] == "4"
    tus.patch(url, 4, b"efghij")
    assert api.get(PATH).body == b"abcdefghij"


def test_a_stale_request_is_stopped_by_the_next(api, tus):
    url = tus.url(6)
    uploads, upload_id = api.app.uploads.tus, url.rpartition("/")[2]

    async def stall():
        stale = await uploads.append(upload_id, "", 0, length=None, checksum=None, expected=6)
        await stale.feed(b"abc")
        _, offset = await uploads.look(upload_id, "")
        fresh = await uploads.append(upload_id, "", offset, length=None, checksum=None, expected=6)
        await stale.feed(b"XYZ")
        with pytest.raises(Exception, match="Another request"):
            await stale.close(True)
        await fresh.feed(b"abcdef"[offset:])
        await fresh.close(True)

    api.run(stall())
    assert api.get(PATH).body == b"abcdef"


def test_strangers_are_refused(api):
    reply = api.post(BASE, data=b"", headers={**TUS, "Upload-Length": "5"}, token=False)
    assert reply.status == 403


class TestLimits:
    @pytest.fixture
    def nodeapi_config(self):
        return {"Uploads": {"max_file_bytes": 10}}

    def test_a_file_over_the_limit_is_413(self, api, tus):
        assert api.request("OPTIONS", BASE).headers["Tus-Max-Size"] == "10"
        assert tus.create(11).status == 413
        assert tus.create(10).status == 201
