"""Notebook widgets for :mod:`jupyter_nodeapi`, and a client: the half that lives where the kernel runs.

Everything is loaded on first use, so that a program that only wants :class:`NodeApi` needs no anywidget.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_nodeapi_widgets.audio_trimmer import AudioTrimmer
    from jupyter_nodeapi_widgets.client import ApiError, JobFailed, NodeApi, NoServer
    from jupyter_nodeapi_widgets.download_progress import DownloadProgress
    from jupyter_nodeapi_widgets.model_picker import ModelPicker
    from jupyter_nodeapi_widgets.uploader import Uploader

__all__ = [
    "ApiError",
    "AudioTrimmer",
    "DownloadProgress",
    "JobFailed",
    "ModelPicker",
    "NoServer",
    "NodeApi",
    "Uploader",
]

__version__ = "0.1.0"

_HOMES = {
    "ApiError": "client",
    "AudioTrimmer": "audio_trimmer",
    "DownloadProgress": "download_progress",
    "JobFailed": "client",
    "ModelPicker": "model_picker",
    "NoServer": "client",
    "NodeApi": "client",
    "Uploader": "uploader",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
