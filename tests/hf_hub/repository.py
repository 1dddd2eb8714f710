"""A repository of the test Hub: files at a commit, some of them in LFS."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=256)
def git_blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass
class Repository:
    """``files`` by path; what ends in one of ``lfs`` is in LFS."""

    name: str
    files: dict[str, bytes]
    kind: str = "models"
    lfs: tuple[str, ...] = (".pth", ".safetensors", ".bin", ".onnx", ".wav")
    gated: bool = False
    private: bool = False
    readers: tuple[str, ...] = ()  # tokens that may read a gated or private one
    refusal: str = ""  # what the Hub says to a token that may not
    branches: tuple[str, ...] = ("main",)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        text = "".join(f"{path}{sha256(data)}" for path, data in sorted(self.files.items()))
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def is_lfs(self, path: str) -> bool:
        return path.endswith(self.lfs)

    def knows(self, revision: str) -> bool:
        return revision in self.branches or revision == self.commit

    def sibling(self, path: str, *, blobs: bool) -> dict[str, Any]:
        data = self.files[path]
        row: dict[str, Any] = {"rfilename": path}
        if blobs:
            row |= {"size": len(data), "blobId": git_blob(data)}
            if self.is_lfs(path):
                row["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
        return row

    def info(self, *, blobs: bool) -> dict[str, Any]:
        return {
            "_id": "1",
            "id": self.name,
            "modelId": self.name,
            "sha": self.commit,
            "private": self.private,
            "gated": "auto" if self.gated else False,
            "tags": [],
            "downloads": 0,
            "siblings": [self.sibling(path, blobs=blobs) for path in self.files],
            **self.extra,
        }

    def tree(self, folder: str = "") -> list[dict[str, Any]]:
        rows = []
        for path, data in self.files.items():
            if path.startswith(f"{folder}/" if folder else ""):
                row: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": git_blob(data)}
                if self.is_lfs(path):
                    row["lfs"] = {"oid": sha256(data), "size": len(data), "pointerSize": 134}
                rows.append(row)
        return rows
