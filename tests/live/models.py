"""The models that the tests declare, and how a wheel or a user declares them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

DOCUMENT_MODEL = "/Megvii-BaseDetection/YOLOX/yolox_s.pth"
WEIGHTS = bytes(range(256)) * 4096 * 4  # 4 MiB


YOLOX: dict[str, Any] = {
    "id": "yolox_s",
    "name": "YOLOX S",
    "category": "Object Detection",
    "source": {"type": "huggingface", "url": "Megvii-BaseDetection/YOLOX"},
    "files": [{"path": "yolox_s.pth", "from": "yolox_s.pth"}],
}


def from_url(name: str, url: str, data: bytes) -> dict[str, Any]:
    """Return the entry of a one-file model ``Test/<name>.bin`` that an `Origin` serves."""
    return {
        "id": name,
        "name": name.title(),
        "category": "Test",
        "source": {"type": "url", "url": url},
        "files": [{"path": f"{name}.bin", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}],
    }


def registry(*models: dict[str, Any]) -> str:
    """Return the text of a ``models.d`` file."""
    return json.dumps({"version": 1, "models": list(models)})


def write_registry(home: Path, *models: dict[str, Any]) -> None:
    """Declare models where a wheel or a user would: in ``models.d`` of the user's Jupyter data."""
    folder = home / "data" / "nodeapi" / "models.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tests.json").write_text(registry(*models))
