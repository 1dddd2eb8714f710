"""Which FFmpeg is used: the setting, then PATH, then the wheel."""

from __future__ import annotations

import shutil

import imageio_ffmpeg
import pytest

from jupyter_nodeapi.audio import locate
from jupyter_nodeapi.errors import FFmpegMissing


def test_path_comes_before_the_wheel():
    found = locate.locate()
    assert (found.path, found.source) == (shutil.which("ffmpeg"), "PATH")
    assert found.version.startswith("5.1")


def test_the_wheel_is_found_when_path_has_none(monkeypatch):
    monkeypatch.setenv("PATH", "")
    found = locate.locate()
    assert (found.path, found.source) == (imageio_ffmpeg.get_ffmpeg_exe(), "imageio-ffmpeg")
    assert "9.0" in found.version


def test_the_setting_is_the_only_word_when_there_is_one():
    found = locate.locate(imageio_ffmpeg.get_ffmpeg_exe())
    assert (found.path, found.source) == (imageio_ffmpeg.get_ffmpeg_exe(), "Audio.ffmpeg")
    assert locate.locate("/nonexistent") is None
    with pytest.raises(FFmpegMissing):
        locate.find("/nonexistent")


def test_a_program_that_is_no_ffmpeg_has_no_version():
    assert locate.locate("false").version is None
