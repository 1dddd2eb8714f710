"""Times as people and programs write them, and the samples that they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.audio.times import seconds_of, span_of
from jupyter_nodeapi.errors import InvalidParameter, InvalidRange, Unprocessable


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90.5", 90.5), ("1:30", 90), ("01:02:03.250", 3723.25), ("1:00:00", 3600), ("00:00.5", 0.5)],
)
def test_a_clock_string_is_seconds(text, seconds):
    assert seconds_of(text, "start") == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 1",
        "1_000",
        "1e3",
        "nan",
        "inf",
        "-1",
        "+1",
        "1:60",
        "1:2:3:4",
        "1:60:00",
        "٣",
        "1,5",
        ".5",
        "5.",
    ],
)
def test_a_string_that_is_no_time_is_a_wrong_parameter(value):
    with pytest.raises(InvalidParameter):
        seconds_of(value, "start")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), True, 10**400])
def test_what_is_no_number_is_a_wrong_parameter(value):
    with pytest.raises(InvalidParameter) as caught:
        seconds_of(value, "start")
    assert caught.value.details == {"field": "start"}


@pytest.mark.parametrize("value", [-1, -1e-9, 1e12, 1e300])
def test_a_negative_or_endless_time_is_a_wrong_range(value):
    with pytest.raises(InvalidRange):
        seconds_of(value, "end")


def test_minus_zero_is_zero():
    assert span_of(seconds_of(-0.0, "start"), 1.0, 10, 100).first == 0


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(8000, 192000), st.integers(1, 10**9))
def test_a_span_lies_in_the_file_and_has_a_sample(start, end, rate, total):
    try:
        span = span_of(start, end, rate, total)
    except (InvalidRange, Unprocessable):
        return
    assert 0 <= span.first < span.last <= total
    assert span.clamped == (round(end * rate) > total)
    assert span.first == round(start * rate)


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (1.0, 1.0 + 1e-7)])
def test_an_empty_range_is_refused(start, end):
    with pytest.raises(InvalidRange):
        span_of(start, end, 44100, 10**6)


@pytest.mark.parametrize("start", [2.0, 2.5])
def test_a_start_at_or_past_the_end_tells_the_duration(start):
    with pytest.raises(Unprocessable) as caught:
        span_of(start, 9.0, 100, 200)
    assert (caught.value.code, caught.value.details) == ("out_of_range", {"duration": 2.0})


def test_an_end_of_null_is_the_end_and_clamps_nothing():
    span = span_of(0.5, None, 100, 200)
    assert (span.first, span.last, span.clamped) == (50, 200, False)


@given(st.integers(0, 200 * 192_000), st.sampled_from([8000, 44_100, 48_000, 192_000]))
def test_the_time_of_a_sample_can_be_written_with_all_its_digits(sample, rate):
    written = f"{sample / rate:.20f}"
    assert round(seconds_of(written, "start") * rate) == sample
