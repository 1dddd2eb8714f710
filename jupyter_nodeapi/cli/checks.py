"""What the doctor looks at: one function a topic, each gives its findings and changes nothing.

A finding is ``ok`` (or plain information), a ``warning`` (something is missing that some will
need) or a ``problem`` (something the API promises will fail). All but ``ok`` say what to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Literal, NamedTuple

from traitlets.config import Config

from jupyter_nodeapi import __version__
from jupyter_nodeapi.cli.kernels import anywidget_findings
from jupyter_nodeapi.cli.settings import enabled_in
from jupyter_nodeapi.disk.space import Space
from jupyter_nodeapi.errors import FFmpegMissing, InsufficientStorage

if TYPE_CHECKING:
    from jupyter_nodeapi.app import NodeApiApp

__all__ = ["CHECKS", "Finding"]

_SHOWN = ("jupyter_server", "tornado", "msgspec", "huggingface_hub", "soundfile", "numpy", "urllib3")
_LEAST = {"jupyter_server": (2, 18), "tornado": (6, 5, 5), "huggingface_hub": (1, 0)}
_ENABLE = "jupyter server extension enable jupyter_nodeapi"
_ROOM_TO_WORK = 1 << 30  # bytes below which a warning is due


class Finding(NamedTuple):
    """One thing that was looked at."""

    topic: str
    level: Literal["ok", "warning", "problem"]
    message: str
    hint: str | None = None


def versions(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say which versions are installed, and which are too old or missing."""
    fine = [f"jupyter_nodeapi {__version__}", f"Python {sys.version.split()[0]}"]
    for name in _SHOWN:
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding("versions", "problem", f"{name} is not installed", f"pip install {name}")
            continue
        least = _LEAST.get(name)
        if least and _numbers(found) < least:
            wanted = f"pip install '{name}>={'.'.join(map(str, least))}'"
            yield Finding("versions", "problem", f"{name} {found} is too old", wanted)
        else:
            fine.append(f"{name} {found}")
    yield Finding("versions", "ok", ", ".join(fine))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())


def extension(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say whether a server started here would load the extension."""
    state = enabled_in(config)
    if state:
        yield Finding("extension", "ok", "enabled: a server started here loads it")
    elif state is None:
        yield Finding("extension", "problem", "no configuration file enables the extension", _ENABLE)
    else:
        yield Finding("extension", "problem", "a configuration file disables the extension", _ENABLE)


def folders(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say where things live and whether this user may write there."""
    for trait in ("data_dir", "models_dir", "libs_dir", "temp_dir"):
        path = Path(getattr(app, trait))
        place = _nearest(path)
        state = "" if place == path else ", made when first needed"
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
            yield Finding("folders", "ok", f"{trait}: {path}{state}")
        elif trait == "models_dir" and place == path and os.access(place, os.R_OK | os.X_OK):
            hint = "Right for a shared store; else give this user write access or set NodeApiApp.models_dir."
            yield Finding(
                "folders", "warning", f"{trait}: {path} is read-only: nothing can be installed", hint
            )
        else:
            hint = f"Give this user write access to {place}, or set NodeApiApp.{trait} to another folder."
            yield Finding("folders", "problem", f"{trait}: {path} cannot be written", hint)


def sharing(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say what will keep some users of a shared models_dir from installing, and the command against it."""
    for message, fix in app.models.collection.advice():
        yield Finding(
            "sharing", "warning", f"models_dir is shared, and {message}", f"sudo sh -c {quote(fix)}"
        )


def _nearest(path: Path) -> Path:
    """Give the path itself or its nearest parent that exists."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    return path


def disk(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say how much space is free where large things land, and whether the reserve leaves any."""
    space = Space(app.disk_reserve_bytes)
    for trait in ("models_dir", "temp_dir"):
        path = _nearest(Path(getattr(app, trait)))
        free = f"{trait}: {space.free(path) / 1e9:.1f} GB free"
        hint = (
            f"Free some space on the disk of {path}, or set NodeApiApp.{trait} to a folder on another disk."
        )
        try:
            space.require(path, 1)
            space.require(path, _ROOM_TO_WORK)
        except InsufficientStorage as error:
            level: Literal["warning", "problem"] = "warning" if error.details["available"] else "problem"
            yield Finding(
                "disk", level, f"{free}, {error.details['available'] / 1e9:.1f} GB above the reserve", hint
            )
        else:
            yield Finding("disk", "ok", free)


def ffmpeg(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say which FFmpeg would be run and whether it runs."""
    from jupyter_nodeapi.audio.locate import locate  # noqa: PLC0415 - brings the audio room with it

    program = locate(app.audio.ffmpeg)
    if program is None:
        what = "Audio.ffmpeg names no program" if app.audio.ffmpeg else "none found"
        yield Finding("ffmpeg", "warning", f"{what}: only WAV and FLAC can be trimmed", FFmpegMissing.hint)
    elif program.version is None:
        hint = "Name another one in Audio.ffmpeg; pip install 'jupyter_nodeapi[ffmpeg]' brings one."
        yield Finding("ffmpeg", "problem", f"{program.path} does not run", hint)
    else:
        yield Finding("ffmpeg", "ok", f"{program.path}, {program.version}, found by {program.source}")


def hub(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say where huggingface models come from and whether there is a token; never which."""
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    token = "with" if os.environ.get("HF_TOKEN") else "without"
    yield Finding("hub", "ok", f"{endpoint}, {token} a token in HF_TOKEN")


def registry(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Say how many models are registered and which entries have mistakes."""
    yield Finding("registry", "ok", f"{app.models.collection.count()} models are registered")
    for problem in app.models.collection.diagnostics():
        place = ", ".join(filter(None, (problem["registry"], problem.get("model"))))
        hint = problem.get("hint") or "Correct the entry; the others are not affected."
        yield Finding("registry", "warning", f"{place}: {problem['message']}", hint)


def widgets(app: NodeApiApp, config: Config) -> Iterator[Finding]:
    """Compare the widget library of the server's page with that of each kernel."""
    for level, message, hint in anywidget_findings():
        yield Finding("widgets", level, message, hint)


CHECKS: tuple[Callable[[NodeApiApp, Config], Iterator[Finding]], ...] = (
    versions,
    extension,
    folders,
    sharing,
    disk,
    ffmpeg,
    hub,
    registry,
    widgets,
)
