"""A file is what its bytes are."""

from __future__ import annotations

import contextlib
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.errors import UnsupportedMedia
from tests.audio.making import ffmpeg

KINDS = {
    "sound.wav": "wav",
    "rf64.wav": "rf64",
    "sound.w64": "w64",
    "sound.aiff": "aiff",
    "sound.au": "au",
    "sound.caf": "caf",
    "sound.flac": "flac",
    "sound.mp3": "mp3",
    "vbr.mp3": "mp3",
    "bare.mp3": "mp3",
    "sound.aac": "adts",
    "sound.m4a": "mp4",
    "alac.m4a": "mp4",
    "sound.ogg": "ogg",
    "sound.opus": "ogg",
    "sound.webm": "matroska",
    "sound.mka": "matroska",
    "sound.wma": "asf",
    "sound.ac3": "ac3",
}
PRETENDERS = {
    "nothing": b"",
    "text": b"Hello, I am a song.\n" * 100,
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "ffconcat": b"ffconcat version 1.0\nfile sound.wav\n",
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "dash": b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
    "script": b"#!/bin/sh\nexit 0\n",
    "zeros": bytes(4096),
    "ones": b"\xff" * 70000,
    "id3 of text": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + b"#EXTM3U\n/etc/passwd\n",
    "riff of nothing": b"RIFF\x24\x00\x00\x00JUNK" + bytes(40),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "zip": b"PK\x03\x04" + bytes(100),
    "pdf": b"%PDF-1.7\n" + bytes(100),
}


def kind_of(path) -> str:
    fd = os.open(path, os.O_RDONLY)
    try:
        return sniff(fd).name
    finally:
        os.close(fd)


@pytest.mark.slow  # FFmpeg makes the sounds first
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_format_is_known_by_its_bytes_under_a_lying_name(sounds, tmp_path, name, kind):
    path = tmp_path / "liar.txt"
    path.write_bytes((sounds / name).read_bytes())
    assert kind_of(path) == kind


@pytest.mark.parametrize("data", PRETENDERS.values(), ids=PRETENDERS)
def test_what_is_no_sound_is_refused_under_a_sounds_name(tmp_path, data):
    path = tmp_path / "song.mp3"
    path.write_bytes(data)
    with pytest.raises(UnsupportedMedia):
        kind_of(path)


@pytest.mark.slow  # FFmpeg makes the sounds first
def test_a_tag_larger_than_any_window_hides_nothing(sounds, tmp_path):
    size = 300_000
    tag = b"ID3\x04\x00\x00" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    for name, kind in (("bare.mp3", "mp3"), ("sound.aac", "adts"), ("sound.flac", "flac")):
        path = tmp_path / name
        path.write_bytes(tag + bytes(size) + (sounds / name).read_bytes())
        assert kind_of(path) == kind


@pytest.mark.slow  # FFmpeg makes the sounds first
def test_a_few_frames_are_an_mp3(sounds, tmp_path):
    path = tmp_path / "short.mp3"
    ffmpeg(
        "-i", str(sounds / "sound.wav"), "-t", "0.01", "-write_xing", "0", "-id3v2_version", "0", str(path)
    )
    assert kind_of(path) == "mp3"


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_no_sound(tmp_path, seed):
    path = tmp_path / "song.mp3"
    path.write_bytes(random.Random(seed).randbytes(200_000))
    with pytest.raises(UnsupportedMedia):
        kind_of(path)


@settings(deadline=None)
@given(data=st.binary(max_size=600))
def test_no_bytes_break_the_look(data):
    fd = os.memfd_create("sniff")
    try:
        os.write(fd, data)
        with contextlib.suppress(UnsupportedMedia):
            sniff(fd)
    finally:
        os.close(fd)
