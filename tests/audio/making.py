"""Small sounds made on the spot, and a full decode to compare with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

RATE = 44100
SECONDS = 4.0

# AAC without noise substitution: with it, two decodes of one file differ.
ENCODERS = {
    "sound.mp3": ["-c:a", "libmp3lame", "-b:a", "160k"],
    "vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "4"],
    "bare.mp3": ["-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0"],
    "sound.m4a": ["-c:a", "aac", "-aac_pns", "0", "-b:a", "128k"],
    "alac.m4a": ["-c:a", "alac"],
    "sound.aac": ["-c:a", "aac", "-aac_pns", "0", "-b:a", "128k"],
    "sound.ogg": ["-c:a", "libvorbis", "-q:a", "5"],
    "sound.opus": ["-c:a", "libopus", "-b:a", "128k"],
    "sound.webm": ["-c:a", "libopus", "-b:a", "128k"],
    "sound.mka": ["-c:a", "flac"],
    "sound.wma": ["-c:a", "wmav2"],
    "sound.ac3": ["-c:a", "ac3"],
    "adpcm.wav": ["-c:a", "adpcm_ms"],
    "sound.w64": ["-c:a", "pcm_s16le"],
    "sound.aiff": ["-c:a", "pcm_s16be"],
    "sound.au": ["-c:a", "pcm_s16be"],
    "sound.caf": ["-c:a", "pcm_s24le"],
    "rf64.wav": ["-c:a", "pcm_s16le", "-rf64", "always"],
}


def signal(seconds: float = SECONDS, rate: int = RATE, channels: int = 2) -> np.ndarray:
    """Tremolo noise: (frames, channels) float64 in [-1, 1], the same at every call."""
    frames = round(seconds * rate)
    noise = np.random.default_rng(7).standard_normal((frames, channels)) * 0.2
    smooth = np.apply_along_axis(lambda one: np.convolve(one, np.ones(5) / 5, mode="same"), 0, noise)
    wave = np.sin(2 * np.pi * 3 * np.arange(frames) / rate)[:, None]
    return np.clip(smooth * (0.6 + 0.4 * wave), -1, 1)


def ffmpeg(*arguments: str) -> None:
    """Run Debian's FFmpeg and expect success."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=60)


def decode(path: Path, program: str = "ffmpeg") -> np.ndarray:
    """Decode a whole file with FFmpeg: (frames, channels) int32 of 16 bits."""
    with_rate = subprocess.run(
        [program, "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0", "-f", "wav", "-"],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    channels = int.from_bytes(with_rate[22:24], "little")
    data = with_rate[with_rate.index(b"data") + 8 :]
    return np.frombuffer(data, "<i2").reshape(-1, channels).astype(np.int32)
