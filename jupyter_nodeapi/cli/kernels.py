"""Widgets need the same anywidget minor twice: in the server's page and in each kernel's environment.

anywidget asks the page for ``~<its own minor>``, so a kernel with 0.9 beside a page with 0.11 says
that the widget is "not registered". The page's half is a lab extension with a ``package.json``; the
kernel's half is asked from each kernel's own Python.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_path

__all__ = ["anywidget_findings", "in_kernel", "in_page"]

_ASK = "import importlib.metadata as m; print(m.version('anywidget'))"


def in_page() -> str | None:
    """Give the version of anywidget that the server's page would load, or ``None``."""
    for folder in jupyter_path("labextensions"):
        package = Path(folder, "anywidget", "package.json")
        if package.is_file():
            return str(json.loads(package.read_bytes())["version"])
    return None


def in_kernel(program: str) -> str | None:
    """Give the version of anywidget in a kernel's environment, or ``None``.

    Parameters
    ----------
    program : str
        The Python that its kernelspec names; ``python`` means the server's own, as Jupyter reads it.
    """
    python = sys.executable if program in {"python", "python3"} else program
    try:
        asked = subprocess.run(  # noqa: S603 - a program that Jupyter itself starts
            [python, "-c", _ASK], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()


def anywidget_findings() -> Iterator[tuple[Literal["ok", "warning"], str, str | None]]:
    """Give a level, a message and a hint for each Python kernel."""
    page = in_page()
    if page is None:
        yield "ok", "no anywidget in the server's page: widgets are not shown here", None
        return
    specs = KernelSpecManager().get_all_specs()
    for name, found in specs.items():
        program = found["spec"]["argv"][0]
        kernel = in_kernel(program) if found["spec"].get("language") == "python" else None
        if kernel is not None and _minor(kernel) != _minor(page):
            hint = f"In the environment of kernel '{name}': pip install 'anywidget~={_minor(page)}.0'"
            yield "warning", f"kernel '{name}' has anywidget {kernel}, the server's page {page}", hint
        elif kernel is not None:
            yield "ok", f"anywidget {page} in the server's page, {kernel} in kernel '{name}'", None


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
