"""Three sample models and the registry that offers them, made on the spot and always the same.

::

    <folder>/
      samples.json                 the registry: three entries of `local` sources
      hub/                         what a model hub would hold
        tiny-detector/             one file
        tiny-vocoder/              one file
        tiny-diffusion/            three files that belong together

The weights are noise in real safetensors files: nothing to use, everything to download, verify and list.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

__all__ = ["make"]

MIB = 1 << 20

# by id: name, category, tags, and the size of each file in MiB
MODELS: dict[str, tuple[str, str, list[str], dict[str, int]]] = {
    "tiny-detector": (
        "Tiny Detector",
        "Object Detection",
        ["sample", "vision"],
        {"tiny-detector.safetensors": 4},
    ),
    "tiny-vocoder": ("Tiny Vocoder", "Audio", ["sample", "speech"], {"tiny-vocoder.safetensors": 6}),
    "tiny-diffusion": (
        "Tiny Diffusion",
        "Diffusion Models",
        ["sample", "image"],
        {"unet.safetensors": 8, "vae.safetensors": 3, "text_encoder.safetensors": 5},
    ),
}


def make(folder: Path) -> Path:
    """Write the models and their registry under `folder`, and give the registry's path.

    Files that are there already, in their full size, are not written again.
    """
    entries = [_entry(folder, key) for key in MODELS]
    registry = folder / "samples.json"
    registry.write_text(json.dumps({"version": 1, "models": entries}, indent=2) + "\n", encoding="utf-8")
    return registry


def _entry(folder: Path, key: str) -> dict[str, Any]:
    name, category, tags, sizes = MODELS[key]
    files = []
    for file, mebibytes in sizes.items():
        data = _safetensors(f"{key}/{file}", mebibytes * MIB)
        path = folder / "hub" / key / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.stat().st_size != len(data):
            path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        files.append({"path": file, "from": file, "size": len(data), "sha256": digest})
    return {
        "id": key,
        "name": name,
        "category": category,
        "license": "CC0-1.0",
        "tags": tags,
        "source": {"type": "local", "url": f"hub/{key}"},
        "files": files,
    }


def _safetensors(seed: str, size: int) -> bytes:
    """Give one float32 tensor of noise as a safetensors file: header length, JSON header, data."""
    tensor = {"noise": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
    header = json.dumps(tensor, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + random.Random(seed).randbytes(size)
