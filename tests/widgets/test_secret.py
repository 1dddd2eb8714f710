"""Whatever breaks off a call, no traceback holds the key: not its text, and not the variables of its frames.

A verbose traceback prints those: pytest does, and IPython when asked.
"""

from __future__ import annotations

import http.client
import io
import socket
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_nodeapi_widgets import NodeApi, NoServer
from jupyter_nodeapi_widgets._server import find

from tests.widgets.conftest import KEY

CALLS: dict[str, Callable[[NodeApi], Any]] = {
    "request": lambda api: api.request("POST", "/api/x", json={"a": 1}),
    "stream": lambda api: api.stream("PUT", "/api/x", data=b"12"),
    "download": lambda api: api.files.download("/temp/x.bin", tempfile.mkdtemp(), progress=False),
    "events": lambda api: next(api.jobs.events()),
    "write": lambda api: api.files.write_bytes("x.bin", io.BytesIO(b"12")),
}
MOMENTS = [
    (socket, "create_connection"),
    (http.client.HTTPConnection, "putrequest"),
    (http.client.HTTPConnection, "endheaders"),
    (http.client.HTTPConnection, "send"),
    (http.client.HTTPConnection, "getresponse"),
    (http.client.HTTPResponse, "read"),
    (http.client.HTTPResponse, "readline"),
]


def printed(error: BaseException) -> str:
    """Give a traceback as verbose as it gets; the frames of this file know the key and are left out."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    part: traceback.TracebackException | None = told
    while part is not None:
        part.stack[:] = [frame for frame in part.stack if Path(frame.filename).name != Path(__file__).name]
        part = part.__cause__ or part.__context__
    return "".join(told.format())


def interrupted(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("where", "moment"), MOMENTS, ids=[moment for _, moment in MOMENTS])
def test_ctrl_c_shows_no_key(faulty: Any, where: Any, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api, handler = faulty
    shown = []
    monkeypatch.setattr(where, moment, interrupted)
    for call in CALLS.values():
        handler.lined_up = [(200, {}, b"some bytes")]
        try:
            call(api)
        except KeyboardInterrupt as error:
            shown.append(printed(error))
        except (NoServer, StopIteration):
            pass  # this call has no such moment
    assert shown
    assert [text for text in shown if KEY in text] == []


def test_a_key_in_a_frame_would_be_seen() -> None:
    def careless(key: str) -> None:
        raise KeyError

    with pytest.raises(KeyError) as raised:
        careless(KEY)
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert KEY in "".join(told.format())


UNUSABLE = {
    "closed": lambda: NodeApi("http://127.0.0.1:9/", KEY, timeout=2).config(),
    "no address": lambda: NodeApi("nonsense", KEY),
    "a letter too many": lambda: NodeApi("http://127.0.0.1:9/", f"{KEY}\r\nX: y"),
    "not of this alphabet": lambda: NodeApi("http://127.0.0.1:9/", f"{KEY}ü"),
    "no server": lambda: find({"JUPYTERHUB_API_TOKEN": KEY}),
    "elsewhere": lambda: find({"JUPYTERHUB_API_TOKEN": KEY, "JPY_PARENT_PID": "0"}, Path("/nowhere")),
    "named wrongly": lambda: find({"JUPYTER_NODEAPI_URL": "nonsense", "JUPYTER_NODEAPI_TOKEN": KEY}),
    "in the address": lambda: find({"JUPYTER_NODEAPI_URL": f"http://h:port/?token={KEY}"}),
}


@pytest.mark.parametrize("trouble", UNUSABLE)
def test_an_error_shows_no_key(trouble: str) -> None:
    with pytest.raises(NoServer) as raised:
        UNUSABLE[trouble]()
    assert KEY not in printed(raised.value)


def test_what_was_copied_with_the_key_is_not_part_of_it() -> None:
    assert NodeApi("http://127.0.0.1:9/", f" {KEY}\n")._http.address.token.reveal() == KEY
