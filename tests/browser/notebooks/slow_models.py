"""A lab server whose models come from a hub of this machine, slowly enough to be watched.

::

    lab/big      one file      lab/many   five files      lab/gated   behind a licence
    atelier/xl   four files of different sizes
    zoo/00000 ...              as many as are asked for, of which the hub knows nothing
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.hf_hub.server import Hub

from .lab_server import LabServer

BIG, PART, PARTS = 12_000_000, 2_000_000, 5
ATELIER = {"scheduler.json": 400, "vae": 9_000_000, "text_encoder": 14_000_000, "unet": 40_000_000}
ZOO = 10_000
DROP = 100_000  # bytes, twenty times a second


def hub() -> Hub:
    """Give a hub with three repositories; it sends 2 MB a second."""
    made = Hub()
    noise = random.Random(7)
    made.add("lab/big", {"model.safetensors": noise.randbytes(BIG)})
    made.add("lab/many", {f"part-{part}.safetensors": noise.randbytes(PART) for part in range(PARTS)})
    made.add("atelier/xl", {path: bytes(size) for path, size in _atelier().items()})
    made.add("lab/gated", {"voice.safetensors": b"1" * 1000}, gated=True)
    made.faults.add("slow", times=1_000_000, value=DROP)
    return made


class SlowServer(LabServer):
    """A lab server that downloads from that hub."""

    def __init__(self, home: Path, source: Hub, zoo: int = 0) -> None:
        super().__init__(home, {"Models": {"allowed_origins": [source.cdn_url]}})
        self._env["HF_ENDPOINT"] = source.hub_url
        self.register("lab", [*_lab(), *(_animal(number) for number in range(zoo))])

    def register(self, name: str, models: list[dict[str, Any]]) -> None:
        """Put a registry file where an installed package would put it."""
        folder = self.home / "data" / "nodeapi" / "models.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps({"version": 1, "models": models}))

    def forget(self) -> None:
        """Forget jobs and models too."""
        super().forget()
        for job in self.client.get("/api/downloads").json:
            self.client.request("POST", f"/api/downloads/{job['job_id']}/cancel")
        for model in self.client.get("/api/models?installed=true").json:
            self.client.request("DELETE", f"/api/models/download/{model['id']}?force=true")


def entry(model_id: str, name: str, category: str, files: dict[str, int], **more: Any) -> dict[str, Any]:
    """Give the registry entry of a model on the hub."""
    source = {"type": "huggingface", "url": model_id, "gated": model_id == "lab/gated"}
    rows = [{"path": path, "size": size} for path, size in files.items()]
    return {"id": model_id, "name": name, "category": category, "source": source, "files": rows, **more}


def _atelier() -> dict[str, int]:
    return {path if "." in path else f"{path}.safetensors": size for path, size in ATELIER.items()}


def _lab() -> list[dict[str, Any]]:
    parts = {f"part-{part}.safetensors": PART for part in range(PARTS)}
    about = "Finds what is in a picture, and where."
    return [
        entry(
            "atelier/xl", "Atelier XL", "Diffusion Models", _atelier(), license="OpenRAIL-M", tags=["image"]
        ),
        entry(
            "lab/big",
            "Big Detector",
            "Object Detection",
            {"model.safetensors": BIG},
            license="Apache-2.0",
            description=about,
        ),
        entry("lab/many", "Painter", "Diffusion Models", parts, license="OpenRAIL-M"),
        entry("lab/gated", "Gated Voice", "Audio", {"voice.safetensors": 1000}, license="Llama 3"),
    ]


def _animal(number: int) -> dict[str, Any]:
    files = {f"{number}.safetensors": 1000 + number}
    return entry(f"zoo/{number:05}", f"Zoo Model {number:05}", "Zoo", files, license="MIT")
