"""What disguises itself as sound finds nothing that would read it: on both versions, even behind our look.

Our look at the bytes refuses all of these before FFmpeg starts. Here FFmpeg is handed them all the same,
as each kind that a look could ever be fooled into, and must neither read a neighbour nor call out.
"""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from jupyter_nodeapi.audio import ffmpeg
from jupyter_nodeapi.audio.child import Limits, borrowed, run
from jupyter_nodeapi.audio.kinds import KINDS
from jupyter_nodeapi.audio.sniff import sniff
from jupyter_nodeapi.errors import UnsupportedMedia

pytestmark = pytest.mark.slow

LIMITS = Limits(20, 1 << 24)
KINDS_TRIED = ("mp3", "wav", "mp4", "ogg")


@pytest.fixture
def listener():
    """A loopback port that counts who connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        hits: list[object] = []

        def accept() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                hits.append(address)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], hits
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def payloads(secret, port: int) -> dict[str, str]:
    return {
        "hls of a file": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n",
        "hls of a url": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.ts\n",
        "ffconcat": f"ffconcat version 1.0\nfile {secret.name}\n",
        "ffconcat of a path": f"ffconcat version 1.0\nfile {secret}\n",
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
        "dash": f"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>",
        "ffmetadata": ";FFMETADATA1\ntitle=x\n",
        "rtsp": f"rtsp://127.0.0.1:{port}/x\n",
    }


@pytest.mark.parametrize("name", payloads(Path("secret.mp3"), 0))
def test_a_script_as_sound_reads_no_neighbour_and_calls_nobody(sounds, tmp_path, program, listener, name):
    port, hits = listener
    secret = tmp_path / "secret.mp3"
    secret.write_bytes((sounds / "sound.mp3").read_bytes())
    path = tmp_path / "song.mp3"
    path.write_text(payloads(secret, port)[name])
    fd = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(UnsupportedMedia):
            sniff(fd)
        for kind in KINDS_TRIED:
            result = tmp_path / "result.wav"
            with borrowed(fd) as (number, lent):
                command = [
                    *ffmpeg.opening(program, KINDS[kind], lent),
                    *ffmpeg.output(KINDS[kind], str(result), "wav", ["-t", "1"], 1 << 24),
                ]
                ended = run(command, LIMITS, lambda: False, fds=[number])
            assert ended.code != 0 or not result.exists() or result.stat().st_size < 200, kind
    finally:
        os.close(fd)
    assert not hits


@pytest.mark.parametrize("name", ["http://127.0.0.1:{}/a.mp3", "concat:a|b", "data:audio/mp3;base64,AAAA"])
def test_a_url_as_the_input_is_refused_by_ffmpeg_too(tmp_path, program, listener, name):
    port, hits = listener
    command = ffmpeg.opening(program, KINDS["mp3"], name.format(port))
    assert run([*command, "-f", "null", "-"], LIMITS, lambda: False).code != 0
    assert not hits
