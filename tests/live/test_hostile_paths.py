"""Paths that lead out, on every route that takes one: nothing outside is read, written, named or counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from .plain_http import Client, Reply
from .real_server import RealServer
from .refusal import faults_of

pytestmark = pytest.mark.live
SECRET = "the-secret-of-the-house"
Send = Callable[[Client, str], Reply]

IMPOSSIBLE = {
    "parent": "../secret.json",
    "far parent": "a/b/../../../../secret.json",
    "only dots": "..",
    "hidden parent": "a/./../../secret.json",
    "absolute": "/etc/passwd",
    "environment": "/proc/self/environ",
    "Windows drive": "C:\\Windows\\win.ini",
    "Windows drive, relative": "C:secret.json",
    "Windows parent": "..\\secret.json",
    "mixed parents": "a\\..\\..\\secret.json",
    "UNC": "\\\\host\\share\\secret.json",
    "device namespace": "\\\\?\\C:\\secret.json",
    "NUL": "secret.json\x00.txt",
    "newline": "a\nb.json",
    "reserved name": "con.json",
    "reserved folder": "a/nul/b.json",
    "trailing dot": "name.",
    "trailing space": "folder /b.json",
    "overlong name": "n" * 300 + ".json",
    "overlong path": "a/" * 3000 + "b.json",
    "wide overlong name": "\N{GRINNING FACE}" * 100 + ".json",
}


def by_query(path: str, verb: str = "GET", body: bytes | None = None) -> Send:
    return lambda client, name: client.request(verb, f"{path}?path={quote(name, safe='')}", data=body)


ROUTES: dict[str, Send] = {
    "files/save": lambda client, name: client.post("/api/files/save", json={"path": name, "content": 1}),
    "files/read": by_query("/api/files/read"),
    "files/list": by_query("/api/files/list"),
    "files/raw get": by_query("/api/files/raw"),
    "files/raw put": by_query("/api/files/raw", "PUT", b"bytes"),
    "files delete": by_query("/api/files", "DELETE"),
    "files/mkdir": lambda client, name: client.post("/api/files/mkdir", json={"path": name}),
    "files/move from": lambda client, name: client.post("/api/files/move", json={"from": name, "to": "ok"}),
    "files/move to": lambda client, name: client.post(
        "/api/files/move", json={"from": "kept.json", "to": name}
    ),
    "files/copy from": lambda client, name: client.post("/api/files/copy", json={"from": name, "to": "ok"}),
    "files/copy to": lambda client, name: client.post(
        "/api/files/copy", json={"from": "kept.json", "to": name}
    ),
    "audio/trim": lambda client, name: trim(client, name),  # noqa: PLW0108 - defined below
    "audio/trim in temp": lambda client, name: trim(client, f"/temp/{name}"),
    "temp": lambda client, name: client.get(f"/temp/{quote(name, safe='/')}"),
    "temp encoded": lambda client, name: client.get(f"/temp/{quote(name, safe='').replace('.', '%2e')}"),
    "temp twice encoded": lambda client, name: client.get(f"/temp/{quote(quote(name, safe=''), safe='')}"),
    "job": lambda client, name: client.get(f"/api/downloads/status/{quote(name, safe='')}"),
    "job cancel": lambda client, name: client.post(f"/api/downloads/{quote(name, safe='')}/cancel"),
    "model": lambda client, name: client.post(f"/api/models/download/{quote(name, safe='')}"),
    "model raw": lambda client, name: client.post(f"/api/models/download/{quote(name, safe='/')}"),
}


def trim(client: Client, path: str) -> Reply:
    body = {"filePath": path, "start": 0, "end": 1, "sessionId": "hostile"}
    return client.post("/api/audio/trim", json=body)


@pytest.fixture(scope="module")
def house(server: RealServer, client: Client) -> Iterator[RealServer]:
    """A server with a secret beside its roots; whatever a test did, nothing new may lie outside the roots."""
    for folder in (server.home, server.data_dir):
        (folder / "secret.json").write_text(json.dumps(SECRET))
    assert client.post("/api/files/save", json={"path": "kept.json", "content": "kept"}).status == 200
    before = outside(server)
    yield server
    assert outside(server) == before


def outside(server: RealServer) -> set[str]:
    """Return every file of the home that is not in a folder of the extension, of Jupyter or of Python."""
    roots = [server.data_dir / name for name in ("libs", "temp", "models", "jobs")]
    return {
        str(path)
        for path in server.home.rglob("*")
        if not any(path.is_relative_to(root) for root in roots)
        and server.home / "runtime" not in path.parents
    }


def leaks(reply: Reply) -> list[str]:
    text = reply.body.decode(errors="replace")
    return [word for word in (SECRET, "root:x:0", "JUPYTER_TOKEN") if word in text]


@pytest.mark.parametrize("route", ROUTES)
def test_a_path_that_can_never_be_is_refused(house: RealServer, client: Client, route: str) -> None:
    faults = {}
    for case, name in IMPOSSIBLE.items():
        reply = ROUTES[route](client, name)
        expected = {400, 404} if reply.status != 414 else {414}
        found = faults_of(reply, expected, house) + leaks(reply)
        if found:
            faults[case] = (found, reply.body[:160])
    assert faults == {}


def test_a_lone_surrogate_in_a_json_path_is_refused(house: RealServer, client: Client) -> None:
    reply = client.post("/api/files/save", data=b'{"path": "\\udcff.json", "content": 1}')
    assert faults_of(reply, {400}, house) == []


@pytest.mark.parametrize("path", ["%ff%fe", "%ed%b3%bf.json", "a%00b", "%", "%zz"])
def test_a_query_that_is_not_utf8_is_refused_or_harmless(
    house: RealServer, client: Client, path: str
) -> None:
    for route in ("/api/files/read", "/api/files/list", "/api/files/raw"):
        assert faults_of(client.get(f"{route}?path={path}"), {400, 404}, house) == []


@pytest.mark.parametrize("category", [*IMPOSSIBLE, "made up"])
def test_a_category_that_leads_out_lists_nothing(house: RealServer, client: Client, category: str) -> None:
    name = quote(IMPOSSIBLE.get(category, "Made Up"), safe="")
    reply = client.get(f"/api/models/{name}")
    assert reply.status in {200, 400, 404}, reply
    if reply.status == 200:
        assert reply.json == []
    assert leaks(reply) == []


@pytest.mark.parametrize("field", ["filename", "sessionId", "nodeId", "nodeName"])
@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_an_upload_stays_under_its_folder_whatever_its_fields_say(
    house: RealServer, client: Client, field: str, case: str
) -> None:
    fields = {
        "filename": "f.bin",
        "sessionId": "hostile",
        "nodeId": "1",
        "nodeName": "N",
        field: IMPOSSIBLE[case],
    }
    reply = client.chunk(0, 1, b"payload", **fields)
    if reply.status != 200:
        assert faults_of(reply, {400}, house) == []
        return
    path = reply.json["filePath"]
    parts = path.split("/")
    assert parts[:3] == ["", "temp", "uploads"]
    assert len(parts) == 6, "one folder a session, one a node, one file"
    assert not {"", ".", ".."} & set(parts[3:])
    assert "\\" not in path
    assert client.get(quote(path)).body == b"payload"


def test_two_hostile_sessions_never_share_a_folder(house: RealServer, client: Client) -> None:
    names = ["a/b", "a_b", "a\\b", "a:b", "a b", "A_B", "a.b."]
    paths = [client.chunk(0, 1, b"x", sessionId=name, filename="same.bin").json["filePath"] for name in names]
    assert len(set(paths)) == len(names)


@pytest.fixture
def links(house: RealServer) -> Path:
    """Links that lead out of each root, as a careless unpacker or a kernel would make them."""
    targets = {"way-out": house.home, "alias.json": house.home / "secret.json", "loop": "loop"}
    for name in ("libs", "temp", "models"):
        root = house.data_dir / name
        root.mkdir(parents=True, exist_ok=True)
        for link, target in targets.items():
            (root / link).unlink(missing_ok=True)  # an earlier save may have put a file there
            (root / link).symlink_to(target)
    return house.data_dir


REPLACES = {"files/save", "files/raw put", "files/copy to", "files/move to", "files/move from"}
"""Routes that may put a file in a link's place, or move the link itself."""
THROUGH = ["way-out/secret.json", "alias.json", "loop", "loop/x", "way-out/new.json"]
FILE_ROUTES = [name for name in ROUTES if not name.startswith(("job", "model", "audio/trim in", "temp "))]


@pytest.mark.parametrize("route", FILE_ROUTES)
def test_a_link_that_leads_out_is_not_followed(
    links: Path, house: RealServer, client: Client, route: str
) -> None:
    for name in THROUGH:
        if route == "files delete" and "/" not in name:
            continue  # a link may be removed; what it points to may not, see below
        reply = ROUTES[route](client, f"/temp/{name}" if route == "audio/trim" else name)
        if reply.status == 200:
            assert route in REPLACES, (route, name)
            assert not (links / "libs" / name).is_symlink(), "the link was written through"
            assert leaks(client.get("/api/files/raw?path=ok")) == [], "the moved link is followed"
        else:
            assert faults_of(reply, {400, 404, 409}, house) == [], (name, reply)
        assert leaks(reply) == []
        assert json.loads((house.home / "secret.json").read_text()) == SECRET


def test_a_category_that_is_a_link_out_lists_nothing(links: Path, client: Client) -> None:
    assert client.get("/api/models/way-out").json == []


def test_a_listing_never_shows_what_lies_behind_a_link_out(links: Path, client: Client) -> None:
    listed = client.get("/api/files/list?recursive=true")
    assert listed.status == 200
    assert not [
        entry for entry in listed.json if "secret" in entry["path"] or entry["path"].startswith("way-out/")
    ]


def test_deleting_a_link_never_deletes_what_it_points_to(
    links: Path, house: RealServer, client: Client
) -> None:
    (links / "libs" / "doomed").symlink_to(house.home / "secret.json")
    reply = client.delete("/api/files?path=doomed")
    assert reply.status < 500
    assert (house.home / "secret.json").exists()
