"""No bytes in a head make it anything but a sound, a refusal in words, or FFmpeg's business."""

from __future__ import annotations

import math
import struct
import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.headers import whole_rate
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.errors import NodeApiError

pytestmark = pytest.mark.slow

NAMES = [
    *("sound.wav", "rf64.wav", "sound.w64", "sound.aiff", "sound.au", "sound.caf", "sound.flac"),
    *("sound.mp3", "vbr.mp3", "bare.mp3", "sound.aac", "sound.m4a", "alac.m4a"),
    *("sound.ogg", "sound.opus", "sound.webm", "sound.mka"),
]
ODD = [
    *(struct.pack(">d", odd) for odd in (math.inf, -math.inf, math.nan, 1e300, -1.0, 5e-324)),
    *(struct.pack(layout, odd) for layout in (">I", "<I") for odd in (0, 1, 2**31, 2**32 - 1)),
    *(struct.pack(layout, odd) for layout in (">Q", "<Q") for odd in (0, 2**63, 2**64 - 1)),
]


def described(data: bytes) -> Source | None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            return describe(file.fileno(), sniff(file.fileno()), "/no/ffmpeg", lambda: False)
        except NodeApiError:
            return None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.one_of(st.integers(0, 400), st.integers(0, 6000)),
    odd=st.one_of(st.sampled_from(ODD), st.binary(min_size=1, max_size=8)),
    end=st.one_of(st.none(), st.integers(0, 9000)),
)
@pytest.mark.parametrize("name", NAMES)
def test_a_head_with_odd_bytes_is_described_or_refused(sounds, name, place, odd, end):
    data = (sounds / name).read_bytes()
    data = data[:place] + odd + data[place + len(odd) :]
    found = described(data[:end])
    if found is not None:
        assert found.rate > 0
        assert found.channels > 0
        assert found.frames is None or 0 <= found.frames < 2**63
        assert found.told_seconds is None or 0 <= found.told_seconds < 1e9


@pytest.mark.parametrize("duration", [math.inf, math.nan, 1e300, -1.0])
@pytest.mark.parametrize("rate", [math.inf, math.nan, 1e300, -1.0, 44100.0])
def test_numbers_of_a_matroska_head_may_be_any(sounds, rate, duration):
    data = (sounds / "sound.mka").read_bytes()
    for head, value in ((b"\xb5\x88", rate), (b"\x44\x89\x88", duration)):
        at = data.index(head) + len(head)
        data = data[:at] + struct.pack(">d", value) + data[at + 8 :]
    found = described(data)
    assert (found is None) == (rate != 44100)
    assert found is None or found.told_seconds is None


@pytest.mark.parametrize(
    ("told", "rate"), [(44100.0, 44100), (0, 0), (-5, 0), (math.inf, 0), (math.nan, 0), (1e12, 0)]
)
def test_a_rate_is_a_whole_number_that_can_be_one(told, rate):
    assert whole_rate(told) == rate
