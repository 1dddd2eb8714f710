"""A kernel finds its own server, and never shows the key."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from jupyter_nodeapi_widgets import NodeApi, NoServer
from jupyter_nodeapi_widgets._server import find
from jupyter_nodeapi_widgets.client.address import Secret, parse

KEY = "s3cret-key"
OWN: dict[str, Any] = {
    "url": "http://localhost:8889/user/ann/",
    "base_url": "/user/ann/",
    "token": KEY,
    "hostname": "localhost",
}


def recorded(folder: Path, **changes: Any) -> dict[str, str]:
    (folder / "jpserver-77.json").write_text(json.dumps({**OWN, **changes}))
    return {"JPY_PARENT_PID": "77"}


def test_the_server_that_started_the_kernel_is_found(tmp_path: Path) -> None:
    found = find(recorded(tmp_path), tmp_path)
    assert (found.place, found.token.reveal(), found.source) == (OWN["url"], KEY, "parent")


def test_the_environment_goes_first(tmp_path: Path) -> None:
    said = {"JUPYTER_NODEAPI_URL": "https://example.org/x", "JUPYTER_NODEAPI_TOKEN": "other"}
    found = find(recorded(tmp_path) | said, tmp_path)
    assert (found.place, found.token.reveal()) == ("https://example.org:443/x/", "other")


def test_a_token_in_the_address_counts_and_is_not_shown() -> None:
    found = find({"JUPYTER_NODEAPI_URL": f"http://h:1/lab?token={KEY}"})
    assert found.token.reveal() == KEY
    assert KEY not in found.place + repr(found)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_a_server_that_listens_everywhere_is_reached_on_this_machine(tmp_path: Path, host: str) -> None:
    found = find(recorded(tmp_path, url="http://a-box:8889/b/", hostname=host), tmp_path)
    assert found.place == "http://127.0.0.1:8889/b/"


def test_a_unix_socket_is_used_when_the_server_has_one(tmp_path: Path) -> None:
    found = find(
        recorded(tmp_path, sock="/run/j.sock", url="http+unix://%2Frun%2Fj.sock/", base_url="/b/"), tmp_path
    )
    assert (found.sock, found.base) == ("/run/j.sock", "/b/")
    assert parse("http+unix://%2Frun%2Fj.sock/b/").sock == "/run/j.sock"


def test_under_a_hub_its_token_opens_the_own_server(tmp_path: Path) -> None:
    hub = {"JUPYTERHUB_API_TOKEN": "hub-key", "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:9/user/ann/"}
    assert find(recorded(tmp_path, token="") | hub, tmp_path).token.reveal() == "hub-key"
    found = find(hub, tmp_path)
    assert (found.place, found.token.reveal(), found.source) == (
        "http://127.0.0.1:9/user/ann/",
        "hub-key",
        "hub",
    )


def test_the_hubs_token_goes_to_the_hubs_own_host_only() -> None:
    hub = {"JUPYTERHUB_API_TOKEN": "hub-key", "JUPYTERHUB_API_URL": "https://hub.example.org/hub/api"}
    service = {"JUPYTER_NODEAPI_URL": "https://hub.example.org/services/models/"}
    assert find(hub | service).token.reveal() == "hub-key"
    assert not find(hub | {"JUPYTER_NODEAPI_URL": "https://else.example.org/services/models/"}).token
    path = {"JUPYTER_NODEAPI_URL": "/services/models/", "JUPYTERHUB_HOST": "https://hub.example.org"}
    assert find(hub | path).place == "https://hub.example.org:443/services/models/"
    with pytest.raises(NoServer, match="public_url"):
        find({**hub, "JUPYTER_NODEAPI_URL": "/services/models/"})


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "no_server"),
        ({"JPY_PARENT_PID": "5"}, "remote_kernel"),
        ({"JPY_PARENT_PID": "../x"}, "remote_kernel"),
    ],
)
def test_without_a_server_a_sentence_says_what_to_do(
    tmp_path: Path, environ: dict[str, str], code: str
) -> None:
    with pytest.raises(NoServer) as raised:
        find(environ, tmp_path)
    assert raised.value.code == code
    assert "JUPYTER_NODEAPI_URL" in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "ftp://h/",
        "http://",
        f"http://h:port/?token={KEY}",
        f"http://[x/?token={KEY}",
        "http://h/a b",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(NoServer) as raised:
        NodeApi(text)
    assert raised.value.code == "bad_address"
    assert KEY not in str(raised.value)


def test_the_key_shows_itself_nowhere() -> None:
    api = NodeApi("http://127.0.0.1:9/", KEY)
    shown = [
        repr(api),
        str(api),
        repr(api._http.address),
        repr(vars(api._http.address.token) if hasattr(api._http.address.token, "__dict__") else ""),
    ]
    assert not any(KEY in text for text in shown)
    assert KEY.encode() not in pickle.dumps(Secret(KEY))
    assert copy.deepcopy(Secret(KEY)).reveal() == ""
