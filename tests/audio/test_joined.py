"""Files that are several streams one after another, and indexes that are no word about their file."""

from __future__ import annotations

import functools
import os
import struct
import subprocess

import numpy as np
import pytest
import soundfile

from jupyter_nodeapi.audio import pyramid, waveform
from jupyter_nodeapi.audio.describe import describe
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.audio.source import Source
from jupyter_nodeapi.errors import UnsupportedMedia
from tests.audio.making import RATE, decode, ffmpeg, signal

pytestmark = pytest.mark.slow

CODERS = {
    "cbr.mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
    "vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "5"],
    "a.ogg": ["-c:a", "libvorbis", "-q:a", "4"],
    "a.opus": ["-c:a", "libopus", "-b:a", "96k"],
}


decoded_once = functools.cache(decode)


def source_of(path) -> Source:
    with path.open("rb") as file:
        return describe(file.fileno(), sniff(file.fileno()), "", lambda: False)


def made(folder, name, seconds, *, rate=RATE, channels=2, begin=0.0):
    """Encode a part of the signal, in a folder of its own."""
    folder.mkdir()
    data = signal(begin + seconds, rate, channels)[round(begin * rate) :]
    soundfile.write(folder / "part.wav", data, rate)
    ffmpeg("-i", str(folder / "part.wav"), *CODERS[name], str(folder / name))
    return folder / name


def joined(tmp_path, name, *others):
    """Append files to one another, as ``cat`` does."""
    path = tmp_path / name
    parts = [made(tmp_path / f"{number}", name, **part) for number, part in enumerate(others)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


TWO = ({"seconds": 3.0}, {"seconds": 2.0, "begin": 3.0})


@pytest.fixture(scope="module", params=CODERS)
def path(request, tmp_path_factory):
    """Three seconds of a sound, and two more behind them."""
    return joined(tmp_path_factory.mktemp("joined"), request.param, *TWO)


@pytest.mark.parametrize("span", [(0.5, 2.5), (2.5, 4.0), (3.6, 4.4), (4.0, None)])
def test_a_cut_of_joined_streams_is_the_full_decode_cut(path, trimmer, program, span):
    start, end = span
    reply = trimmer(path, start, end, format="wav", ffmpeg=program, exact_decode_seconds=1.0)
    whole = decoded_once(path, program)
    rate = reply["sampleRate"]
    wanted = whole[round(start * rate) : None if end is None else round(end * rate)]
    got = soundfile.read(trimmer.result(reply), dtype="int16", always_2d=True)[0].astype(np.int32)
    assert reply["exact"]
    assert len(got) == len(wanted)
    assert np.abs(got - wanted).max() <= 2


def test_the_end_of_joined_streams_is_not_claimed_to_be_known(path):
    source = source_of(path)
    assert (source.frames, source.joined) == (None, True)
    if path.suffix == ".mp3":
        assert source.told_seconds == pytest.approx(5, abs=0.3)


def test_the_picture_of_joined_streams_shows_them_all(path, tmp_path):
    spec = {"path": str(path), "cache": str(tmp_path), "bins": 100}
    waveform.work(spec, lambda *args, **kwargs: None, lambda: False)
    drawn = waveform.draw(waveform.PeaksSpec(**spec), kept_only=True).columns
    assert drawn.last == len(decoded_once(path, "ffmpeg"))


@pytest.mark.parametrize("name", CODERS)
@pytest.mark.parametrize("other", [{"rate": 32000}, {"channels": 1}])
def test_streams_that_differ_are_refused_in_words(tmp_path, trimmer, name, other):
    if name.endswith("opus") and "rate" in other:
        other = {"channels": 1}  # Opus has one rate
    path = joined(tmp_path, name, TWO[0], {"seconds": 2.0, **other})
    with pytest.raises(UnsupportedMedia, match="one after another"):
        source_of(path)
    with pytest.raises(UnsupportedMedia, match="one after another"):
        trimmer(path, 1.0, 2.0)


def test_two_sounds_side_by_side_are_not_one_after_another(tmp_path):
    made(tmp_path / "0", "a.ogg", 2.0)
    path = tmp_path / "two.ogg"
    part = str(tmp_path / "0" / "part.wav")
    ffmpeg("-i", part, "-i", part, "-map", "0", "-map", "1", "-ac:a:1", "1", "-c:a", "libvorbis", str(path))
    assert not source_of(path).joined


def test_a_chain_of_nothing_but_heads_costs_little(tmp_path, monkeypatch):
    """Each block of the file is read once, whatever is in it."""
    path = made(tmp_path / "0", "a.ogg", 2.0)
    page = b"OggS\0\0" + bytes(8) + b"\x07" + bytes(12) + b"x"
    path.write_bytes(path.read_bytes() + page * 300_000 + made(tmp_path / "1", "a.ogg", 1.0).read_bytes())
    read, pread = [], os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: (read.append(size), pread(fd, size, at))[1])
    assert source_of(path).joined
    assert sum(read) < 3 * path.stat().st_size


def test_an_ogg_stream_that_comes_back_is_noticed(tmp_path):
    """Its last page has the serial of its first; only positions between them tell."""
    one, other = made(tmp_path / "0", "a.ogg", 3.0), made(tmp_path / "1", "a.ogg", 2.0, channels=1)
    path = tmp_path / "chain.ogg"
    path.write_bytes(one.read_bytes() * 2)
    assert (source_of(path).frames, source_of(path).joined) == (None, True)
    short = made(tmp_path / "2", "a.ogg", 0.5).read_bytes()
    long = made(tmp_path / "3", "a.ogg", 30.0).read_bytes()
    long = long.replace(long[14:18], short[14:18])  # one serial
    for both in (short + long, long + short):
        path.write_bytes(both)
        assert (source_of(path).frames, source_of(path).joined) == (None, True)
    path.write_bytes(one.read_bytes() + other.read_bytes() + one.read_bytes())
    with pytest.raises(UnsupportedMedia):
        source_of(path)


ID3V1 = b"TAG" + b"x" * 125
PICTURE = b"\xff\xfb" + np.random.default_rng(2).bytes(150_000)
APE_HEAD, APE_FOOT = (
    struct.pack("<8s4I8x", b"APETAGEX", 2000, len(PICTURE) + 32, 1, flags)
    for flags in (0xA0000000, 0x80000000)
)
APE = APE_HEAD + PICTURE + APE_FOOT
ID3V2 = b"ID3\x03\0\0" + bytes(len(PICTURE) >> shift & 127 for shift in (21, 14, 7, 0)) + PICTURE


@pytest.mark.parametrize("between", [b"", ID3V1, ID3V2, ID3V1 + ID3V2, APE + ID3V1 + ID3V2], ids=len)
@pytest.mark.parametrize("index", [True, False])
def test_what_stands_between_two_mp3s_hides_none(tmp_path, trimmer, between, index):
    """A long one and a short one, each with its tags and its picture, as programs write them."""
    bare = [] if index else ["-write_xing", "0"]
    for number, seconds in enumerate((20, 1)):
        soundfile.write(tmp_path / "part.wav", signal(seconds), RATE)
        arguments = ["-b:a", "128k", "-id3v2_version", "0", *bare]
        ffmpeg("-i", str(tmp_path / "part.wav"), *arguments, str(tmp_path / f"{number}.mp3"))
    path = tmp_path / "both.mp3"
    path.write_bytes(
        b"".join([(tmp_path / "0.mp3").read_bytes(), between, (tmp_path / "1.mp3").read_bytes()])
    )
    source = source_of(path)
    if between or index:
        assert (source.joined, source.frames) == (True, None)
    whole = decode(path)
    reply = trimmer(path, 20.3, None, format="wav")
    got = soundfile.read(trimmer.result(reply), dtype="int16")[0]
    assert reply["exact"]
    assert len(got) == len(whole) - round(20.3 * RATE)
    assert len(whole) > 20.9 * RATE


def test_streams_without_an_index_that_differ_are_refused_in_words(tmp_path):
    for number, rate in enumerate((44100, 48000)):
        soundfile.write(tmp_path / "part.wav", signal(2, rate), rate)
        arguments = ["-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"]
        ffmpeg("-i", str(tmp_path / "part.wav"), *arguments, str(tmp_path / f"{number}.mp3"))
    path = tmp_path / "both.mp3"
    path.write_bytes((tmp_path / "0.mp3").read_bytes() + (tmp_path / "1.mp3").read_bytes())
    with pytest.raises(UnsupportedMedia, match="one after another"):
        source_of(path)


def test_tags_and_pictures_behind_an_mp3_are_no_stream(tmp_path):
    path = made(tmp_path / "0", "vbr.mp3", 3.0)
    frames = source_of(path).frames
    with path.open("ab") as file:
        file.write(APE + ID3V1)
    assert (source_of(path).frames, source_of(path).joined) == (frames, False)
    assert frames == 3 * RATE


def test_an_index_that_cannot_be_true_is_not_told_as_exact(tmp_path):
    """600 hours in a second's worth of bytes."""
    path = made(tmp_path / "0", "vbr.mp3", 3.0)
    data = bytearray(path.read_bytes())
    at = data.index(b"Xing") + 8
    data[at : at + 4] = struct.pack(">I", 83_000_000)
    path.write_bytes(data)
    source = source_of(path)
    assert source.frames is None
    assert source.told_seconds < 60


def test_a_flac_that_was_written_to_a_pipe_has_no_known_end(tmp_path, sounds, trimmer):
    """Its head says 0 samples: whoever wrote it could not go back."""
    path = tmp_path / "piped.flac"
    with path.open("wb") as file:
        command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(sounds / "sound.wav"), "-f", "flac", "-"]
        file.write(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)  # cannot go back
    assert source_of(path).frames is None
    for options in ({}, {"format": "wav"}, {"format": "mp3"}, {"fade_out": 1.0}, {"normalize": "peak"}):
        reply = trimmer(path, 1.0, None, **options)
        assert (reply["exact"], reply["duration"], reply["sourceDuration"]) == (True, 3.0, 4.0)
    spec = {"path": str(path), "cache": str(tmp_path), "bins": 100}
    waveform.work(spec, lambda *args, **kwargs: None, lambda: False)
    assert waveform.draw(waveform.PeaksSpec(**spec), kept_only=True).columns.last == 4 * RATE


def test_the_padding_behind_an_edit_list_is_not_drawn(tmp_path, sounds):
    """What is drawn is as long as what is told and what is cut."""
    path = sounds / "sound.m4a"
    spec = {"path": str(path), "cache": str(tmp_path), "bins": 100}
    waveform.work(spec, lambda *args, **kwargs: None, lambda: False)
    drawn = waveform.draw(waveform.PeaksSpec(**spec), kept_only=True).columns
    assert drawn.last == source_of(path).frames == 4 * RATE
    assert isinstance(drawn, pyramid.Columns)
