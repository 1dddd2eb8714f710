"""The picture of a sound: every column holds the extremes of its samples, over all channels."""

from __future__ import annotations

import os
import struct
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_nodeapi.audio import peaks, pyramid, waveform
from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.glance import glance
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.errors import Unprocessable
from jupyter_nodeapi.jobs.engines import Stopped
from tests.audio.making import RATE, decode, ffmpeg, signal

pytestmark = pytest.mark.slow


def spec_of(path, cache, **more):
    return waveform.PeaksSpec(path=str(path), cache=str(cache), **more)


def make(path, cache, stopped=lambda: False):
    spec = {"path": str(path), "cache": str(cache)}
    return waveform.work(spec, lambda *_, **__: None, stopped)


def columns_of(samples, first, last, bins):
    """The extremes as they are defined, column by column."""
    edges = np.linspace(first, last, bins + 1).astype(int)
    return [(samples[a : max(b, a + 1)].min(), samples[a : max(b, a + 1)].max()) for a, b in pairwise(edges)]


def shorts(path):
    data, _ = soundfile.read(path, dtype="int16", always_2d=True)
    return data


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "s24.wav", "sound.aiff"])
def test_a_kept_picture_never_misses_a_peak(sounds, tmp_path, name):
    make(sounds / name, tmp_path)
    drawn = waveform.draw(spec_of(sounds / name, tmp_path, bins=100), kept_only=True).columns
    assert drawn.exact
    for index, (low, high) in enumerate(columns_of(shorts(sounds / name), 0, 4 * RATE, 100)):
        assert drawn.lows[index] <= low
        assert drawn.highs[index] >= high
    assert (drawn.lows.min(), drawn.highs.max()) == (shorts(sounds / name).min(), shorts(sounds / name).max())


@pytest.mark.parametrize("name", ["sound.wav", "float.wav", "sound.flac"])
def test_close_up_the_columns_are_the_samples(sounds, tmp_path, name):
    drawn = waveform.draw(
        spec_of(sounds / name, tmp_path, start=1.0, end=1.01, bins=441), kept_only=False
    ).columns
    expected = np.array(columns_of(shorts(sounds / "sound.wav"), RATE, RATE + 441, 441))
    assert np.abs(drawn.lows - expected[:, 0]).max() <= 1
    assert np.abs(drawn.highs - expected[:, 1]).max() <= 1


def test_close_up_a_kept_wav_is_drawn_from_its_samples_too(sounds, tmp_path):
    make(sounds / "sound.wav", tmp_path)
    drawn = waveform.draw(
        spec_of(sounds / "sound.wav", tmp_path, start=1.0, end=1.5, bins=500), kept_only=False
    ).columns
    expected = np.array(columns_of(shorts(sounds / "sound.wav"), RATE, RATE + 22050, 500))
    assert np.array_equal(np.stack([drawn.lows, drawn.highs], axis=1), expected)


def test_a_column_may_be_one_sample_and_there_are_no_more_columns_than_samples(sounds, tmp_path):
    drawn = waveform.draw(
        spec_of(sounds / "sound.wav", tmp_path, start=0, end=10 / RATE), kept_only=False
    ).columns
    assert len(drawn.lows) == 10


@pytest.mark.parametrize("name", ["sound.m4a", "sound.webm", "sound.mp3", "sound.opus", "bare.mp3"])
def test_what_libsndfile_cannot_read_or_count_is_decoded_by_ffmpeg(sounds, tmp_path, name):
    make(sounds / name, tmp_path)
    drawn = waveform.draw(spec_of(sounds / name, tmp_path, bins=50), kept_only=True).columns
    whole = decode(sounds / name)
    assert drawn.last == pytest.approx(len(whole), abs=1024)
    assert drawn.lows.min() == pytest.approx(whole.min(), abs=30)
    assert drawn.highs.max() == pytest.approx(whole.max(), abs=30)


def test_close_up_of_what_ffmpeg_decodes(sounds, tmp_path):
    drawn = waveform.draw(
        spec_of(sounds / "sound.m4a", tmp_path, start=2.0, end=2.1, bins=4410), kept_only=False
    )
    whole = decode(sounds / "sound.m4a")[2 * RATE : 2 * RATE + 4410]
    assert np.abs(drawn.columns.lows - whole.min(axis=1)).max() <= 2


def test_a_long_sound_is_sparse_at_first(sounds, tmp_path, monkeypatch):
    monkeypatch.setattr(waveform, "_SHORT", RATE)
    picture = waveform.draw(spec_of(sounds / "sound.flac", tmp_path, bins=40), kept_only=False)
    assert picture.reply().quality == "preview"
    make(sounds / "sound.flac", tmp_path)
    exact = waveform.draw(spec_of(sounds / "sound.flac", tmp_path, bins=40), kept_only=False)
    assert exact.reply().quality == "exact"
    assert exact.etag != picture.etag
    assert (exact.columns.lows <= picture.columns.lows).all()
    assert (exact.columns.highs >= picture.columns.highs).all()


@pytest.mark.parametrize(
    ("name", "looks", "reach"),
    [
        ("sound.m4a", 500, 5000),
        ("sound.webm", 16, 5000),
        ("alac.m4a", 8, 5000),
        ("sound.aac", 15, 9000),
        ("bare.mp3", 15, 9000),
    ],
)
def test_a_long_sound_that_only_ffmpeg_reads_is_sparse_at_first_too(
    sounds, tmp_path, monkeypatch, name, looks, reach
):
    monkeypatch.setattr(waveform, "_SHORT", RATE)
    picture = waveform.draw(spec_of(sounds / name, tmp_path), kept_only=False)
    whole, columns = decode(sounds / name), picture.columns
    assert picture.reply().quality == "preview"
    assert picture.reply().bins == looks
    for index in range(1, len(columns.lows) - 1):
        at = int(len(whole) * index / len(columns.lows))
        near = whole[max(0, at - 3000) : at + reach]
        assert near.min() - 50 <= columns.lows[index] < 0 < columns.highs[index] <= near.max() + 50


def test_what_has_no_frames_that_we_know_is_looked_at_by_its_bytes(sounds, tmp_path, monkeypatch):
    monkeypatch.setattr(waveform, "_SHORT", RATE)
    drawn = waveform.draw(spec_of(sounds / "sound.ac3", tmp_path), kept_only=False).columns
    whole = decode(sounds / "sound.ac3")
    assert len(drawn.lows) >= 20
    assert 1.2 * whole.min() < drawn.lows.min() < drawn.lows.max() < 0
    assert 0 < drawn.highs.min() < drawn.highs.max() < 1.2 * whole.max()


def test_a_look_that_takes_too_long_ends_and_leaves_no_gap(sounds, tmp_path):
    path, ticks = sounds / "sound.flac", iter(range(1000))
    fd = os.open(path, os.O_RDONLY)
    try:
        source = describe(fd, sniff(fd), "", lambda: False)
        drawn = glance(peaks.Opened(fd, source, ""), 0, 4 * RATE, 400, clock=lambda: next(ticks) / 50)
    finally:
        os.close(fd)
    assert len(drawn.lows) == 400
    assert len(set(drawn.lows.tolist())) > 60
    assert drawn.lows.max() < 0 < drawn.highs.min()


def test_a_short_sound_that_only_ffmpeg_reads_is_made_first(sounds, tmp_path):
    assert waveform.draw(spec_of(sounds / "sound.webm", tmp_path), kept_only=False).columns is None


def test_a_file_that_changes_has_another_picture(sounds, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, signal(1.0), RATE)
    keys = [waveform.draw(spec_of(path, tmp_path), kept_only=False).key]
    os.utime(path, ns=(1, 1))
    keys.append(waveform.draw(spec_of(path, tmp_path), kept_only=False).key)
    assert keys[0] != keys[1]


def test_the_dat_form_is_audiowaveforms(sounds, tmp_path):
    picture = waveform.draw(spec_of(sounds / "sound.wav", tmp_path, bins=100), kept_only=False)
    data = picture.dat() if picture.columns else None
    if data is None:
        make(sounds / "sound.wav", tmp_path)
        picture = waveform.draw(spec_of(sounds / "sound.wav", tmp_path, bins=100), kept_only=True)
        data = picture.dat()
    version, flags, rate, each, length, channels = struct.unpack_from("<iIiiIi", data)
    assert (version, flags, rate, each, length, channels) == (2, 0, RATE, 1764, 100, 1)
    pairs = np.frombuffer(data[24:], "<i2").reshape(-1, 2)
    assert (pairs[:, 0] == picture.columns.lows).all()
    assert (pairs[:, 1] == picture.columns.highs).all()


def test_a_stopped_picture_leaves_nothing(sounds, tmp_path):
    with pytest.raises(Stopped):
        make(sounds / "sound.wav", tmp_path / "cache", lambda: True)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix == ".peaks"]


def test_an_opus_that_libsndfile_gives_up_midway_is_drawn_to_its_end(sounds, tmp_path):
    """Packets written over and over: their positions do not fit, and FFmpeg plays them all."""
    path = tmp_path / "again.opus"
    ffmpeg("-stream_loop", "2", "-i", str(sounds / "sound.opus"), "-c", "copy", str(path))
    with pytest.raises(soundfile.SoundFileError):
        soundfile.read(path)
    make(path, tmp_path)
    drawn = waveform.draw(spec_of(path, tmp_path, bins=60), kept_only=True).columns
    whole = decode(path)
    assert drawn.last == len(whole)
    for index, (low, high) in enumerate(columns_of(whole, 0, len(whole), 60)):
        assert drawn.lows[index] <= low
        assert drawn.highs[index] >= high


@pytest.mark.parametrize("name", ["sound.opus", "sound.ogg"])
def test_without_ffmpeg_ogg_has_the_same_picture(sounds, tmp_path, name):
    pictures = []
    for program in ("", "/no/ffmpeg"):
        cache = tmp_path / f"cache{len(pictures)}"
        spec = spec_of(sounds / name, cache, ffmpeg=program, bins=60)
        waveform.work(msgspec.to_builtins(spec), lambda *_, **__: None, lambda: False)
        pictures.append(waveform.draw(spec, kept_only=True).columns)
    assert pictures[0].last == pictures[1].last
    assert np.abs(pictures[0].lows - pictures[1].lows).max() <= 2
    assert np.abs(pictures[0].highs - pictures[1].highs).max() <= 2


def test_half_a_file_is_drawn_to_its_end_and_no_flat_line(sounds, tmp_path):
    path = tmp_path / "half.flac"
    data = (sounds / "sound.flac").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    spec = spec_of(path, tmp_path, ffmpeg="/no/ffmpeg")
    with pytest.raises(Unprocessable):
        waveform.work(msgspec.to_builtins(spec), lambda *_, **__: None, lambda: False)
    make(path, tmp_path)
    assert waveform.draw(spec_of(path, tmp_path), kept_only=True).columns.last == len(decode(path))


@pytest.mark.parametrize(("channels", "quality"), [(1, 4), (2, 2), (2, 9)])
def test_every_bucket_of_an_mp3_with_a_variable_bit_rate_is_right(sounds, tmp_path, channels, quality):
    """Its decoder needs a run-up where the second half begins, and close up."""
    path = tmp_path / "vbr.mp3"
    ffmpeg("-i", str(sounds / "sound.wav"), "-ac", str(channels), "-q:a", str(quality), str(path))
    whole = decode(path)
    near = waveform.draw(spec_of(path, tmp_path, start=1.5, end=1.6, bins=2000), kept_only=False).columns
    edges = columns_of(whole, near.first, near.last, len(near.lows))
    assert near.exact
    assert np.abs(np.array(edges) - np.stack([near.lows, near.highs], axis=1)).max() <= 2
    with path.open("rb") as file:
        source = describe(file.fileno(), sniff(file.fileno()), "", lambda: False)
        opened = peaks.Opened(file.fileno(), source, "")
        lows, highs, total = peaks._by_two(opened, lambda: False, lambda *_, **__: None)
    buckets = [whole[at : at + pyramid.BUCKET] for at in range(0, total, pyramid.BUCKET)]
    assert total == len(whole)
    assert np.abs(lows - [bucket.min() for bucket in buckets]).max() <= 2
    assert np.abs(highs - [bucket.max() for bucket in buckets]).max() <= 2


def test_a_head_that_promises_too_much_costs_nothing(sounds, tmp_path):
    """The number of frames in a Xing head, overwritten: 600 hours by its word."""
    path = tmp_path / "liar.mp3"
    ffmpeg("-i", str(sounds / "sound.wav"), "-q:a", "4", str(path))
    data = bytearray(path.read_bytes())
    at = data.index(b"Xing") + 8
    data[at : at + 4] = struct.pack(">I", 83_000_000)
    path.write_bytes(data)
    make(path, tmp_path)
    assert next(tmp_path.glob("*.peaks")).stat().st_size < 100_000
    drawn = waveform.draw(spec_of(path, tmp_path), kept_only=True).columns
    assert abs(drawn.last - len(decode(path))) < 4096


def test_other_columns_have_another_name(sounds, tmp_path):
    path, spec = sounds / "sound.flac", {"start": 1.0, "end": 1.05, "bins": 1000}
    before = waveform.draw(spec_of(path, tmp_path, **spec), kept_only=False)
    make(path, tmp_path)
    after = waveform.draw(spec_of(path, tmp_path, **spec), kept_only=True)
    assert (before.columns.lows.tolist() == after.columns.lows.tolist()) == (before.etag == after.etag)
    assert before.etag == waveform.draw(spec_of(path, tmp_path / "none", **spec), kept_only=False).etag


def test_wide_columns_are_drawn_from_the_wide_zoom_and_move_by_an_eighth_at_most(tmp_path):
    samples = np.random.default_rng(3).integers(-32768, 32767, (pyramid.BUCKET * 16 * 100 + 77, 1), "i2")
    soundfile.write(tmp_path / "a.wav", samples, 8000)
    make(tmp_path / "a.wav", tmp_path)
    total, kept = len(samples), next(tmp_path.glob("*.peaks"))
    for first, last, bins in ((0, total, 8), (0, total, 1), (5000, total - 3, 7), (total - 40000, total, 2)):
        drawn = pyramid.window(kept, lambda rate, total, span=(first, last): span, bins)
        edges = np.linspace(first, last, bins + 1).astype(int)
        for index, (begin, end) in enumerate(pairwise(edges)):
            slack = (end - begin) // 8
            around = samples[max(0, begin - slack) : end + slack]
            assert around.min() <= drawn.lows[index] <= samples[begin:end].min()
            assert around.max() >= drawn.highs[index] >= samples[begin:end].max()


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_window_holds_the_peaks_of_its_columns(tmp_path_factory, data):
    frames = data.draw(st.integers(1, 5000))
    folder: Path = tmp_path_factory.mktemp("window")
    samples = np.random.default_rng(frames).integers(-32768, 32767, (frames, 2), "i2")
    soundfile.write(folder / "a.wav", samples, 8000)
    make(folder / "a.wav", folder)
    first = data.draw(st.integers(0, frames - 1))
    last = data.draw(st.integers(first + 1, frames))
    bins = data.draw(st.integers(1, 300))
    key = next(folder.glob("*.peaks"))
    drawn = pyramid.window(key, lambda rate, total: (first, last), bins)
    assert len(drawn.lows) == min(bins, last - first)
    for index, (low, high) in enumerate(columns_of(samples, first, last, len(drawn.lows))):
        assert drawn.lows[index] <= low
        assert drawn.highs[index] >= high
