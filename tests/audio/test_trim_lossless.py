"""The wav family and flac: the samples that were asked for, every bit of them."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.slow

RATE = 44100
TOTAL = 4 * RATE
RANGES = {
    "whole": (0.0, None, 0, TOTAL),
    "start": (0.0, 0.5, 0, 22050),
    "unaligned middle": (1.23456, 2.34567, 54444, 103444),
    "last 10 ms": (3.99, 4.0, 175959, TOTAL),
    "one sample": (2.0, 2.0 + 1 / RATE, 88200, 88201),
    "past the end": (3.5, 9.0, 154350, TOTAL),
}
WAVS = ("sound.wav", "s24.wav", "s32.wav", "float.wav", "double.wav", "u8.wav", "ulaw.wav", "rf64.wav")
OTHERS = ("sound.w64", "sound.aiff", "sound.au", "sound.caf", "sound.flac", "s24.flac")


def samples(path, dtype="float64"):
    return soundfile.read(path, dtype=dtype, always_2d=True)[0]


@pytest.mark.parametrize("span", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("name", WAVS + OTHERS)
def test_the_result_is_the_asked_samples_bit_for_bit(sounds, trimmer, name, span):
    start, end, first, last = span
    reply = trimmer(sounds / name, start, end)
    result = trimmer.result(reply)
    assert np.array_equal(samples(result), samples(sounds / name)[first:last])
    assert (reply["exact"], reply["lossless"]) == (True, True)
    assert reply["clamped"] is (end == 9.0)
    assert reply["end"] == pytest.approx(last / RATE, abs=1e-6)
    assert reply["sourceDuration"] == 4.0
    assert reply["size"] == result.stat().st_size
    assert not trimmer.leftovers()


@pytest.mark.parametrize("name", WAVS)
def test_a_wav_is_sliced_and_keeps_its_sample_format(sounds, trimmer, name):
    reply = trimmer(sounds / name, 1.0, 2.0)
    assert reply["method"] == "slice"
    assert reply["filePath"].endswith(".wav")
    before, after = soundfile.info(sounds / name), soundfile.info(trimmer.result(reply))
    assert (after.subtype, after.samplerate, after.channels) == (before.subtype, RATE, 2)


@pytest.mark.parametrize("name", ["sound.flac", "s24.flac"])
def test_a_flac_says_its_own_length_and_keeps_its_depth(sounds, trimmer, name):
    result = trimmer.result(trimmer(sounds / name, 1.0, 2.5))
    facts = soundfile.info(result)
    assert (facts.frames, facts.subtype) == (round(1.5 * RATE), soundfile.info(sounds / name).subtype)


def test_block_coded_wav_is_decoded_exactly(sounds, trimmer):
    reply = trimmer(sounds / "adpcm.wav", 1.1, 2.2)
    expected = samples(sounds / "adpcm.wav", "int16")[48510:97020]
    assert np.array_equal(samples(trimmer.result(reply), "int16"), expected)
    assert reply["exact"]


def test_wav_becomes_flac_without_loss(sounds, trimmer):
    reply = trimmer(sounds / "s24.wav", 0.5, 1.5, format="flac")
    assert reply["filePath"].endswith(".flac")
    assert reply["lossless"]
    assert np.array_equal(samples(trimmer.result(reply)), samples(sounds / "s24.wav")[22050:66150])


def test_float_does_not_pretend_to_be_lossless_as_flac(sounds, trimmer):
    assert not trimmer(sounds / "float.wav", 0.5, 1.5, format="flac")["lossless"]


def test_text_tags_are_carried_over(tmp_path, trimmer):
    for extension in ("wav", "flac"):
        path = tmp_path / f"tagged.{extension}"
        with soundfile.SoundFile(path, "w", RATE, 1) as file:
            file.title = "Blue"
            file.artist = "Nobody"
            file.write(np.zeros(RATE))
        with soundfile.SoundFile(trimmer.result(trimmer(path, 0.2, 0.4))) as file:
            assert (file.title, file.artist) == ("Blue", "Nobody")


def test_a_wav_cut_short_is_clamped_to_what_is_there(sounds, tmp_path, trimmer):
    path = tmp_path / "short.wav"
    path.write_bytes((sounds / "sound.wav").read_bytes()[: 44 + 4 * RATE * 2 + 3])
    reply = trimmer(path, 1.0, 3.5)
    assert (reply["clamped"], reply["duration"]) == (True, 1.0)


def test_names_of_one_millisecond_never_collide(sounds, trimmer, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 1_712_345_000_000)
    names = [trimmer(sounds / "sound.wav", 0.0, 0.1)["filePath"] for _ in range(3)]
    assert names == [f"/temp/AudioTrim/sound_trimmed_{n}.wav" for n in (1712345, 1712346, 1712347)]
