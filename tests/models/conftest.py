"""A test Hub, and models installed from it in this very thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_nodeapi.models.entries import parse
from jupyter_nodeapi.models.install import install
from jupyter_nodeapi.models.schemas import Entry
from jupyter_nodeapi.models.sources import known_types
from tests.hf_hub.server import Hub


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.hub_url)
        monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield hub


def entry(folder: Path | None = None, **fields: Any) -> Entry:
    raw = {"id": "m", "name": "M", "category": "Things", **fields}
    return parse(raw, origin="test", folder=str(folder) if folder else None, types=known_types())


@dataclass
class Installer:
    """Runs the work of a download job and keeps what it reported."""

    models_dir: Path
    options: dict[str, Any] = field(default_factory=dict)
    reports: list[tuple[int, int | None, str | None]] = field(default_factory=list)
    stop_after: int | None = None

    def __call__(self, entry: Entry, **options: Any) -> dict[str, Any]:
        spec = {
            "entry": msgspec.to_builtins(entry),
            "models_dir": str(self.models_dir),
            "reserve_bytes": 0,
            **self.options,
            **options,
        }
        return install(msgspec.json.decode(msgspec.json.encode(spec)), self._report, self._stopped)

    def _report(self, bytes, total=None, message="", *, stage=None, files=None):  # noqa: A002
        self.reports.append((bytes, total, stage))

    def _stopped(self) -> bool:
        return self.stop_after is not None and any(row[0] >= self.stop_after for row in self.reports)

    @property
    def visible(self) -> list[str]:
        """What is under a final name, or would be listed."""
        return sorted(
            path.relative_to(self.models_dir).as_posix()
            for path in self.models_dir.rglob("*")
            if path.is_file() and ".nodeapi" not in path.parts
        )

    @property
    def leftovers(self) -> list[str]:
        """The files in the staging folders."""
        stages = self.models_dir / ".nodeapi" / "partial"
        return sorted(path.name for path in stages.rglob("*") if path.is_file())


@pytest.fixture
def installer(tmp_path):
    return Installer(tmp_path / "models")


@pytest.fixture
def online(installer, hub):
    """An installer that may reach the test Hub's CDN."""
    installer.options = {"allowed_origins": [hub.cdn_url]}
    return installer
