"""Everything that FFmpeg cuts: compared with a full decode of the source, on both versions."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.making import decode

pytestmark = pytest.mark.slow

DATA = Path(__file__).parent / "data"
RATE = 44100
RANGES = {
    "whole": (0.0, None),
    "start": (0.0, 0.5),
    "first second": (0.25, 1.0),
    "unaligned middle": (1.23456, 2.34567),
    "across": (0.5, 3.1),
    "to the end": (3.0, None),
    "last 10 ms": (3.99, 4.0),
    "one sample": (2.0, 2.0 + 1 / RATE),
    "past the end": (3.5, 9.0),
}
#: source -> samples a second of what its decoder gives
SOURCES = {
    "sound.mp3": RATE,
    "vbr.mp3": RATE,
    "bare.mp3": RATE,
    "sound.m4a": RATE,
    "alac.m4a": RATE,
    "sound.aac": RATE,
    "sound.ogg": RATE,
    "sound.opus": 48000,
    "sound.webm": 48000,
    "sound.mka": RATE,
    "sound.wma": RATE,
    "sound.ac3": RATE,
}


decoded_once = functools.cache(decode)


def expected(path, program, start, end, rate):
    whole = decoded_once(path, program)
    if path.name == "sound.m4a":
        whole = whole[: 4 * rate]  # where its edit list ends; FFmpeg 5.1 decodes the padding behind it too
    return whole[round(start * rate) : None if end is None else round(end * rate)]


@pytest.mark.parametrize("span", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("name", SOURCES)
def test_a_cut_to_wav_is_the_full_decode_cut(sounds, trimmer, program, name, span):
    """Bit by bit within the rounding of one 16-bit step, and neither a sample early nor late."""
    start, end = span
    reply = trimmer(sounds / name, start, end, format="wav", ffmpeg=program)
    wanted = expected(sounds / name, program, start, end, SOURCES[name])
    got = soundfile.read(trimmer.result(reply), dtype="int16", always_2d=True)[0].astype(np.int32)
    assert reply["exact"]
    assert reply["method"] == "reencode"
    assert len(got) == len(wanted)
    assert np.abs(got - wanted).max() <= 2


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("sound.mp3", "mp3"),
        ("bare.mp3", "mp3"),
        ("sound.m4a", "m4a"),
        ("alac.m4a", "m4a"),
        ("sound.aac", "m4a"),
        ("sound.ogg", "ogg"),
        ("sound.opus", "opus"),
        ("sound.webm", "opus"),
        ("sound.mka", "flac"),
        ("sound.wma", "m4a"),
    ],
)
def test_a_source_stays_in_its_family(sounds, trimmer, program, name, extension):
    reply = trimmer(sounds / name, 1.5, 2.75, ffmpeg=program)
    result = trimmer.result(reply)
    assert (reply["format"], result.suffix) == (extension, f".{extension}")
    wanted = expected(sounds / name, program, 1.5, 2.75, SOURCES[name]).mean(axis=1)
    got = decode(result, program).mean(axis=1)
    both = min(len(got), len(wanted))
    lag = np.argmax(np.correlate(got[2000:12000], wanted[2500:11500], mode="valid")) - 500
    assert lag == 0
    assert abs(reply["duration"] - 1.25) < 0.001
    assert both >= len(wanted) - 1024
    assert reply["lossless"] is (name in {"alac.m4a", "sound.mka"})


def test_an_alac_cut_is_lossless(sounds, trimmer, program):
    reply = trimmer(sounds / "alac.m4a", 1.5, 2.0, ffmpeg=program)
    assert np.array_equal(decode(trimmer.result(reply)), decode(sounds / "alac.m4a")[66150:88200])


def test_reencode_always_goes_through_ffmpeg(sounds, trimmer):
    reply = trimmer(sounds / "sound.wav", 1.0, 2.0, mode="reencode")
    assert (reply["method"], reply["exact"], reply["lossless"]) == ("reencode", True, True)
    assert np.array_equal(decode(trimmer.result(reply)), decode(sounds / "sound.wav")[RATE : 2 * RATE])


def test_a_sound_of_a_film_is_cut_out(film, trimmer, program):
    reply = trimmer(film / "both.mp4", 0.5, 1.5, ffmpeg=program)
    assert (reply["format"], reply["duration"]) == ("m4a", 1.0)


def test_a_late_cut_that_cannot_be_sought_exactly_says_so(sounds, trimmer):
    reply = trimmer(sounds / "sound.webm", 2.0, 3.0, exact_decode_seconds=1.5)
    assert not reply["exact"]


@pytest.mark.parametrize("name", ["he_aac_v1.m4a", "he_aac_v2.m4a"])
def test_aac_with_doubled_rate_is_exact_from_the_start_and_at_most_half_a_millisecond_off_else(
    trimmer, program, name
):
    """SBR doubles the rate that the file tells; both files are ours, made with an encoder FFmpeg lacks."""
    path = DATA / name
    wanted = decode(path, program)[round(1.23456 * RATE) :]
    for seconds, exact in ((600.0, True), (0.0, False)):
        reply = trimmer(path, 1.23456, 99, format="wav", ffmpeg=program, exact_decode_seconds=seconds)
        got = decode(trimmer.result(reply))
        assert (reply["exact"], reply["clamped"], reply["sampleRate"]) == (exact, True, RATE)
        assert abs(len(got) - len(wanted)) <= (0 if exact else RATE // 2000)
        if exact:
            assert np.abs(got - wanted).max() <= 2
        middle = got[4000:14000].mean(axis=1)
        lag = np.argmax(np.correlate(wanted[3500:14500].mean(axis=1), middle, mode="valid")) - 500
        assert abs(lag) <= RATE // 2000


def test_progress_is_reported(sounds, trimmer):
    trimmer(sounds / "sound.mp3", 0.5, 3.5)
    assert trimmer.reports
