"""What is stored for a value, and what a read gives back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import Unprocessable, UnsupportedMedia
from jupyter_nodeapi.files import content

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def read(data, *, is_json, must_be_json=False):
    return json.loads(bytes(content.decode(data, is_json=is_json, must_be_json=must_be_json)))


@given(JSON)
def test_json_comes_back_as_it_went(value):
    assert read(content.encode("a.json", value), is_json=True, must_be_json=True) == value


@given(st.text())
def test_text_is_stored_as_it_is_and_comes_back(text):
    data = content.encode("a.txt", text)
    assert data == text.encode()
    assert read(data, is_json=False) == text


@given(st.text())
def test_a_string_to_a_json_path_is_json(text):
    assert json.loads(content.encode("a.JSON", text)) == text


def test_json_is_readable_by_people():
    assert content.encode("a.json", {"k": [1]}) == b'{\n  "k": [\n    1\n  ]\n}\n'


def test_numbers_keep_every_digit():
    value = read(content.encode("a.json", 10**30), is_json=True)
    assert value == 10**30
    assert bytes(content.decode(b"1.500", is_json=True, must_be_json=True)) == b"1.500"


@pytest.mark.parametrize(
    "data", [b"{", b"", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"1 2"], ids=lambda d: d[:8]
)
def test_a_json_file_that_is_none_says_so(data):
    with pytest.raises(Unprocessable) as caught:
        content.decode(data, is_json=True, must_be_json=True)
    assert caught.value.code == "not_json"
    assert "raw" in caught.value.hint


def test_marked_text_that_is_no_json_any_longer_is_text():
    assert read(b"edited by hand", is_json=True) == "edited by hand"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"RIFF\xa4\x00", b"\xed\xa0\x80", b"caf\xe9"])
@pytest.mark.parametrize("is_json", [True, False])
def test_bytes_that_are_no_text_point_to_the_raw_route(data, is_json):
    with pytest.raises(UnsupportedMedia) as caught:
        content.decode(data, is_json=is_json, must_be_json=is_json)
    assert "/api/files/raw" in caught.value.hint


def test_a_byte_order_mark_before_json_is_forgiven():
    assert read(b'\xef\xbb\xbf{"a": 1}', is_json=True, must_be_json=True) == {"a": 1}
