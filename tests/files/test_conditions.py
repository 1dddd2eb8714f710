"""If-Match, If-None-Match and overwrite."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import Conflict, InvalidParameter, PreconditionFailed
from jupyter_nodeapi.files.conditions import Conditions, etag_of, parse_etags


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    return path


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"a"', {'"a"'}),
        (' "a" , W/"b",""', {'"a"', 'W/"b"', '""'}),
        ("*", {"*"}),
        ('"a,b"', {'"a,b"'}),
        ("", set()),
    ],
)
def test_entity_tags_are_read(header, tags):
    assert parse_etags(header, "If-Match") == tags


@pytest.mark.parametrize("header", ["a", '"a', '"a" "b"', "W/*", "*,", 'w/"a"', '"a"x'])
def test_a_malformed_header_is_told(header):
    with pytest.raises(InvalidParameter) as caught:
        parse_etags(header, "If-Match")
    assert caught.value.details == {"field": "If-Match"}


@given(st.text())
def test_no_header_breaks_the_parser(header):
    with contextlib.suppress(InvalidParameter):
        parse_etags(header, "If-Match")


@pytest.mark.parametrize(
    ("exists", "arguments", "error"),
    [
        (False, {}, None),
        (True, {}, None),
        (False, {"overwrite": False}, None),
        (True, {"overwrite": False}, Conflict),
        (False, {"if_none_match": "*"}, None),
        (True, {"if_none_match": "*"}, PreconditionFailed),
        (True, {"if_none_match": '"other"'}, None),
        (True, {"if_none_match": "{etag}"}, PreconditionFailed),
        (True, {"if_none_match": "W/{etag}"}, PreconditionFailed),
        (True, {"if_match": "*"}, None),
        (False, {"if_match": "*"}, PreconditionFailed),
        (True, {"if_match": "{etag}"}, None),
        (True, {"if_match": '"x", {etag}'}, None),
        (True, {"if_match": "W/{etag}"}, PreconditionFailed),
        (True, {"if_match": '"other"'}, PreconditionFailed),
        (False, {"if_match": '"other"'}, PreconditionFailed),
        (True, {"if_match": ""}, PreconditionFailed),
    ],
)
def test_conditions_are_compared_with_what_is_there(file, exists, arguments, error):
    etag = etag_of(file.lstat())
    texts = {
        name: value.replace("{etag}", etag) if isinstance(value, str) else value
        for name, value in arguments.items()
    }
    if not exists:
        file.unlink()
    conditions = Conditions.read(
        texts.get("if_match"), texts.get("if_none_match"), overwrite=texts.get("overwrite", True)
    )
    if error is None:
        conditions.check(file)
    else:
        with pytest.raises(error):
            conditions.check(file)
