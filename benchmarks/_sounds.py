"""Long sounds, made on the spot: tremolo noise in every format that people upload.

A lossy file of three hours is ten minutes encoded once and its packets written over and over, which takes
seconds instead of minutes; WAV likewise. FLAC is encoded from end to end, since its frames are numbered.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["ENCODERS", "RATE", "ffmpeg", "make"]

RATE = 44_100
_PIECE_SECONDS = 600
ENCODERS = {
    "wav": ("-c:a", "pcm_s16le"),
    "flac": ("-c:a", "flac"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "192k"),
    "m4a": ("-c:a", "aac", "-b:a", "192k"),
    "ogg": ("-c:a", "libvorbis", "-q:a", "6"),
    "opus": ("-c:a", "libopus", "-b:a", "160k"),
}


def ffmpeg(*arguments: str) -> None:
    """Run FFmpeg to its end."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def make(folder: Path, hours: float, names: Iterable[str] = tuple(ENCODERS)) -> dict[str, Path]:
    """Give stereo files of `hours` in `folder`, by format."""
    times = max(1, math.ceil(hours * 3600 / _PIECE_SECONDS))
    noise = f"anoisesrc=d={hours * 3600 / times:.3f}:a=0.3:seed=7:r={RATE}:c=pink,tremolo=f=0.5:d=0.6"
    paths = {name: folder / f"long.{name}" for name in names}
    with tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as scratch:
        wav = f"{scratch}/piece.wav"
        ffmpeg("-f", "lavfi", "-i", noise, "-ac", "2", *ENCODERS["wav"], wav)
        again = ("-stream_loop", str(times - 1))
        for name, path in paths.items():
            if name in {"wav", "flac"}:
                ffmpeg(*again, "-i", wav, *ENCODERS[name], str(path))
            else:
                piece = f"{scratch}/piece.{name}"
                ffmpeg("-i", wav, *ENCODERS[name], piece)
                ffmpeg(*again, "-i", piece, "-c", "copy", str(path))
    return paths
