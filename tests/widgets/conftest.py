"""Widgets without their scripts: what the kernel's half promises needs no Node."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def built_widgets(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the classes load: with the scripts that were built, else with empty ones."""
    from jupyter_nodeapi_widgets import _base

    if not (_base._STATIC / "model_picker.js").is_file():
        folder = tmp_path_factory.mktemp("static")
        for name in ("model_picker", "download_progress", "uploader", "audio_trimmer"):
            (folder / f"{name}.js").write_text("export default { render() {} }")
            (folder / f"{name}.css").write_text("")
        _base._STATIC = folder
