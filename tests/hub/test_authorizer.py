"""The team authorizer's whole table, without a Hub."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jupyter_server.auth.identity import User

from jupyter_nodeapi.jupyterhub import TeamAuthorizer

SCOPE = "custom:nodeapi:write"
ROOMS = ["nodeapi", "nodeapi_audio", "nodeapi_files", "nodeapi_uploads", "nodeapi_models"]
JUPYTERS_OWN = [
    "kernels",
    "contents",
    "terminals",
    "sessions",
    "server",
    "config",
    "nbconvert",
    "kernelspecs",
]


def member(*scopes: str) -> User:
    """Return a user as jupyterhub-singleuser makes one."""
    user = User("ann")
    user.hub_user = {"name": "ann", "scopes": ["access:services!service=models", *scopes]}
    return user


def allowed(user: User, action: str, resource: str, **settings: object) -> bool:
    return TeamAuthorizer(**settings).is_authorized(None, user, action, resource)


@pytest.mark.parametrize("room", ROOMS)
def test_every_member_reads_every_room(room: str) -> None:
    assert allowed(member(), "read", room)


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "nodeapi_models"])
def test_every_member_uploads_trims_and_saves(room: str) -> None:
    assert allowed(member(), "write", room)


def test_only_a_curator_installs_models() -> None:
    assert not allowed(member(), "write", "nodeapi_models")
    assert allowed(member(SCOPE), "write", "nodeapi_models")


@pytest.mark.parametrize(
    "scope", ["custom:nodeapi", "custom:nodeapi:writer", "custom:nodeapi:write!user=ann", ""]
)
def test_a_similar_scope_makes_no_curator(scope: str) -> None:
    assert not allowed(member(scope), "write", "nodeapi_models")


@pytest.mark.parametrize("hub_user", [None, {}, {"scopes": []}])
def test_whom_no_hub_vouches_for_is_no_curator(hub_user: dict[str, object] | None) -> None:
    user = User("root")
    user.hub_user = hub_user
    assert not allowed(user, "write", "nodeapi_models")
    assert not allowed(User("root"), "write", "nodeapi_models")


@pytest.mark.parametrize("resource", JUPYTERS_OWN)
@pytest.mark.parametrize("action", ["read", "write", "execute"])
def test_nobody_gets_the_service_accounts_kernels_or_files(resource: str, action: str) -> None:
    assert not allowed(member(SCOPE), action, resource)


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_here_is_executed(room: str) -> None:
    assert not allowed(member(SCOPE), "execute", room)


def test_a_member_subscribes_to_events_and_emits_none() -> None:
    assert allowed(member(), "execute", "events")
    assert not allowed(member(SCOPE), "write", "events")


def test_a_member_decides_about_what_is_their_own() -> None:
    own, common = SimpleNamespace(own=True), SimpleNamespace(own=False)
    for handler, allowed in ((own, True), (common, False)):
        assert TeamAuthorizer().is_authorized(handler, member(), "write", "nodeapi_models") is allowed
    assert not TeamAuthorizer().is_authorized(own, member(), "execute", "nodeapi_models")
    assert not TeamAuthorizer().is_authorized(own, member(), "write", "contents")


def test_the_scope_and_what_it_guards_are_settings() -> None:
    settings = {"curator_scope": "custom:team:curate", "curated": {"nodeapi_models", "nodeapi_files"}}
    assert not allowed(member(SCOPE), "write", "nodeapi_files", **settings)
    assert allowed(member("custom:team:curate"), "write", "nodeapi_files", **settings)
    assert allowed(member(), "read", "nodeapi_files", **settings)
