"""Paths of the route table as Tornado and OpenAPI see them."""

import re

import pytest

from jupyter_nodeapi.web import Handler, Route


@pytest.mark.parametrize(
    ("path", "url", "found"),
    [
        ("/api/a/{id}", "/api/a/x", {"id": "x"}),
        ("/api/a/{id}", "/api/a/x%2Fy", {"id": "x%2Fy"}),
        ("/api/a/{id}", "/api/a/x/y", None),
        ("/api/a/{id:path}", "/api/a/x/y", {"id": "x/y"}),
        ("/api/a/{id}/b", "/api/a/x/b", {"id": "x"}),
        ("/a.json", "/axjson", None),
    ],
)
def test_a_path_matches_what_it_says(path, url, found):
    match = re.fullmatch(Route(path, Handler).pattern, url)
    assert (match.groupdict() if match else None) == found


def test_openapi_sees_plain_variables():
    route = Route("/temp/{path:path}", Handler)
    assert route.template == "/temp/{path}"
    assert route.variables == ("path",)
