"""The routes of the node files on a real server."""

import asyncio
import json
import re

import pytest


@pytest.fixture
def nodeapi_config():
    return {"Library": {"max_file_bytes": 100_000}}


class Queries:
    """The client, with queries written as a part of the path."""

    def __init__(self, api):
        self._api = api

    def __getattr__(self, name):
        return getattr(self._api, name)

    def request(self, method, path, **options):
        return self._api.request(method, path.lstrip("/"), raw=True, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def put(self, path, **options):
        return self.request("PUT", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)


@pytest.fixture
def api(api):
    return Queries(api)


@pytest.fixture
def save(api):
    def save(path, content, **more):
        headers = more.pop("headers", {})
        return api.post("/api/files/save", json={"path": path, "content": content, **more}, headers=headers)

    return save


def read(api, path, **more):
    return api.get("/api/files/read", params={"path": path, **more})


def test_the_documents_examples(api, save):
    saved = save("my_node/config.json", {"key": "value"})
    assert saved.status == 200
    assert {**saved.json, "etag": 0, "size": 0} == {
        "success": True,
        "path": "my_node/config.json",
        "size": 0,
        "etag": 0,
    }
    assert saved.headers["Etag"] == saved.json["etag"]
    found = read(api, "my_node/config.json")
    assert found.json["content"] == {"key": "value"}
    assert set(found.json) == {"success", "path", "content", "size", "modified", "etag"}
    listed = api.get("/api/files/list?path=my_node")
    assert [(item["name"], item["path"], item["type"]) for item in listed.json] == [
        ("config.json", "my_node/config.json", "file")
    ]
    assert set(listed.json[0]) == {"name", "path", "type", "size", "modified"}


def test_a_read_that_is_up_to_date_is_304(api, save):
    etag = save("a.json", 1).json["etag"]
    reply = api.get("/api/files/read?path=a.json", headers={"If-None-Match": etag})
    assert (reply.status, reply.body) == (304, b"")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"overwrite": False}, 409, "exists"),
        ({"headers": {"If-None-Match": "*"}}, 412, "precondition_failed"),
        ({"headers": {"If-Match": '"other"'}}, 412, "precondition_failed"),
        ({"headers": {"If-Match": "other"}}, 400, "invalid_parameter"),
    ],
)
def test_conditions_are_answered_with_their_status(api, save, more, status, code):
    save("a.json", "old")
    reply = save("a.json", "new", **more)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert {"message", "hint", "retryable", "requestId"} <= set(reply.json)
    assert read(api, "a.json").json["content"] == "old"


def test_if_match_lets_the_right_one_through(api, save):
    etag = save("a.json", "old").json["etag"]
    assert save("a.json", "new", headers={"If-Match": etag}).status == 200
    assert save("a.json", "newer", headers={"If-Match": etag}).status == 412


def test_of_twenty_parallel_saves_one_wins(api):
    replies = api.gather(
        api.fetch("POST", "/api/files/save", json={"path": "a.json", "content": n, "overwrite": False})
        for n in range(20)
    )
    assert sorted(reply.status for reply in replies) == [200] + [409] * 19


BAD_BODIES = [
    {"content": 1},
    {"path": "a"},
    {"path": 1, "content": 1},
    {"path": "a", "content": 1, "overwrite": "no"},
    [],
    "text",
    None,
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=repr)
def test_a_bad_body_is_400(api, body):
    reply = api.post("/api/files/save", data=json.dumps(body).encode())
    assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"path": "a", "content": NaN}', b'{"path":"a","path":"b","content":1}']
)
def test_a_body_that_is_no_json_is_400(api, body):
    reply = api.post("/api/files/save", data=body)
    assert (reply.status, reply.json["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a%2f..%2f..%2fx", "a%00", "a%5Cb", "C:%2Fx", "NUL", "x."]
)
@pytest.mark.parametrize("route", ["read", "raw", "versions"])
def test_a_bad_path_is_400_everywhere(api, route, path):
    reply = api.get(f"/api/files/{route}?path={path}")
    assert (reply.status, reply.json["code"]) == (400, "invalid_path")


def test_a_missing_file_is_404_and_a_missing_argument_400(api):
    for route in ("read", "raw", "versions"):
        assert api.get(f"/api/files/{route}?path=missing").json["code"] == "not_found"
        reply = api.get(f"/api/files/{route}")
        assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")
        assert "path" in reply.json["message"]
    assert api.get("/api/files/list?path=missing").status == 404
    assert api.get("/api/files/list").json == []


def test_too_large_is_413_on_every_way(api, save, app):
    assert save("a.txt", "x" * 100_000).status == 200
    for reply in (
        save("a.txt", "x" * 100_001),
        save("a.txt", "x" * 2_000_000),
        api.put("/api/files/raw?path=a.txt", data=b"x" * 100_001),
    ):
        assert (reply.status, reply.json["code"]) == (413, "too_large")
    app.library.max_file_bytes = 10
    reply = read(api, "a.txt")
    assert reply.status == 413
    assert "raw" in reply.json["hint"]


def test_bytes_go_in_and_out_as_they_are(api):
    data = bytes(range(256)) * 300
    put = api.put("/api/files/raw?path=deep/a.bin", data=data)
    assert (put.status, put.json["path"], put.json["size"]) == (200, "deep/a.bin", len(data))
    whole = api.get("/api/files/raw?path=deep/a.bin")
    assert whole.body == data
    assert whole.headers["Etag"] == put.json["etag"] == put.headers["Etag"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = api.get("/api/files/raw?path=deep/a.bin", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, data[10:20])
    head = api.request("HEAD", "/api/files/raw?path=deep/a.bin")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, str(len(data)), b"")
    assert read(api, "deep/a.bin").status == 415


def test_an_empty_file_can_be_put(api):
    assert api.put("/api/files/raw?path=empty", data=b"").json["size"] == 0
    assert api.get("/api/files/raw?path=empty").body == b""
    assert read(api, "empty").json["content"] == ""


def test_a_put_obeys_conditions(api):
    first = api.put("/api/files/raw?path=a", data=b"one")
    assert api.put("/api/files/raw?path=a&overwrite=false", data=b"two").status == 409
    assert api.put("/api/files/raw?path=a", data=b"two", headers={"If-None-Match": "*"}).status == 412
    assert api.put("/api/files/raw?path=a", data=b"two", headers={"If-Match": '"x"'}).status == 412
    assert api.get("/api/files/raw?path=a").body == b"one"
    assert (
        api.put("/api/files/raw?path=a", data=b"two", headers={"If-Match": first.json["etag"]}).status == 200
    )


def test_raw_knows_only_its_verbs(api):
    for method in ("POST", "DELETE"):
        reply = api.request(method, "/api/files/raw?path=a", data=b"x" if method == "POST" else None)
        assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")


def test_a_refused_put_leaves_nothing(api, app):
    api.put("/api/files/raw?path=../x", data=b"x" * 50_000)
    api.put("/api/files/raw?path=big", data=b"x" * 200_000)
    left = [path for path in app.library.root.path.rglob("*") if path.is_file()]
    assert [path for path in left if ".nodeapi-locks" not in str(path)] == []


def test_a_listing_is_paged_by_links(api, save):
    for number in range(7):
        save(f"a/{number}.json", number)
    seen = []
    url = "/api/files/list?path=a&limit=3&glob=*.json"
    while url:
        reply = api.get(url)
        assert reply.headers["X-Total-Count"] == "7"
        seen += [item["name"] for item in reply.json]
        link = re.fullmatch(r'<(.+)>; rel="next"', reply.headers.get("Link", ""))
        url = link[1].removeprefix(api.base[api.base.index("/", 8) :]) if link else None
    assert seen == [f"{number}.json" for number in range(7)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=10001", "cursor=!", "recursive=perhaps", "path=a&path=b"]
)
def test_a_bad_argument_is_400(api, query):
    reply = api.get(f"/api/files/list?{query}")
    assert (reply.status, reply.json["code"]) == (400, "invalid_parameter")


def test_a_file_lives_moves_dies_and_comes_back(api, save):
    save("a.txt", "one")
    save("a.txt", "two")
    assert api.post("/api/files/mkdir", json={"path": "kept"}).json == {"success": True, "path": "kept"}
    moved = api.post("/api/files/move", json={"from": "a.txt", "to": "kept/b.txt"})
    assert moved.json == {"success": True, "path": "kept/b.txt"}
    assert api.post("/api/files/copy", json={"from": "kept/b.txt", "to": "c.txt"}).status == 200
    assert api.post("/api/files/copy", json={"from": "kept/b.txt", "to": "c.txt"}).status == 409
    assert api.delete("/api/files?path=kept").json["code"] == "not_empty"
    assert api.delete("/api/files?path=kept&recursive=true").status == 200
    versions = api.get("/api/files/versions?path=kept/b.txt").json
    assert set(versions[0]) == {"version", "size", "modified", "replaced", "etag"}
    earlier = [read(api, "kept/b.txt", version=item["version"]).json["content"] for item in versions]
    assert earlier == ["two", "one"]
    raw = api.get("/api/files/raw", params={"path": "kept/b.txt", "version": versions[1]["version"]})
    assert raw.body == b"one"
    asked = {"path": "kept/b.txt", "version": versions[1]["version"]}
    assert api.post("/api/files/restore", json=asked).json["size"] == 3
    assert read(api, "kept/b.txt").json["content"] == "one"
    asked["version"] = "0" * 20
    assert api.post("/api/files/restore", json=asked).json["code"] == "version_not_found"


def test_no_reply_names_a_path_of_the_server(api, save, tmp_path):
    save("a.txt", "x")
    replies = [
        save("a.txt/b", "x"),
        api.put("/api/files/raw?path=a.txt/b", data=b"x"),
        api.post("/api/files/mkdir", json={"path": "a.txt/b"}),
        api.post("/api/files/mkdir", json={"path": "a.txt"}),
        api.post("/api/files/move", json={"from": "a.txt", "to": "a.txt/b"}),
        api.get("/api/files/list?path=a.txt"),
        api.delete("/api/files?path=missing"),
        save("/".join(["x" * 254] * 16), "x"),
    ]
    for reply in replies:
        assert 400 <= reply.status < 500
        assert str(tmp_path).encode() not in reply.body


def test_a_put_that_breaks_off_leaves_nothing(api, app):
    head = (
        f"PUT {api.base[api.base.index('/', 8) :]}api/files/raw?path=a HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: token {api.token}\r\nContent-Length: 90000\r\n\r\n"
    )

    def drafts():
        return list(app.library.root.path.glob(".nodeapi-" + "[0-9a-f]" * 24))

    async def until(reached):
        while not reached():
            await asyncio.sleep(0.005)

    async def main():
        _, writer = await asyncio.open_connection("127.0.0.1", int(api.base.split(":")[2].split("/")[0]))
        writer.write(head.encode() + b"x" * 40_000)
        await asyncio.wait_for(until(drafts), 10)
        writer.close()
        await asyncio.wait_for(until(lambda: not drafts()), 10)
        await writer.wait_closed()

    api.run(main())
    assert api.get("/api/files/raw?path=a").status == 404
