"""A verified download against what else people use, from one test Hub on this machine.

Claim: verified MB/s at least twice hf_hub_download's (which verifies nothing), for at most 0.6 of its CPU;
and at least twice curl followed by sha256sum.
Run: ``python benchmarks/downloads.py [MiB]``; exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _server import MIB, SPAWN, table

sys.path.insert(0, str(Path(__file__).parents[1]))

REPOSITORY = "org/big"
NAME = "big.safetensors"
ROUNDS = 2


def serve(size: int, told: Any, done: Any) -> None:
    """Be the Hub and its CDN."""
    from tests.hf_hub.server import Hub

    with Hub() as hub:
        block = os.urandom(MIB)
        repository = hub.add(REPOSITORY, {NAME: block * size})
        told.put((hub.hub_url, hub.cdn_url, repository.sibling(NAME, blobs=True)["lfs"]["sha256"]))
        done.wait()


OURS = """
import sys
from jupyter_nodeapi.models.install import install
source = {"type": "huggingface", "url": sys.argv[1]}
entry = {"id": "big", "name": "Big", "category": "C", "source": source, "files": [{"path": sys.argv[2]}]}
spec = {"entry": entry, "models_dir": sys.argv[3], "allowed_origins": [sys.argv[4]], "reserve_bytes": 0}
install(spec, lambda *a, **k: None, lambda: False)
"""
THEIRS = """
import sys, huggingface_hub
huggingface_hub.hf_hub_download(sys.argv[1], sys.argv[2], local_dir=sys.argv[3], token=False)
"""
REQUESTS = """
import sys, hashlib, requests
digest = hashlib.sha256()
with requests.get(sys.argv[1], stream=True) as reply, open(sys.argv[2], "wb") as file:
    for block in reply.iter_content(1 << 20):
        file.write(block); digest.update(block)
assert digest.hexdigest() == sys.argv[3]
"""


def contenders(hub: str, cdn: str, sha256: str) -> dict[str, Callable[[str], list[str]]]:
    """Give each contender's command for a folder."""
    url = f"{hub}/{REPOSITORY}/resolve/main/{NAME}"
    python = sys.executable
    found: dict[str, Callable[[str], list[str]]] = {
        "jupyter_nodeapi (verified)": lambda folder: [python, "-c", OURS, REPOSITORY, NAME, folder, cdn],
        "hf_hub_download": lambda folder: [python, "-c", THEIRS, REPOSITORY, NAME, folder],
        "requests + sha256": lambda folder: [python, "-c", REQUESTS, url, f"{folder}/x", sha256],
    }
    if shutil.which("curl"):
        check = f'curl -sSL -o "$0/x" {url} && echo "{sha256}  $0/x" | sha256sum -c --quiet'
        found["curl + sha256sum"] = lambda folder: ["sh", "-c", check, folder]
    if shutil.which("aria2c"):
        options = ["-q", "-x4", f"--checksum=sha-256={sha256}"]
        found["aria2c with checksum"] = lambda folder: ["aria2c", *options, "-d", folder, url]
    return found


def measure(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Give wall and CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(size: int) -> int:
    """Measure all, the order turning, and keep each one's best round."""
    told, done = SPAWN.SimpleQueue(), SPAWN.Event()
    process = SPAWN.Process(target=serve, args=(size, told, done), daemon=True)
    process.start()
    hub, cdn, sha256 = told.get()
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, command in contenders(hub, cdn, sha256).items():
            with tempfile.TemporaryDirectory(prefix="nodeapi-bench-") as folder:
                best[name] = min(best.get(name, (1e9, 1e9)), measure(command(folder), environment))
    done.set()
    process.join(10)
    rows = [(name, f"{size / wall:.0f}", f"{cpu * 1024 / size:.2f}") for name, (wall, cpu) in best.items()]
    table(("client", "MiB/s", "CPU s/GiB"), rows)
    ours, theirs = best["jupyter_nodeapi (verified)"], best["hf_hub_download"]
    curl = best.get("curl + sha256sum", (1e9, 1e9))
    fast, cheap, curled = theirs[0] / ours[0], ours[1] / theirs[1], curl[0] / ours[0]
    print(f"\n{fast:.2f} x hf_hub_download's speed, {cheap:.2f} of its CPU, {curled:.2f} x curl + sha256sum")
    return 0 if fast >= 2 and cheap <= 0.6 and curled >= 2 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024))
