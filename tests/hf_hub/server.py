"""A Hub and its CDN on two ports of this machine, speaking to the real huggingface_hub client."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.hf_hub.body import hang_up, serve
from tests.hf_hub.faults import Faults
from tests.hf_hub.repository import Repository, git_blob, sha256

ERRORS = {
    "RepoNotFound": "Repository not found",
    "RevisionNotFound": "Invalid rev id",
    "EntryNotFound": "Entry not found",
    "GatedRepo": "Access to model is restricted. Ask for access on its page.",
}


@dataclass(frozen=True)
class Request:
    """One request that came."""

    origin: str
    method: str
    path: str
    headers: dict[str, str]


class Hub:
    """Two threaded servers; ``with Hub() as hub`` runs them."""

    def __init__(self, cdn_tls: ssl.SSLContext | None = None) -> None:
        self.repositories: dict[str, Repository] = {}
        self.plain: dict[str, bytes] = {}  # further files of the CDN, at /plain/<name>
        self.redirects: dict[str, str] = {}  # of the CDN, by path
        self.faults = Faults()
        self.tokens: set[str] = set()
        self.requests: list[Request] = []
        self.handshakes = 0
        self.stop = threading.Event()
        self._servers = [_Server(self, _HubHandler), _Server(self, _CdnHandler)]
        self.hub_url, self.cdn_url = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)
        self._servers[1].tls = cdn_tls
        if cdn_tls is not None:
            self.cdn_url = self.cdn_url.replace("http:", "https:")

    def __enter__(self):
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def add(self, name: str, files: dict[str, bytes], **options: Any) -> Repository:
        repository = self.repositories[name] = Repository(name, files, **options)
        return repository

    def seen(self, origin: str, method: str = "GET") -> list[Request]:
        """Give the requests of an origin (hub, api or cdn) so far."""
        return [request for request in self.requests if (request.origin, request.method) == (origin, method)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    tls: ssl.SSLContext | None = None

    def __init__(self, hub: Hub, handler: type[_Handler]) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the request's own thread."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as secure:
            self.hub.handshakes += 1
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up in these tests; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer in two pieces waits for an acknowledgement
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def note(self, origin: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.hub.requests.append(Request(origin, self.command, self.path, headers))

    def json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.answer(status, {"Content-Type": "application/json", **(headers or {})}, data)

    def answer(self, status: int, headers: dict[str, str], data: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def refuse(self, status: int, code: str, message: str = "") -> None:
        text = message or ERRORS.get(code, code)
        headers = {"X-Error-Message": text, **({"X-Error-Code": code} if code else {})}
        self.json({"error": text}, status, headers)

    def failed(self, fault: Any) -> bool:
        """Act out a fault that replaces the whole answer."""
        if fault is None or fault.kind not in {"close", "status", "html", "expired", "hang"}:
            return False
        if fault.kind == "close":
            hang_up(self)
        elif fault.kind == "hang":
            self.server.hub.stop.wait()
        elif fault.kind == "html":
            self.answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Please log in</html>")
        elif fault.kind == "expired":
            self.answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
        else:
            self.answer(fault.value, {"Content-Type": "text/plain", **(fault.headers or {})}, b"no")
        return True


class _CdnHandler(_Handler):
    def do_GET(self) -> None:
        hub = self.server.hub
        self.note("cdn")
        parts = urlsplit(self.path)
        fault = hub.faults.take("cdn")
        if self.failed(fault):
            return
        if target := hub.redirects.get(parts.path):
            self.answer(302, {"Location": target})
            return
        data = self._data(parts.path)
        if data is None:
            self.answer(404, {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            serve(self, data, {"ETag": f'"cdn-{git_blob(data)}"'}, fault, hub.stop)

    do_HEAD = do_GET  # noqa: N815 - the base class's name

    def _data(self, path: str) -> bytes | None:
        hub = self.server.hub
        if path.startswith("/plain/"):
            return hub.plain.get(unquote(path.removeprefix("/plain/")))
        digest = path.rpartition("/")[2]
        found = (data for repo in hub.repositories.values() for data in repo.files.values())
        return next((data for data in found if sha256(data) == digest), None)


class _HubHandler(_Handler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        path = unquote(path)
        api = path.startswith("/api/")
        self.note("api" if api else "hub")
        fault = self.server.hub.faults.take("api" if api else "hub")
        if self.failed(fault):
            return
        for pattern, method in self._routes():
            if match := re.fullmatch(pattern, path):
                method(query=parse_qs(query), fault=fault, **match.groupdict())
                return
        self.refuse(404, "", "Sorry, we can't find the page you are looking for.")

    do_HEAD = do_POST = do_GET  # noqa: N815 - the base class's names

    def _routes(self) -> list[tuple[str, Callable[..., None]]]:
        api = r"/api/(?P<kind>models|datasets|spaces)/(?P<name>[^/]+/[^/]+)"
        return [
            (r"/api/agent-harnesses", lambda **_: self.json([])),
            (r"/api/whoami-v2", self._whoami),
            (rf"{api}/refs", self._refs),
            (rf"{api}/tree/(?P<revision>[^/]+)(/(?P<folder>.+))?", self._tree),
            (rf"{api}/paths-info/(?P<revision>[^/]+)", self._paths_info),
            (rf"{api}(/revision/(?P<revision>.+))?", self._info),
            (r"/api/(?P<kind>models|datasets|spaces)", self._list),
            (r"/api/resolve-cache/(?P<name>[^/]+/[^/]+)/(?P<revision>[^/]+)/(?P<file>.+)", self._cached),
            (r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", self._resolve),
        ]

    def _token(self) -> str | None:
        return self.headers.get("Authorization", "").removeprefix("Bearer ") or None

    def _open(self, name: str, revision: str | None) -> Repository | None:
        """Give a repository that the caller may read, or answer why not."""
        hub, token = self.server.hub, self._token()
        repository = hub.repositories.get(name)
        if token is not None and token not in hub.tokens:
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif repository is None or (repository.private and token not in repository.readers):
            self.refuse(401 if token is None else 404, "RepoNotFound")
        elif repository.gated and token not in repository.readers:
            self.refuse(401 if token is None else 403, "GatedRepo", repository.refusal)
        elif revision is not None and not repository.knows(revision):
            self.refuse(404, "RevisionNotFound")
        else:
            return repository
        return None

    def _whoami(self, **_: Any) -> None:
        if self._token() in self.server.hub.tokens:
            self.json({"type": "user", "name": "ann", "orgs": []})
        else:
            self.refuse(401, "", "Invalid username or password.")

    def _info(self, name: str, revision: str | None, query: dict[str, list[str]], **_: Any) -> None:
        if repository := self._open(name, revision):
            self.json(repository.info(blobs=query.get("blobs", [""])[0].lower() == "true"))

    def _list(self, kind: str, **_: Any) -> None:
        self.json(
            [repo.info(blobs=False) for repo in self.server.hub.repositories.values() if repo.kind == kind]
        )

    def _refs(self, name: str, **_: Any) -> None:
        if repository := self._open(name, None):
            rows = [
                {"name": branch, "ref": f"refs/heads/{branch}", "targetCommit": repository.commit}
                for branch in repository.branches
            ]
            self.json({"branches": rows, "tags": [], "converts": []})

    def _tree(
        self, name: str, revision: str, folder: str | None, query: dict[str, list[str]], **_: Any
    ) -> None:
        if repository := self._open(name, revision):
            rows = repository.tree(folder or "")
            start, limit = int(query.get("cursor", ["0"])[0]), int(query.get("limit", ["1000"])[0])
            headers = {}
            if start + limit < len(rows):
                url = f"{self.server.hub.hub_url}{self.path.partition('?')[0]}?limit={limit}&cursor={start + limit}"
                headers["Link"] = f'<{url}>; rel="next"'
            self.json(rows[start : start + limit], headers=headers)

    def _paths_info(self, name: str, revision: str, **_: Any) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if repository := self._open(name, revision):
            form = "urlencoded" in self.headers.get("Content-Type", "")
            wanted = parse_qs(body.decode())["paths"] if form else json.loads(body)["paths"]
            self.json([row for row in repository.tree() if row["path"] in wanted])

    def _resolve(self, name: str, revision: str, file: str, fault: Any, **_: Any) -> None:
        repository = self._open(name, revision)
        if repository is None:
            return
        data = repository.files.get(file)
        if data is None:
            self.refuse(404, "EntryNotFound")
            return
        headers = {"X-Repo-Commit": repository.commit}
        if repository.is_lfs(file):
            linked = {"X-Linked-Etag": f'"{sha256(data)}"', "X-Linked-Size": str(len(data))}
            number = len(self.server.hub.requests)
            url = f"{self.server.hub.cdn_url}/repos/1/{sha256(data)}?Expires=1&Signature=s{number}&Key-Pair-Id=K"
            self.answer(302, {**headers, **linked, "Location": url, "ETag": f'"{sha256(data)}"'})
        else:
            target = f"/api/resolve-cache/{name}/{repository.commit}/{quote(file)}"
            self.answer(307, {**headers, "Location": target, "ETag": f'"{git_blob(data)}"'})

    def _cached(self, name: str, revision: str, file: str, fault: Any, **_: Any) -> None:
        if repository := self._open(name, revision):
            data = repository.files[file]
            headers = {"X-Repo-Commit": repository.commit, "ETag": f'"{git_blob(data)}"'}
            serve(self, data, headers, fault, self.server.hub.stop)
