"""JSON as RFC 8259 has it, and nothing beside it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import InvalidJSON
from jupyter_nodeapi.web import strict_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_every_json_value_is_read_back(value):
    assert strict_json.loads(json.dumps(value).encode()) == value
    assert strict_json.loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(data):
    try:
        strict_json.loads(data)
    except InvalidJSON as error:
        assert error.message.endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}x",
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e999",
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 1}}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'"\xff"',
        b'"\\ud800"',
        b'{"\\uDFFF": 1}',
        b"'a'",
        b"[1,]",
        b"01",
        b'"\x01"',
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" * 200_000,
        b"1" * 5_000,
    ],
    ids=lambda body: repr(body[:12]) + str(len(body)),
)
def test_what_is_not_json_is_refused(body):
    with pytest.raises(InvalidJSON):
        strict_json.loads(body)


def test_a_whole_surrogate_pair_is_a_character():
    assert strict_json.loads(b'"\\ud83d\\ude00"') == "😀"


def test_a_hundred_levels_are_read():
    assert strict_json.loads(b"[" * 100 + b"]" * 100)
