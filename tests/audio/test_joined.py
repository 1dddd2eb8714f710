"""Files that are several streams one after another, and indexes that are no word about their file."""

from __future__ import annotations

import functools
import struct

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


def test_an_ogg_stream_that_comes_back_is_noticed(tmp_path):
    """Its last page has the serial of its first; only positions between them tell."""
    one, other = made(tmp_path / "0", "a.ogg", 3.0), made(tmp_path / "1", "a.ogg", 2.0, channels=1)
    path = tmp_path / "chain.ogg"
    path.write_bytes(one.read_bytes() * 2)
    assert (source_of(path).frames, source_of(path).joined) == (None, True)
    path.write_bytes(one.read_bytes() + other.read_bytes() + one.read_bytes())
    with pytest.raises(UnsupportedMedia):
        source_of(path)


def test_tags_and_pictures_behind_an_mp3_are_no_stream(tmp_path):
    path = made(tmp_path / "0", "vbr.mp3", 3.0)
    frames = source_of(path).frames
    picture = np.random.default_rng(1).bytes(200_000)
    with path.open("ab") as file:
        file.write(b"APETAGEX" + picture + b"APETAGEX" + b"TAG" + bytes(125))
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


def test_the_padding_behind_an_edit_list_is_not_drawn(tmp_path, sounds):
    """What is drawn is as long as what is told and what is cut."""
    path = sounds / "sound.m4a"
    spec = {"path": str(path), "cache": str(tmp_path), "bins": 100}
    waveform.work(spec, lambda *args, **kwargs: None, lambda: False)
    drawn = waveform.draw(waveform.PeaksSpec(**spec), kept_only=True).columns
    assert drawn.last == source_of(path).frames == 4 * RATE
    assert isinstance(drawn, pyramid.Columns)
