"""Every route is guarded, owned by a room, written down, and refuses other verbs as JSON."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from jupyter_nodeapi.routes import ROUTES
from jupyter_nodeapi.web import Handler, Route

VERBS = ("get", "head", "post", "put", "patch", "delete")
ROOMS = {"nodeapi", "nodeapi_models", "nodeapi_files", "nodeapi_uploads", "nodeapi_audio"}
PAGES = {"/nodeapi"}  # sends visitors to the login instead

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
OPERATIONS = [(route, verb) for route in ROUTES for verb in route.operations]
every_operation = pytest.mark.parametrize(("route", "verb"), OPERATIONS, ids=lambda v: getattr(v, "path", v))


def sample(route: Route) -> str:
    return re.sub(r"\{\w+\}", "sample", route.template)


@every_route
def test_a_route_belongs_to_one_room(route: Route) -> None:
    assert route.handler.room in ROOMS
    assert inspect.getattr_static(route.handler, "auth_resource") is Handler.auth_resource


@every_operation
def test_a_verb_is_a_leaf_that_is_authenticated_and_authorized(route: Route, verb: str) -> None:
    method = vars(route.handler).get(verb)
    assert method is not None, "a verb must not be inherited: @authorized remembers the first resource it saw"
    assert inspect.getdoc(method)
    lines = inspect.getsource(method).split("def ", 1)[0].split()
    assert lines[:2] == ["@web.authenticated", "@authorized"]


@every_operation
def test_a_verb_is_written_down(route: Route, verb: str) -> None:
    operation = route.operations[verb]
    assert operation.summary
    assert len(operation.summary.splitlines()) == 1
    assert 200 <= operation.status < 300


@every_route
def test_a_handler_has_no_verb_that_is_not_written_down(route: Route) -> None:
    own = {verb for verb in VERBS if verb in vars(route.handler)}
    assert own == set(route.operations)


def test_without_a_token_nothing_is_answered(api: Any) -> None:
    wrong = {}
    for route, verb in OPERATIONS:
        body = None if verb in {"get", "head", "delete"} else b"{}"
        reply = api.request(verb.upper(), sample(route), data=body, token=False)
        told = reply.status == 403 and (
            verb == "head" or (reply.json["code"] == "forbidden" and reply.json["hint"])
        )
        to_login = route.path in PAGES and reply.status == 302
        if not (told or to_login):
            wrong[f"{verb} {route.path}"] = reply.status
    assert wrong == {}


def test_other_verbs_are_refused_as_json(api: Any) -> None:
    wrong = {}
    for route in ROUTES:
        verbs = {
            verb
            for other in ROUTES
            if re.fullmatch(other.pattern, sample(route))
            for verb in other.operations
        }
        for verb in set(VERBS) - verbs - {"head"}:
            body = None if verb in {"get", "delete"} else b"{}"
            reply = api.request(verb.upper(), sample(route), data=body, headers={"Tus-Resumable": "1.0.0"})
            if reply.status != 405 or reply.json["code"] != "method_not_allowed":
                wrong[f"{verb} {route.path}"] = reply.status
    assert wrong == {}


def test_no_route_hides_another() -> None:
    hidden = []
    for number, route in enumerate(ROUTES):
        earlier = [other.path for other in ROUTES[:number] if re.fullmatch(other.pattern, sample(route))]
        hidden += [
            f"{route.path} behind {path}" for path in earlier if "{" not in route.path or "{" not in path
        ]
        assert route.path not in {other.path for other in ROUTES[:number]}
    assert hidden == []
