"""Formats, rates, channels, fades, loudness: each does what it says and none moves the range."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile

from tests.audio.making import RATE, decode

pytestmark = pytest.mark.slow

LOSSY = ("mp3", "m4a", "ogg", "opus")


def read(path):
    return soundfile.read(path, always_2d=True)[0]


@pytest.mark.parametrize("form", LOSSY)
@pytest.mark.parametrize(("first", "frames"), [(0, 1), (75000, 1), (54444, 1000), (13230, 2205)])
def test_short_cuts_have_exactly_their_length(sounds, trimmer, program, form, first, frames):
    """Encoders miss it by themselves; the decoder that counts is FFmpeg 9, or libsndfile."""
    start, end = first / RATE, (first + frames) / RATE
    reply = trimmer(sounds / "sound.wav", start, end, format=form, ffmpeg=program)
    rate = 48000 if form == "opus" else RATE
    wanted = max(1, round(frames * rate / RATE))
    assert reply["exact"]
    assert round(reply["duration"] * reply["sampleRate"]) == wanted
    if form != "m4a":
        assert soundfile.info(trimmer.result(reply)).frames == wanted
    elif "9.0" in program:
        assert len(decode(trimmer.result(reply), program)) == wanted


@pytest.mark.parametrize("form", [*LOSSY, "wav", "flac"])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_rate_is_given_and_the_length_kept(sounds, trimmer, form, rate):
    reply = trimmer(sounds / "sound.mp3", 0.5, 1.5, format=form, sample_rate=rate, channels=1)
    assert reply["sampleRate"] == (48000 if form == "opus" else rate)
    assert (reply["channels"], reply["duration"], reply["exact"], reply["lossless"]) == (1, 1.0, True, False)


def test_fades_begin_and_end_in_silence_and_leave_the_middle(sounds, trimmer):
    reply = trimmer(sounds / "sound.wav", 1.5, 3.5, fade_in=0.5, fade_out=0.25)
    got, plain = read(trimmer.result(reply)), read(sounds / "sound.wav")[66150:154350]
    assert len(got) == len(plain)
    middle = slice(int(0.51 * RATE), int(1.74 * RATE))
    assert np.abs(got[middle] - plain[middle]).max() < 1e-4
    ramp = np.arange(22050) / 22050
    assert np.abs(got[:22050] - plain[:22050] * ramp[:, None]).max() < 1e-3
    down = np.arange(11025)[::-1] / 11025
    assert np.abs(got[-11025:] - plain[-11025:] * down[:, None]).max() < 1e-3
    assert not reply["lossless"]


def test_a_fade_out_of_an_unknown_length_ends_at_the_real_end(sounds, trimmer):
    reply = trimmer(sounds / "sound.webm", 3.0, 60.0, format="wav", fade_out=0.5)
    got = read(trimmer.result(reply))
    assert np.abs(got[-200:]).max() < 0.02
    assert np.abs(got[:20000]).max() > 0.1
    assert reply["clamped"]


@pytest.mark.parametrize("name", ["sound.wav", "sound.mp3"])
def test_peak_lifts_the_highest_sample_to_full_scale(sounds, trimmer, program, name):
    reply = trimmer(sounds / name, 1.2, 2.2, format="wav", normalize="peak", ffmpeg=program)
    assert np.abs(read(trimmer.result(reply))).max() == pytest.approx(1.0, abs=2e-3)


def test_loudness_is_the_asked_one(sounds, trimmer, program):
    reply = trimmer(sounds / "sound.wav", 0.5, 3.5, normalize={"lufs": -30}, ffmpeg=program)
    path = str(trimmer.result(reply))
    said = subprocess.run(
        ["ffmpeg", "-nostdin", "-i", path, "-af", "ebur128=framelog=verbose", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert float(re.findall(r"I:\s+(-?[0-9.]+) LUFS", said)[-1]) == pytest.approx(-30, abs=0.2)


def test_loudness_never_clips(sounds, trimmer):
    reply = trimmer(sounds / "sound.wav", 0.5, 3.5, normalize={"lufs": -1})
    got, plain = read(trimmer.result(reply)), read(sounds / "sound.wav")[22050:154350]
    assert np.abs(got).max() <= 1.0
    gain = np.abs(got).max() / np.abs(plain).max()
    assert np.abs(got - plain * gain).max() < 1e-3


def test_silence_stays_silent(tmp_path, trimmer):
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((RATE, 1)), RATE)
    for normalize in ("peak", {"lufs": -16}):
        assert not read(trimmer.result(trimmer(path, 0.1, 0.9, normalize=normalize))).any()


def test_a_bitrate_is_kept_within_what_the_encoder_takes(sounds, trimmer, program):
    for form in LOSSY:
        sizes = [
            trimmer(sounds / "sound.wav", 0, 4, format=form, bitrate=bitrate, ffmpeg=program)["size"]
            for bitrate in (8_000, 128_000, 1_000_000)
        ]
        assert sizes[0] < sizes[1] < sizes[2]


def test_six_channels_survive_where_the_format_can(tmp_path, trimmer, program):
    path = tmp_path / "six.wav"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.3, 0.3, (RATE, 6)), RATE)
    for form, channels in (("flac", 6), ("m4a", 6), ("ogg", 6), ("opus", 6), ("mp3", 2)):
        reply = trimmer(path, 0.2, 0.8, format=form, mode="reencode", ffmpeg=program)
        assert (reply["channels"], reply["exact"]) == (channels, True), form


def test_tags_are_carried_from_format_to_format(sounds, tmp_path, trimmer, program):
    source = tmp_path / "tagged.mp3"
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            str(sounds / "sound.mp3"),
            "-c",
            "copy",
            "-metadata",
            "title=Blue",
            str(source),
        ],
        check=True,
    )
    path = source
    for form in ("ogg", "m4a", "opus", "flac", "mp3"):
        path = trimmer.result(trimmer(path, 0.0, 1.5, format=form, mode="reencode", ffmpeg=program))
        said = subprocess.run(
            ["ffmpeg", "-nostdin", "-i", str(path)], capture_output=True, text=True, check=False
        ).stderr
        assert re.search(r"title\s+: Blue", said, re.IGNORECASE), form
