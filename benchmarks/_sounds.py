"""Long sounds, made on the spot: tremolo noise in every format that people upload.

An mp3 or m4a of three hours is ten minutes encoded once and its packets written over and over, which takes
seconds instead of minutes. FLAC, Vorbis and Opus are encoded from end to end, since their frames are numbered
or say where they end: libsndfile calls them damaged where that does not fit.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["ENCODERS", "RATE", "arguments", "ffmpeg", "make", "read_through"]

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


def arguments(doc: str, formats: Iterable[str]) -> argparse.ArgumentParser:
    """Give the options that the benchmarks of sound share."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--formats", nargs="+", choices=list(ENCODERS), default=list(formats))
    parser.add_argument("--sources", type=Path, help="a folder that keeps the long files for the next run")
    return parser


def make(folder: Path, asked: argparse.Namespace) -> dict[str, Path]:
    """Give the stereo files that were asked for, in `folder`, by format."""
    if asked.sources is None:
        return _synthesise(folder, asked.hours, asked.formats)
    kept = asked.sources / f"{asked.hours:g}h"
    kept.mkdir(parents=True, exist_ok=True)
    missing = [name for name in asked.formats if not (kept / f"long.{name}").exists()]
    if missing:
        with tempfile.TemporaryDirectory(dir=kept) as half:
            for path in _synthesise(Path(half), asked.hours, missing).values():
                path.replace(kept / path.name)
    return {name: _brought(kept / f"long.{name}", folder) for name in asked.formats}


def read_through(path: Path) -> None:
    """Read a file once, so that nobody who comes later has to wait for the disk, or is spared it."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def _brought(path: Path, folder: Path) -> Path:
    """Give a kept file another name in `folder`, or a copy where a link cannot be."""
    target = folder / path.name
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
    return target


def _synthesise(folder: Path, hours: float, names: Iterable[str]) -> dict[str, Path]:
    times = max(1, math.ceil(hours * 3600 / _PIECE_SECONDS))
    noise = f"anoisesrc=d={hours * 3600 / times:.3f}:a=0.3:seed=7:r={RATE}:c=pink,tremolo=f=0.5:d=0.6"
    paths = {name: folder / f"long.{name}" for name in names}
    with tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as scratch:
        wav = f"{scratch}/piece.wav"
        ffmpeg("-f", "lavfi", "-i", noise, "-ac", "2", *ENCODERS["wav"], wav)
        again = ("-stream_loop", str(times - 1))
        for name, path in paths.items():
            if name not in {"mp3", "m4a"}:
                ffmpeg(*again, "-i", wav, *ENCODERS[name], str(path))
            else:
                piece = f"{scratch}/piece.{name}"
                ffmpeg("-i", wav, *ENCODERS[name], piece)
                ffmpeg(*again, "-i", piece, "-c", "copy", str(path))
    return paths
