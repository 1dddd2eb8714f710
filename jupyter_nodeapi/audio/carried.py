"""What goes along with the samples: tags and the cover, where the format of the result has a place for them.

::

    mp3, m4a, flac    the picture as a second input, copied      -c:v copy -disposition:v:0 attached_pic
    ogg, opus         the picture as FLAC's block in base64, the comment METADATA_BLOCK_PICTURE
    wav               no place

FFmpeg gets the very bytes of the picture, looked at by us, under the one demuxer that fits them.
"""

from __future__ import annotations

import base64
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_nodeapi.audio import ffmpeg
from jupyter_nodeapi.audio.child import borrowed
from jupyter_nodeapi.audio.formats import Format
from jupyter_nodeapi.audio.headers import covers

__all__ = ["Along", "along"]

_DEMUXERS = {"image/jpeg": "jpeg_pipe", "image/png": "png_pipe"}
_PICTURE = ("-map", "1:v:0", "-c:v", "copy", "-disposition:v:0", "attached_pic")
_FRONT = ("-metadata:s:v:0", "comment=Cover (front)")


@dataclass(frozen=True, slots=True)
class Along:
    """Arguments for FFmpeg: a second input, what becomes of it, and the descriptors that it inherits."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    fds: tuple[int, ...] = ()


@contextlib.contextmanager
def along(cover: covers.Cover | None, form: Format) -> Iterator[Along]:
    """Lend a cover to FFmpeg, as its format takes one.

    Parameters
    ----------
    cover : Cover or None
        Of the source.
    form : Format
        What is written.
    """
    if cover is None or form.name == "wav":
        yield Along()
        return
    comment = form.muxer == "ogg"
    data = _comment(cover) if comment else cover.data
    demuxer = "ffmetadata" if comment else _DEMUXERS[cover.mime]
    outputs = ("-map_metadata:s:a:0", "1:g") if comment else (*_PICTURE, *_FRONT)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        with borrowed(file.fileno()) as (number, name):
            yield Along(tuple(ffmpeg.guarded(demuxer, name)), outputs, (number,))


def _comment(cover: covers.Cover) -> bytes:
    """Give the block as FFmpeg's own text form of tags, in which only ``=`` of base64 is special."""
    return b";FFMETADATA1\nMETADATA_BLOCK_PICTURE=%s\n" % base64.b64encode(cover.block()).replace(
        b"=", b"\\="
    )
