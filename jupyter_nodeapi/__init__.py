"""The backend that notebooks and node editors on Jupyter are missing.

A Jupyter Server extension that serves models, files, uploads and audio trims as plain HTTP. Importing it
costs nothing; the server loads :class:`jupyter_nodeapi.app.NodeApiApp`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["__version__"]

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter Server which app to load."""
    from jupyter_nodeapi.app import NodeApiApp  # noqa: PLC0415 - only a server pays for tornado

    return [{"module": "jupyter_nodeapi", "app": NodeApiApp}]
