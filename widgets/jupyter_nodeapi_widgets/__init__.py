"""Widgets on top of :mod:`jupyter_nodeapi`, for the environment the kernel runs in.

The name and the version are held here, so that both distributions install together from the first day.
There are no widgets yet: ``__all__`` is empty, and importing this costs nothing.
"""

from __future__ import annotations

__all__: list[str] = []

__version__ = "0.1.0"
