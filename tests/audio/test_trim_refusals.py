"""What a trim refuses, and what it says: on both versions of FFmpeg, never with a path of the server."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from jupyter_nodeapi.errors import FFmpegMissing, NodeApiError, NotFound, TimedOut, TooLarge, UnsupportedMedia
from jupyter_nodeapi.jobs.engines import Stopped

pytestmark = pytest.mark.slow


def refusal(trimmer, *arguments, **options) -> NodeApiError:
    with pytest.raises(NodeApiError) as caught:
        trimmer(*arguments, **options)
    assert (
        str(trimmer.folder.parent) not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"
    )
    assert not list(trimmer.folder.iterdir())
    return caught.value


@pytest.mark.parametrize(
    "name", ["sound.mp3", "bare.mp3", "sound.m4a", "sound.aac", "sound.ogg", "sound.opus"]
)
@pytest.mark.parametrize("start", [4.2, 100.0])
def test_a_start_past_the_end_tells_the_duration(sounds, trimmer, program, name, start):
    error = refusal(trimmer, sounds / name, start, start + 1, ffmpeg=program)
    assert (error.status, error.code) == (422, "out_of_range")
    assert error.details["duration"] == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("name", ["sound.webm", "sound.opus", "sound.mp3"])
def test_a_flac_of_nothing_is_no_result(sounds, trimmer, program, name):
    """Its head then says that the number of samples is not known."""
    error = refusal(trimmer, sounds / name, 10, 12, ffmpeg=program, format="flac")
    assert (error.status, error.code) == (422, "out_of_range")


@pytest.mark.parametrize("name", ["sound.mp3", "sound.m4a", "sound.ogg", "sound.opus"])
def test_an_end_past_the_end_is_clamped(sounds, trimmer, program, name):
    reply = trimmer(sounds / name, 3.5, 60.0, ffmpeg=program)
    assert reply["clamped"]
    assert reply["end"] == pytest.approx(4.0, abs=0.1)
    assert reply["sourceDuration"] == reply["end"]


@pytest.mark.parametrize("name", ["silent.mp4", "silent.webm"])
def test_a_film_without_sound_has_no_audio_stream(film, trimmer, program, name):
    error = refusal(trimmer, film / name, 0, 1, ffmpeg=program)
    assert (error.status, error.code) == (422, "no_audio_stream")


def test_an_mp4_without_its_index_is_corrupt(sounds, tmp_path, trimmer, program):
    path = tmp_path / "cut.m4a"
    path.write_bytes((sounds / "sound.m4a").read_bytes()[:20_000])
    error = refusal(trimmer, path, 0, 1, ffmpeg=program)
    assert (error.status, error.code) == (422, "corrupt_file")


@pytest.mark.parametrize("name", ["sound.flac", "sound.ogg", "sound.webm", "sound.wav", "sound.caf"])
def test_a_head_without_a_body_is_corrupt_or_out_of_range(sounds, tmp_path, trimmer, program, name):
    path = tmp_path / name
    path.write_bytes((sounds / name).read_bytes()[:40])
    assert refusal(trimmer, path, 0, 1, ffmpeg=program).status == 422


@pytest.mark.parametrize(
    "name", ["sound.mp3", "sound.ogg", "sound.flac", "sound.wav", "sound.aac", "sound.opus"]
)
def test_a_sound_cut_short_gives_what_is_there(sounds, tmp_path, trimmer, program, name):
    data = (sounds / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: len(data) // 2])
    reply = trimmer(path, 0.5, 3.9, ffmpeg=program)
    assert reply["clamped"]
    assert 0.4 < reply["duration"] < 2


def test_a_playlist_in_the_work_itself_never_reaches_ffmpeg(tmp_path, trimmer):
    path = tmp_path / "song.mp3"
    path.write_text("ffconcat version 1.0\nfile other.wav\n")
    with pytest.raises(UnsupportedMedia):
        trimmer(path, 0, 1, ffmpeg="/nonexistent/ffmpeg")


def test_without_ffmpeg_wav_and_flac_still_work(sounds, trimmer, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("jupyter_nodeapi.audio.locate._in_wheel", lambda: None)
    for name in ("sound.wav", "sound.flac", "sound.aiff"):
        assert trimmer(sounds / name, 1, 2)["exact"]
    with pytest.raises(FFmpegMissing) as caught:
        trimmer(sounds / "sound.mp3", 1, 2)
    assert "pip install" in caught.value.hint


def test_a_configured_ffmpeg_that_is_none_is_said_to_be_none(sounds, trimmer):
    error = refusal(trimmer, sounds / "sound.mp3", 1, 2, ffmpeg="/nonexistent/ffmpeg")
    assert (error.status, error.code) == (501, "ffmpeg_missing")


def test_a_clip_longer_than_allowed_is_refused(sounds, trimmer):
    with pytest.raises(TooLarge) as caught:
        trimmer(sounds / "sound.wav", 0, 3, max_clip_seconds=2)
    assert caught.value.code == "clip_too_long"
    assert trimmer(sounds / "sound.wav", 0, 2, max_clip_seconds=2)["duration"] == 2


def test_a_clip_to_an_end_that_nobody_counted_is_held_to_the_limit_too(sounds, trimmer):
    error = refusal(
        trimmer, sounds / "sound.webm", 1.0, None, max_clip_seconds=2, format="wav", sample_rate=8000
    )
    assert (error.status, error.code, error.details["limit"]) == (413, "clip_too_long", 2)
    reply = trimmer(sounds / "sound.webm", 2.5, None, max_clip_seconds=2)
    assert (reply["clamped"], reply["exact"]) == (False, True)
    assert reply["sourceDuration"] == reply["end"] == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("name", ["sound.mp3", "sound.flac", "sound.m4a"])
def test_copy_never_encodes_again(sounds, trimmer, name):
    assert refusal(trimmer, sounds / name, 1, 2, mode="copy").status == 415


def test_copy_of_pcm_is_a_slice(sounds, trimmer):
    for name in ("sound.wav", "sound.aiff", "sound.w64"):
        assert trimmer(sounds / name, 1, 2, mode="copy")["method"] == "slice"


def test_no_fifo_device_folder_or_link_is_opened(sounds, tmp_path, trimmer):
    fifo, link = tmp_path / "fifo.wav", tmp_path / "link.wav"
    os.mkfifo(fifo)
    link.symlink_to(sounds / "sound.wav")
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    for path in (fifo, link, tmp_path, tmp_path / "absent.wav"):
        with pytest.raises(NotFound):
            trimmer(path, 0, 1)


def fake(tmp_path, script: str) -> str:
    """A program in FFmpeg's place; it describes its input as FFmpeg would."""
    path = tmp_path / "ffmpeg"
    banner = "Input #0, mp3, from x\\n  Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 160 kb/s"
    path.write_text(
        f"#!/bin/sh\ncase \"$*\" in *progress*) {script};; *) printf '{banner}\\n' >&2; exit 1;; esac\n"
    )
    path.chmod(0o755)
    return str(path)


def test_an_ffmpeg_that_hangs_is_a_timeout(sounds, tmp_path, trimmer):
    program = fake(tmp_path, "trap '' TERM; sleep 600")
    with pytest.raises(TimedOut):
        trimmer(sounds / "sound.mp3", 1, 2, ffmpeg=program, timeout_seconds=1.0)
    assert not list(trimmer.folder.iterdir())


def test_an_ffmpeg_that_succeeds_without_a_result_is_a_corrupt_file(sounds, tmp_path, trimmer):
    error = refusal(trimmer, sounds / "sound.mp3", 1, 2, ffmpeg=fake(tmp_path, "exit 0"))
    assert (error.status, error.code) == (422, "corrupt_file")


def test_a_full_disk_is_said_to_be_full(sounds, tmp_path, trimmer):
    program = fake(tmp_path, "echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1")
    assert refusal(trimmer, sounds / "sound.mp3", 1, 2, ffmpeg=program).status == 507


def test_a_stopped_trim_leaves_nothing(sounds, tmp_path, trimmer):
    program = fake(tmp_path, "sleep 600")
    asked = iter([False] * 4)
    with pytest.raises(Stopped):
        trimmer(sounds / "sound.mp3", 1, 2, ffmpeg=program, stopped=lambda: next(asked, True))
    with pytest.raises(Stopped):
        trimmer(sounds / "sound.wav", 1, 2, stopped=lambda: True)
    with pytest.raises(Stopped):
        trimmer(sounds / "sound.flac", 1, 2, stopped=lambda: True)
    assert not list(trimmer.folder.iterdir())


def test_a_source_replaced_meanwhile_is_cut_as_it_was_looked_at(sounds, tmp_path, trimmer):
    path = tmp_path / "song.mp3"
    path.write_bytes((sounds / "sound.mp3").read_bytes())
    program = fake(tmp_path, 'exec /usr/bin/ffmpeg "$@"')
    swapped = threading.Event()

    def swap() -> bool:
        if not swapped.is_set():
            path.unlink()
            path.write_text("#EXTM3U\n/etc/passwd\n")
            swapped.set()
        return False

    assert trimmer(path, 1, 2, ffmpeg=program, stopped=swap)["duration"] == 1
    assert swapped.is_set()


@pytest.mark.parametrize("name", ["sound.wav", "sound.flac", "sound.mp3"])
def test_a_result_that_would_use_up_the_reserve_is_not_kept(sounds, trimmer, name):
    error = refusal(trimmer, sounds / name, 1, 2, reserve_bytes=1 << 60)
    assert (error.status, error.code) == (507, "insufficient_storage")
