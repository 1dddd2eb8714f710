"""Tags and the cover come along into every format that has a place for them."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_nodeapi.audio.headers import covers, mp4_tags
from jupyter_nodeapi.audio.headers.covers import Cover
from jupyter_nodeapi.audio.kinds import KINDS
from jupyter_nodeapi.audio.sniff import sniff
from tests.audio.making import ffmpeg

WITH_PICTURE = ("mp3", "m4a", "flac", "ogg", "opus")
TAGS = {"title": "Blue", "artist": "Nobody", "album": "Tests"}


def read(path, take):
    fd = os.open(path, os.O_RDONLY)
    try:
        return take(fd, sniff(fd))
    finally:
        os.close(fd)


def cover_of(path) -> Cover | None:
    return read(path, covers.read)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A JPEG and a PNG, the second too long for one argument of a program."""
    folder = tmp_path_factory.mktemp("pictures")
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-frames:v", "1", str(folder / "small.jpg"))
    noise = "nullsrc=s=320x320,geq=r='random(1)*255':g='random(2)*255':b='random(3)*255'"
    ffmpeg("-f", "lavfi", "-i", noise, "-frames:v", "1", "-pix_fmt", "rgb24", str(folder / "large.png"))
    assert (folder / "large.png").stat().st_size > 150_000
    return folder


@pytest.fixture(scope="module", params=["small.jpg", "large.png"])
def tagged(request, sounds, pictures, tmp_path_factory):
    """A folder of sounds with one picture and some tags, made by FFmpeg and, for Ogg, by our own trim."""
    from tests.audio.conftest import Trimmer

    folder, picture = tmp_path_factory.mktemp("tagged"), pictures / request.param
    said = [word for name, text in TAGS.items() for word in ("-metadata", f"{name}={text}")]
    shown = ["-map", "0:a", "-map", "1:v", "-c", "copy", "-disposition:v", "attached_pic", *said]
    for name in ("mp3", "m4a", "flac"):
        ffmpeg(
            "-i", str(sounds / f"sound.{name}"), "-i", str(picture), *shown, str(folder / f"tagged.{name}")
        )
    trimmer = Trimmer(folder)
    for name in ("ogg", "opus"):
        reply = trimmer(folder / "tagged.flac", 0, None, format=name)
        shutil.move(trimmer.result(reply), folder / f"tagged.{name}")
    return folder, picture.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_PICTURE)
def test_a_cover_is_read_from_every_format(tagged, name):
    folder, picture = tagged
    found = cover_of(folder / f"tagged.{name}")
    assert found is not None
    assert found.data == picture
    assert found.mime == ("image/png" if picture.startswith(b"\x89PNG") else "image/jpeg")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), list(product(WITH_PICTURE, WITH_PICTURE)))
def test_cover_and_tags_come_along(tagged, trimmer, program, name, form):
    folder, picture = tagged
    reply = trimmer(folder / f"tagged.{name}", 2.0, 2.5, format=form, ffmpeg=program)
    result = trimmer.result(reply)
    assert cover_of(result).data == picture
    assert (reply["duration"], reply["exact"]) == (0.5, True)
    banner = subprocess.run(
        ["ffmpeg", "-nostdin", "-i", str(result)], capture_output=True, text=True, check=False
    ).stderr
    assert "attached pic" in banner, "another program finds the picture too"
    for text in TAGS.values():
        assert f": {text}" in banner
    assert not trimmer.leftovers()


@pytest.mark.slow
def test_wav_has_no_place_for_a_cover(tagged, trimmer, program):
    folder, _ = tagged
    result = trimmer.result(trimmer(folder / "tagged.mp3", 1.0, 1.5, format="wav", ffmpeg=program))
    assert result.stat().st_size < 0.5 * 44100 * 4 + 1000


@pytest.mark.slow
def test_the_picture_of_a_film_is_no_cover(film):
    assert cover_of(film / "both.mp4") is None


@pytest.mark.slow
def test_tags_of_m4a_are_told(tagged):
    folder, _ = tagged
    said = read(folder / "tagged.m4a", lambda fd, _: mp4_tags.texts(fd))
    assert TAGS.items() <= said.items()


def id3(version: int, frame: bytes, flags: int = 0) -> bytes:
    name, plain = (b"PIC", b"") if version == 2 else (b"APIC", b"\0\0")
    size = len(frame).to_bytes(3 if version == 2 else 4, "big")
    body = name + size + plain + frame + bytes(20)
    body = body.replace(b"\xff", b"\xff\0") if flags else body
    length = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + length + body


JPEG = b"\xff\xd8\xff\xe0" + bytes(range(1, 40))
FRAMES = {
    "2.2": id3(2, b"\0JPG\x03\0" + JPEG),
    "2.3": id3(3, b"\0image/jpeg\0\x03cover\0" + JPEG),
    "2.3 utf-16": id3(3, b"\x01image/jpeg\0\x03\xff\xfea\0\0\0" + JPEG),
    "2.3 unsynchronised": id3(3, b"\0image/jpeg\0\x03\0" + JPEG, flags=0x80),
    "2.4": id3(4, b"\0image/jpeg\0\x03\0" + JPEG),
    "no other kind": id3(3, b"\0image/jpeg\0\x04\0" + JPEG),
}


def parsed(tmp_path, data, kind="mp3"):
    path = tmp_path / "x"
    path.write_bytes(data)
    fd = os.open(path, os.O_RDONLY)
    try:
        return covers.read(fd, KINDS[kind])
    finally:
        os.close(fd)


@pytest.mark.parametrize("data", FRAMES.values(), ids=FRAMES)
def test_every_version_of_id3_keeps_its_picture(tmp_path, data):
    assert parsed(tmp_path, data) == Cover("image/jpeg", JPEG)


def test_what_is_neither_jpeg_nor_png_is_no_cover(tmp_path):
    assert parsed(tmp_path, id3(3, b"\0image/jpeg\0\x03\0<svg onload=alert(1)>")) is None
    assert parsed(tmp_path, id3(3, b"\0-->\0\x03\0http://127.0.0.1/a.jpg")) is None


def test_a_block_tells_itself():
    block = Cover("image/png", b"data").block()
    assert block[:8] == struct.pack(">II", 3, 9)
    assert block.endswith(struct.pack(">I", 4) + b"data")


@given(st.sampled_from(["mp3", "flac", "ogg", "mp4"]), st.data())
def test_damaged_tags_are_no_cover_and_no_error(tmp_path_factory, kind, data):
    head = {"mp3": FRAMES["2.3"], "flac": b"fLaC\x06\0\0\x30", "ogg": b"OggS\0\x02", "mp4": b"\0\0\0\x10moov"}
    rest = bytearray(head[kind] + data.draw(st.binary(max_size=120)))
    for place in data.draw(st.lists(st.integers(0, len(rest) - 1), max_size=6)):
        rest[place] ^= data.draw(st.integers(1, 255))
    found = parsed(tmp_path_factory.getbasetemp(), bytes(rest[: data.draw(st.integers(0, len(rest)))]), kind)
    assert found is None or found.data
