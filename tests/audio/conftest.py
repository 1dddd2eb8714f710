"""One sound in every format, made once, and the work of a trim as a plain call."""

from __future__ import annotations

import shutil
from pathlib import Path

import imageio_ffmpeg
import pytest
import soundfile

from jupyter_nodeapi.audio.trim import trim
from tests.audio.making import ENCODERS, RATE, ffmpeg, signal


@pytest.fixture(scope="session")
def sounds(tmp_path_factory) -> Path:
    """A folder with one sound in every format, four seconds each."""
    folder = tmp_path_factory.mktemp("sounds")
    data = signal()
    for name, subtype in (("sound", "PCM_16"), ("s24", "PCM_24"), ("s32", "PCM_32"), ("float", "FLOAT")):
        soundfile.write(folder / f"{name}.wav", data, RATE, subtype=subtype)
    for name, subtype in (("u8", "PCM_U8"), ("ulaw", "ULAW"), ("double", "DOUBLE")):
        soundfile.write(folder / f"{name}.wav", data, RATE, subtype=subtype)
    for name, subtype in (("sound", "PCM_16"), ("s24", "PCM_24")):
        soundfile.write(folder / f"{name}.flac", data, RATE, subtype=subtype)
    for name, arguments in ENCODERS.items():
        ffmpeg("-i", str(folder / "sound.wav"), *arguments, str(folder / name))
    return folder


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """A folder with a film without sound, and one with it."""
    folder = tmp_path_factory.mktemp("films")
    picture = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64:r=5"]
    ffmpeg(*picture, "-c:v", "mpeg4", str(folder / "silent.mp4"))
    ffmpeg(
        *picture, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "mpeg4", "-c:a", "aac", str(folder / "both.mp4")
    )
    ffmpeg(*picture, "-c:v", "libvpx", str(folder / "silent.webm"))
    return folder


@pytest.fixture(params=["debian", "wheel"])
def program(request) -> str:
    """FFmpeg 5.1 of Debian, and 9.0 of the wheel."""
    return shutil.which("ffmpeg") if request.param == "debian" else imageio_ffmpeg.get_ffmpeg_exe()


class Trimmer:
    """Cuts as the work of a job does, into a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reports: list[tuple] = []

    def __call__(self, path: Path, start: float, end: float | None, *, stopped=lambda: False, **options):
        spec = {
            "path": str(path),
            "folder": str(self.folder),
            "shown": "/temp/AudioTrim",
            "stem": path.stem,
            "start": start,
            "end": end,
            **options,
        }
        return trim(spec, lambda *args, **kwargs: self.reports.append(args), stopped)

    def result(self, reply: dict) -> Path:
        return self.folder / reply["filePath"].removeprefix("/temp/AudioTrim/")

    def leftovers(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if path.name.startswith(".")]


@pytest.fixture
def trimmer(tmp_path) -> Trimmer:
    """The work of a trim, into a folder of its own."""
    folder = tmp_path / "AudioTrim"
    folder.mkdir()
    return Trimmer(folder)
