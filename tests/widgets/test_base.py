"""What every widget promises: which server, why not, and never the key."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jupyter_nodeapi_widgets
import pytest
from jupyter_nodeapi_widgets import ApiError, NodeApi, _base


class Plain(_base.ApiWidget):
    _esm = "export default { render() {} }"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without a server."""
    for name in ("JUPYTER_NODEAPI_URL", "JPY_PARENT_PID", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    _base.own_server.cache_clear()


def test_without_a_server_the_widget_is_there_and_says_so(away: None) -> None:
    widget = Plain()
    assert widget._server["problem"] == "no_server"
    assert widget._server["message"]
    assert widget._server["hint"]


def test_a_second_look_that_finds_the_same_is_told_all_the_same(away: None) -> None:
    """A page that asked waits for the trait to change, and would wait for eight seconds otherwise."""
    widget = Plain()
    told: list[Any] = []
    widget.observe(lambda change: told.append(change["new"]["problem"]), "_server")
    widget._look_again()
    widget._look_again()
    assert told == ["no_server", "no_server"]


def test_the_key_is_in_no_trait() -> None:
    widget = Plain(api=NodeApi("http://127.0.0.1:9/user/x/?token=s3cret", timeout=1))
    assert widget._server["problem"] == "unreachable"
    assert widget._server["baseUrl"] == "/user/x/"
    assert "s3cret" not in json.dumps({name: repr(value) for name, value in widget.get_state().items()})


def test_a_pages_message_is_answered_through_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Plain(api=NodeApi("http://127.0.0.1:9/", timeout=1))
    sent: list[Any] = []
    monkeypatch.setattr(widget, "_to_page", lambda message, buffers: sent.append(message))
    widget._relay._send = widget._to_page
    widget._handle_custom_msg({"nodeapi": "request", "id": 4, "method": "GET", "path": "/api/kernels"}, [])
    widget._handle_custom_msg("something else", [])
    assert sent[0]["code"] == "not_allowed"


@pytest.mark.parametrize(
    ("replies", "problem"),
    [
        ([{"serverId": "s"}, {"version": "0.1.9"}], ""),
        ([{"serverId": "s"}, {"version": "9.0.0"}], "version"),
        ([{}], "version"),
        ([ApiError("", code="forbidden", status=403)], "token"),
        ([ApiError("", code="x", status=404)], "x"),
    ],
)
def test_what_is_wrong_with_a_server_has_a_name(
    replies: list[Any], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Told:
        base_url = "/"

        def request(self, *_: Any, **__: Any) -> Any:
            found = replies.pop(0)
            if isinstance(found, Exception):
                raise found
            return type("Reply", (), {"json": lambda _: found})()

    assert _base.describe(Told())["problem"] == problem  # type: ignore[arg-type]


async def _later(widget: Any, answers: list[Any]) -> Any:
    def ask() -> Any:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return await widget.until(ask, every=0.001, timeout=5)


def test_waiting_outlasts_what_may_pass_and_not_what_may_not(away: None) -> None:
    import asyncio

    widget = Plain()
    gone = ApiError("", code="unreachable")
    assert asyncio.run(_later(widget, [None, gone, "done"])) == "done"
    with pytest.raises(ApiError):
        asyncio.run(_later(widget, [ApiError("", code="gone", status=410)]))
    with pytest.raises(TimeoutError):
        asyncio.run(widget.until(lambda: None, every=0.001, timeout=0.01))


def test_a_script_that_was_not_built_says_how() -> None:
    with pytest.raises(RuntimeError, match="make widgets"):
        _base.static("no_such_widget")


def test_the_client_loads_nothing_but_the_standard_library() -> None:
    program = "import sys, jupyter_nodeapi_widgets as j; j.NodeApi('http://h/'); print(*sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert not {"anywidget", "ipywidgets", "traitlets", "tornado", "numpy", "tqdm", "requests"} & set(
        loaded.stdout.split()
    )


def test_every_promised_name_loads_on_first_use() -> None:
    assert all(
        getattr(jupyter_nodeapi_widgets, name).__name__ == name for name in jupyter_nodeapi_widgets.__all__
    )
