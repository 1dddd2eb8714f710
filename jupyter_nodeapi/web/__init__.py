"""The floor under every handler: reading requests, writing replies, sending files, naming routes."""

from __future__ import annotations

from jupyter_nodeapi.web.handler import Handler
from jupyter_nodeapi.web.media import ranged, send_file
from jupyter_nodeapi.web.route import Operation, Route
from jupyter_nodeapi.web.stream import Nowhere, Sink, StreamHandler

__all__ = ["Handler", "Nowhere", "Operation", "Route", "Sink", "StreamHandler", "ranged", "send_file"]
