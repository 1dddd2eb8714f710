"""See a sound, choose a part of it to the sample, hear exactly what is saved, save it.

::

    file_path, source           ---> page     which sound
    start, end                  <--> page     seconds, half-open; end None is the end of the sound
    format, fade_in, fade_out,
    loudness                    <--> page     how it is saved
    value, result               <--- page     the file that was saved, and what the server says of it
    _job                        <--- page     the cut that is being made; a reloaded page goes on with it

    trim()   cuts from the kernel; wait() asks the server for the cut that the page makes
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

import traitlets

from jupyter_nodeapi_widgets._base import ApiWidget, static
from jupyter_nodeapi_widgets.client.errors import JobFailed
from jupyter_nodeapi_widgets.client.results import Trim, made
from jupyter_nodeapi_widgets.uploader import Uploader

__all__ = ["AudioTrimmer"]

POLL_SECONDS = 0.5
_FAILED = {"error", "cancelled"}

Json: TypeAlias = dict[str, Any]


class AudioTrimmer(ApiWidget):
    """A waveform with a region, a player of what will be saved, and the button that saves it.

    Parameters
    ----------
    file_path : str, optional
        The sound, ``/temp/...``; without it one can be dropped.
    start, end : float
        Seconds, half-open; `end` None is the end of the sound.
    source : Uploader, optional
        The newest file that it brings is shown.
    format : str
        ``same``, ``wav``, ``flac``, ``mp3``, ``m4a``, ``ogg`` or ``opus``.
    fade_in, fade_out : float
        Seconds.
    loudness : float or str, optional
        A target in LUFS, or ``peak``; None leaves it as it is.
    api : NodeApi, optional
        The server; found by itself when not given.

    Attributes
    ----------
    value : str
        The path of the cut that was saved last; empty before.
    result : dict
        What the server says of it: ``filePath``, ``duration``, ``method``, ``exact``, ``lossless`` ...
    """

    _esm, _css = static("audio_trimmer")

    file_path = traitlets.Unicode("", help="Which sound.").tag(sync=True)
    start = traitlets.Float(0.0, help="Seconds.").tag(sync=True)
    end = traitlets.Float(None, allow_none=True, help="Seconds; None is the end.").tag(sync=True)
    format = traitlets.Enum(
        ["same", "wav", "flac", "mp3", "m4a", "ogg", "opus"], "same", help="What is written."
    ).tag(sync=True)
    fade_in = traitlets.Float(0.0, help="Seconds.").tag(sync=True)
    fade_out = traitlets.Float(0.0, help="Seconds.").tag(sync=True)
    loudness = traitlets.Any(None, help="LUFS, or 'peak'.").tag(sync=True)
    value = traitlets.Unicode("", help="The path of the cut.").tag(sync=True)
    result: traitlets.Dict[str, Any] = traitlets.Dict(help="What the server says of it.").tag(sync=True)
    source = traitlets.Instance(Uploader, allow_none=True, help="Whose newest file is shown.")
    _job = traitlets.Unicode("", help="The cut that is being made.").tag(sync=True)
    _brought = traitlets.Int(0, help="Changes with each sound, also where one takes another's name.").tag(
        sync=True
    )
    _node = traitlets.Unicode(help="Names what is dropped here.").tag(sync=True)

    def __init__(
        self,
        file_path: str | None = None,
        start: float = 0.0,
        end: float | None = None,
        *,
        source: Uploader | None = None,
        **traits: Any,
    ) -> None:
        self._newest: list[Json] = []
        super().__init__(
            file_path=file_path or "", start=start, end=end, _node=uuid.uuid4().hex[:8], **traits
        )
        self.source = source

    def trim(self, **options: Any) -> str:
        """Cut from the kernel what is chosen, wait for it, and give the path of the result.

        Parameters
        ----------
        **options
            Beside what the traits say: ``mode``, ``bitrate``, ``sampleRate``, ``channels`` ...

        Raises
        ------
        ApiError
            ``invalid_range``, ``out_of_range``, ``unsupported_media`` ...
        """
        cut = self.api.audio.trim(self.file_path, self.start, self.end, **{**self._options(), **options})
        self._take(cut)
        return self.value

    async def wait(self, timeout: float | None = None) -> str:
        """Wait until the page has saved a cut, and give its path; at once when one is there already.

        The kernel asks the server, so this works in a cell too, while the page's messages have to wait.

        Parameters
        ----------
        timeout : float, optional
            Seconds after which to give up.

        Raises
        ------
        TimeoutError
            Nothing was saved in time.
        JobFailed
            The cut could not be made.
        """
        if not self.value:
            since = time.time()
            job = await self.until(lambda: self._ended(since), every=POLL_SECONDS, timeout=timeout)
            if job["state"] in _FAILED:
                raise JobFailed(job.get("message") or "The cut was cancelled.", code=job.get("code") or "")
            self._take(made(Trim, job["result"]))
        return self.value

    def _ended(self, since: float) -> Json | None:
        """Give the newest ended cut of this widget's sound that is not older than the question."""
        rows: list[Json] = self.api.request("GET", "/api/downloads", params={"kind": "trim"}).json()
        for row in rows:
            mine = row["job_id"] == self._job if self._job else self._is_ours(row["subject"])
            fresh = self._job or row.get("created_at", since) >= since
            if mine and fresh:
                status = self.api.request("GET", f"/api/downloads/status/{row['job_id']}").json()
                return status if status["state"] in _FAILED | {"completed"} else None
        return None

    def _is_ours(self, subject: str) -> bool:
        return subject == self.file_path or subject.split("/")[4:5] == [f"AudioTrimmer_{self._node}"]

    def _options(self) -> Json:
        loudness = self.loudness
        normalize = loudness if loudness == "peak" else {"lufs": float(loudness)} if loudness else None
        wished = {
            "format": None if self.format == "same" else self.format,
            "fadeIn": self.fade_in,
            "fadeOut": self.fade_out,
            "normalize": normalize,
        }
        return {name: value for name, value in wished.items() if value}

    def _take(self, cut: Trim) -> None:
        told = asdict(cut)
        self.result = {_camel(name): value for name, value in told.items()}
        self.value = cut.file_path

    @traitlets.observe("source")
    def _followed(self, change: Any) -> None:
        if isinstance(change["old"], Uploader):
            change["old"].unobserve(self._came, "value")
        if change["new"] is not None:
            change["new"].observe(self._came, "value")
            self._came({"new": change["new"].value})

    def _came(self, change: Mapping[str, Any]) -> None:
        newest = change["new"][-1:]
        if newest and newest != self._newest:
            self._newest = newest
            self.set_trait("start", 0.0)
            self.set_trait("end", None)
            self.set_trait("file_path", newest[0]["filePath"])
            self.set_trait("_brought", self._brought + 1)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)
