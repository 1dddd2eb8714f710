"""Fifteen seconds from the end of a long sound, and its waveform, against bare FFmpeg, HTTP included.

Claims: wav at least ten times faster than ``ffmpeg -c copy``; flac at most half of a bare two-stage FFmpeg,
the other formats at most 1.2 of it; a first picture within 1.5 s in any format.

Run: ``python benchmarks/audio.py [--hours H] [--rounds N]``; exits with 1 when a claim does not hold.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from _server import Claim, judge, running_server, table

FORMATS = {
    "wav": ["-c:a", "pcm_s16le"],
    "flac": ["-c:a", "flac"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "192k"],
    "m4a": ["-c:a", "aac", "-b:a", "192k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "5"],
    "opus": ["-c:a", "libopus", "-b:a", "160k"],
}
CLIP = 15.25


def ffmpeg(*arguments: str) -> None:
    """Run FFmpeg to its end."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """Give the median of several rounds, after one that warms the caches."""
    taken = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])


def make(folder: Path, hours: float) -> dict[str, Path]:
    """Make tremolo noise once and encode it in every format."""
    noise = f"anoisesrc=d={hours * 3600}:a=0.3:seed=7:r=44100:c=pink,tremolo=f=0.5:d=0.6"
    paths = {name: folder / f"long.{name}" for name in FORMATS}
    ffmpeg("-f", "lavfi", "-i", noise, "-ac", "2", *FORMATS["wav"], str(paths["wav"]))
    for name, encoder in FORMATS.items():
        if name != "wav":
            ffmpeg("-i", str(paths["wav"]), *encoder, str(paths[name]))
    return paths


def main(hours: float, rounds: int) -> int:
    """Measure and judge."""
    claims, rows = [], []
    start = hours * 3600 - 60.123
    with running_server() as server, tempfile.TemporaryDirectory() as scratch:
        folder = server.data_dir / "temp" / "uploads" / "bench" / "Audio_1"
        folder.mkdir(parents=True)
        client = server.client

        def ask(method: str, route: str, **more: object) -> None:
            reply = client.request(method, route, **more)
            if reply.status != 200:
                raise SystemExit(f"{method} {route} answered {reply.status}: {reply.body!r}")

        for name, path in make(folder, hours).items():
            shown = f"/temp/uploads/bench/Audio_1/{path.name}"
            body = {"filePath": shown, "start": start, "end": start + CLIP, "sessionId": "bench"}
            picture = f"/api/audio/peaks?filePath={shown}&bins=1000"
            begun = time.perf_counter()
            ask("GET", picture)
            first = time.perf_counter() - begun
            ours = milliseconds(partial(ask, "POST", "/api/audio/trim", json=body), rounds)
            out, clip = f"{scratch}/out.{name}", ("-t", f"{CLIP}")
            seek = ("-ss", f"{start}", "-i", str(path))
            near = ("-ss", f"{start - 1}", "-i", str(path), "-ss", "1")
            copy = milliseconds(partial(ffmpeg, *seek, *clip, "-c", "copy", out), rounds)
            two = milliseconds(partial(ffmpeg, *near, *clip, *FORMATS[name], out), rounds)
            rows.append([name, *(f"{value:.1f}" for value in (ours, copy, two, first * 1000))])
            claims.append(Claim(f"first picture of {name}, s", first, most=1.5))
            if name == "wav":
                claims.append(Claim("wav: copy / ours", copy / ours, least=10))
            else:
                claims.append(
                    Claim(f"{name}: ours / two-stage", ours / two, most=0.5 if name == "flac" else 1.2)
                )
    print(f"{CLIP} s, a minute before the end of {hours:g} h; milliseconds, median of {rounds}\n")
    table(["format", "ours over HTTP", "ffmpeg -c copy (inexact)", "ffmpeg two-stage", "first picture"], rows)
    return judge(claims)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    sys.exit(main(chosen.hours, chosen.rounds))
