"""What the server says, as small frozen values.

Sizes are bytes, times are seconds; fields that a value does not know are left out.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = [
    "AudioInfo",
    "FileItem",
    "Job",
    "Model",
    "ModelFile",
    "OnServer",
    "Orphan",
    "Peaks",
    "Plan",
    "Saved",
    "Trim",
    "UploadStatus",
    "Uploaded",
    "Version",
    "made",
    "place",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Model:
    """One model that the registries know."""

    id: str
    name: str
    category: str
    installed: bool
    source: dict[str, Any]
    size: int | None = None
    license: str = ""
    description: str = ""
    homepage: str = ""
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    verified: bool | None = None
    problem: str | None = None


@dataclass(frozen=True)
class ModelFile:
    """One model file of a category; `path` is relative to the server's folder of models."""

    name: str
    path: str


@dataclass(frozen=True)
class Orphan:
    """A file of no known model; `model_id` is the one that once put it there."""

    path: str
    size: int
    modified: float
    model_id: str | None = None


@dataclass(frozen=True)
class Plan:
    """What installing a model would take."""

    id: str
    installed: bool
    gated: bool
    license: str
    total_bytes: int | None
    download_bytes: int | None
    free_bytes: int
    enough_space: bool | None
    revision: str | None = None
    files: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Job:
    """How far a job is; `status` is ``running``, ``completed`` or ``error``, `state` is finer."""

    job_id: str
    status: str
    progress: int
    message: str
    state: str = ""
    kind: str = ""
    stage: str | None = None
    code: str | None = None
    hint: str | None = None
    bytes: int = 0
    total_bytes: int | None = None
    speed_bps: int = 0
    eta_s: float | None = None
    model_id: str | None = None
    result: dict[str, Any] | None = None
    created_at: float | None = None
    finished_at: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing will happen to it any more by itself."""
        return self.status == "completed" or self.state in {"error", "cancelled"}


@dataclass(frozen=True)
class FileItem:
    """One file or folder of a listing; a folder has no size."""

    name: str
    path: str
    type: str
    size: int | None
    modified: float


@dataclass(frozen=True)
class Saved:
    """A file as it is now."""

    path: str
    size: int
    etag: str


@dataclass(frozen=True)
class Version:
    """An earlier state of a file; `replaced` is when it stopped being the current one."""

    version: str
    size: int
    modified: float
    replaced: float
    etag: str


@dataclass(frozen=True)
class Uploaded:
    """A file that arrived; `file_path` is what every other route takes."""

    file_path: str
    name: str
    size: int


@dataclass(frozen=True)
class UploadStatus:
    """How far an upload is; ranges of chunks are inclusive."""

    completed: bool
    total_chunks: int
    received: tuple[tuple[int, int], ...]
    missing: tuple[tuple[int, int], ...]
    size: int
    chunk_size: int | None = None
    total_size: int | None = None
    file_path: str | None = None
    expires_at: int | None = None


@dataclass(frozen=True)
class Trim:
    """A finished cut; `exact`, `lossless` and `clamped` tell what was done, truly."""

    file_path: str
    duration: float
    start: float
    end: float
    sample_rate: int
    channels: int
    format: str
    size: int
    method: str = ""
    exact: bool = False
    lossless: bool = False
    clamped: bool = False
    source_duration: float | None = None


@dataclass(frozen=True)
class AudioInfo:
    """What a sound is."""

    file_path: str
    format: str
    codec: str
    duration: float | None
    sample_rate: int
    channels: int
    size: int
    duration_exact: bool = False
    frames: int | None = None
    bit_depth: int | None = None
    bitrate: int | None = None
    lossless: bool = False
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Peaks:
    """Lowest and highest sample of each column, in [-1, 1]; `quality` is ``exact`` or ``preview``."""

    sample_rate: int
    start: float
    end: float
    bins: int
    quality: str
    min: tuple[float, ...]
    max: tuple[float, ...]


OnServer = str | Uploaded | Trim


def place(file: OnServer) -> str:
    """Give the path of a file on the server, which may be an upload or a cut.

    Parameters
    ----------
    file : str, Uploaded or Trim
        Which.
    """
    return file if isinstance(file, str) else file.file_path


def made(kind: type[T], told: Mapping[str, Any]) -> T:
    """Make a value of what the server told, under the names of the wire.

    Parameters
    ----------
    kind : type
        One of this module's.
    told : mapping
        A JSON object; what `kind` does not know is left out.
    """
    known = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # only ours come here
        for name in (field.name, _camel(field.name)):
            if name in told:
                known[field.name] = _frozen(told[name])
    return kind(**known)


def _camel(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
