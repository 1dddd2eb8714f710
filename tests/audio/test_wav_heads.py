"""The head of a plain WAV file is read by ourselves, and says what libsndfile says."""

from __future__ import annotations

import os
import struct

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_nodeapi.audio import describe, sound
from jupyter_nodeapi.audio.kinds import KINDS
from jupyter_nodeapi.errors import Unprocessable
from tests.audio.making import RATE, signal

pytestmark = pytest.mark.slow

SHAPES = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8), (1, 64), (3, 16), (2, 4)]
SUBTYPE = bytes.fromhex("000000001000800000aa00389b71")


@st.composite
def wavs(draw) -> bytes:
    """A file as writers make it, and as broken ones do."""
    (tag, bits), channels, rate = draw(st.sampled_from(SHAPES)), draw(st.integers(1, 8)), 8000
    align = channels * bits // 8
    layout = struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits)
    if draw(st.booleans()):
        guid = struct.pack("<H", tag) + draw(st.sampled_from([SUBTYPE, SUBTYPE, bytes(14)]))
        layout = struct.pack("<H", 0xFFFE) + layout[2:] + struct.pack("<HHI", 22, bits, 0) + guid
    before, after = draw(st.sampled_from([b"", chunk(b"JUNK", bytes(8)), chunk(b"fact", bytes(4))])), b""
    if draw(st.booleans()):
        after = draw(st.sampled_from([chunk(b"LIST", b"INFO"), chunk(b"data", bytes(64)), b"\0\0\0"]))
    samples = bytes(draw(st.integers(0, 40)) * align + draw(st.sampled_from([0, 0, 0, 1])))
    body = b"WAVE" + chunk(b"fmt ", layout) + before + chunk(b"data", samples) + after
    whole = b"RIFF" + struct.pack("<I", len(body)) + body
    return whole[: len(whole) - draw(st.sampled_from([0, 0, 0, 3]))]


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)


def said(read, fd: int):
    try:
        return read(fd, KINDS["wav"])
    except Unprocessable as error:
        return error.code


@settings(deadline=None, max_examples=150)
@given(data=wavs())
def test_our_word_of_a_wav_is_libsndfiles(data):
    fd = os.memfd_create("wav")
    try:
        os.write(fd, data)
        assert said(describe._wav, fd) == said(sound.describe, fd)
    finally:
        os.close(fd)


@pytest.mark.parametrize("told", [0, 36])
def test_a_recording_that_was_stopped_before_its_lengths_were_written_is_all_there(tmp_path, trimmer, told):
    path, data = tmp_path / "crashed.wav", signal(1.0)
    soundfile.write(path, data, RATE, subtype="PCM_16")
    whole = bytearray(path.read_bytes())
    whole[4:8], whole[40:44] = struct.pack("<I", told), bytes(4)
    path.write_bytes(whole)
    with path.open("rb") as file:
        assert describe._wav(file.fileno(), KINDS["wav"]).frames == RATE
    reply = trimmer(path, 0.25, 0.75)
    assert (reply["exact"], reply["duration"]) == (True, 0.5)
    got = soundfile.read(trimmer.result(reply), dtype="int16")[0]
    assert bytes(got.tobytes()) == bytes(whole[44 + RATE : 44 + 3 * RATE])
