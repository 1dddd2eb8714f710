"""What is said about the whole."""

import json
from urllib.parse import urlsplit

import pytest

from jupyter_nodeapi import __version__
from jupyter_nodeapi.site.metrics import Metrics


def test_the_server_says_what_it_is_and_can_do(api):
    about = api.get("api/nodeapi").json
    assert about["version"] == __version__
    assert {"models", "downloads", "files", "uploads", "audio"} <= set(about["capabilities"])
    assert about["disk"]["free"] > about["disk"]["reserve"] > 0
    assert about["limits"]["upload_chunk_bytes"] == 64 * 2**20
    assert about["registry"]["models"] > 0
    assert about["registry"]["diagnostics"] == []


def test_no_path_of_the_server_is_in_it(api, tmp_path):
    assert str(tmp_path) not in json.dumps(api.get("api/nodeapi").json)


def test_the_openapi_document_lies_under_the_base_url(api):
    document = api.get("api/nodeapi/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": urlsplit(api.base).path.rstrip("/")}]
    assert "/api/models/{category}" in document["paths"]


def test_every_reference_in_the_openapi_document_leads_somewhere(api):
    text = api.get("api/nodeapi/openapi.json").body.decode()
    schemas = json.loads(text)["components"]["schemas"]
    wanted = {piece.split('"')[0] for piece in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(schemas)


def test_the_page_shows_itself_and_runs_only_its_own_script(api):
    reply = api.get("nodeapi")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    nonce = reply.headers["Content-Security-Policy"].split("script-src 'nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}">'.encode() in reply.body
    assert b"{nonce}" not in reply.body


def test_a_visitor_without_a_login_is_sent_to_it(api):
    reply = api.get("nodeapi", token=False)
    assert reply.status == 302
    assert "/login?next=" in reply.headers["Location"]


@pytest.mark.parametrize("name", ["jupyter_nodeapi_jobs", "jupyter_nodeapi_disk_free_bytes"])
def test_prometheus_finds_our_numbers(api, name):
    assert f"# HELP {name}".encode() in api.get("metrics").body


def test_a_server_that_is_stopped_before_it_has_started_has_no_numbers_to_take_back():
    Metrics(list, lambda: 0).stop()


class TestWithAPrefix:
    """Servers on which ``/api/...`` is taken move the whole API."""

    @pytest.fixture
    def nodeapi_config(self):
        return {"NodeApiApp": {"url_prefix": "/node"}}

    def test_the_api_moves(self, api):
        assert api.get("node/api/nodeapi").status == 200
        assert api.get("api/nodeapi").status == 404
        assert api.get("node/api/nodeapi/openapi.json").json["servers"][0]["url"].endswith("/node")
