"""A client of the API that needs nothing but the standard library."""

from __future__ import annotations

from jupyter_nodeapi_widgets.client.api import NodeApi
from jupyter_nodeapi_widgets.client.errors import ApiError, JobFailed, NoServer
from jupyter_nodeapi_widgets.client.reply import Reply

__all__ = ["ApiError", "JobFailed", "NoServer", "NodeApi", "Reply"]
