"""Byte ranges by RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.errors import RangeNotSatisfiable
from jupyter_nodeapi.web.media import Range, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", Range(0, 10)),
        ("bytes=0-0", Range(0, 1)),
        ("bytes=3-5", Range(3, 6)),
        ("bytes=3-99", Range(3, 10)),
        ("bytes=-4", Range(6, 10)),
        ("bytes=-99", Range(0, 10)),
        ("bytes=9-9", Range(9, 10)),
        ("bytes=5-3", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_one_range_is_honoured_and_anything_else_ignored(header, expected):
    assert parse_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_behind_the_end_is_told_so(header):
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 10)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_a_range_lies_within_the_file(first, last, size):
    try:
        part = parse_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    assert part is None or 0 <= part.start < part.stop <= size
