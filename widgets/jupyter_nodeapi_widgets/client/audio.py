"""``api.audio``: what a sound is, how it looks, and cutting it."""

from __future__ import annotations

from typing import Any

from jupyter_nodeapi_widgets.client.noun import Noun
from jupyter_nodeapi_widgets.client.progress import Progress
from jupyter_nodeapi_widgets.client.results import AudioInfo, OnServer, Peaks, Trim, made, place

__all__ = ["Audio"]

Time = float | str
_TRIM_SECONDS = 900.0


class Audio(Noun):
    """Sounds that were uploaded or made."""

    def info(self, file: OnServer) -> AudioInfo:
        """Say what a sound is: format, duration, rate, channels, tags."""
        return self._one(AudioInfo, "GET", "/api/audio/info", params=_file(file))

    def peaks(self, file: OnServer, bins: int = 1000, *, start: Time = 0, end: Time | None = None) -> Peaks:
        """Draw a sound: lowest and highest sample of each of `bins` columns.

        Parameters
        ----------
        file : str, Uploaded or Trim
            Which sound.
        bins : int
            1 to 20,000.
        start, end : float or str
            Seconds or ``[[HH:]MM:]SS[.mmm]``; `end` None is the end of the file.
        """
        params = {**_file(file), "bins": bins, "start": start, "end": end}
        return self._one(Peaks, "GET", "/api/audio/peaks", params=params)

    def preview(self, file: OnServer, start: Time = 0, end: Time | None = None) -> bytes:
        """Give exactly what a trim would save, as the bytes of a wav file."""
        params = {**_file(file), "start": start, "end": end}
        return self._api.request("GET", "/api/audio/preview", params=params, timeout=_TRIM_SECONDS).body

    def trim(self, file: OnServer, start: Time = 0, end: Time | None = None, **options: Any) -> Trim:
        """Cut a sound to the sample and wait for the result.

        Parameters
        ----------
        file : str, Uploaded or Trim
            Which sound.
        start, end : float or str
            Seconds or ``[[HH:]MM:]SS[.mmm]``, half-open; `end` None is the end of the file.
        **options
            As the API names them: ``format``, ``mode``, ``bitrate``, ``sampleRate``, ``channels``,
            ``fadeIn``, ``fadeOut``, ``normalize``, ``sessionId``.

        Raises
        ------
        ApiError
            ``invalid_range``, ``out_of_range``, ``unsupported_media`` ...
        """
        body = {**_file(file), "start": start, "end": end, **options}
        return self._one(Trim, "POST", "/api/audio/trim", json=body, timeout=_TRIM_SECONDS)

    def start_trim(self, file: OnServer, start: Time = 0, end: Time | None = None, **options: Any) -> str:
        """Begin to cut a sound in the background and give the job's id; arguments as for :meth:`trim`."""
        body = {**_file(file), "start": start, "end": end, **options, "background": True}
        return str(self._ask("POST", "/api/audio/trim", json=body)["job_id"])

    def finish_trim(self, job_id: str, *, timeout: float | None = None, progress: Progress = True) -> Trim:
        """Wait for a cut that goes on in the background.

        Raises
        ------
        JobFailed
            It could not be made.
        """
        job = self._api.jobs.wait(job_id, timeout=timeout, progress=progress)
        return made(Trim, job.result or {})


def _file(file: OnServer) -> dict[str, Any]:
    return {"filePath": place(file)}
