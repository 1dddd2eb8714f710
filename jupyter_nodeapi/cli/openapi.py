"""``jupyter nodeapi openapi``: the OpenAPI document on standard output, byte for byte the same each time."""

from __future__ import annotations

import json

from jupyter_core.application import JupyterApp
from traitlets import Unicode

from jupyter_nodeapi import __version__

__all__ = ["OpenApiApp"]


class OpenApiApp(JupyterApp):
    """Print the OpenAPI 3.1 document of this version."""

    name = "jupyter-nodeapi-openapi"
    version = __version__
    description = "Print the OpenAPI document."
    examples = "jupyter nodeapi openapi > openapi.json"
    aliases = {"base-url": "OpenApiApp.base_url"}

    base_url = Unicode("/", help="Where the server's URLs begin.").tag(config=True)

    def start(self) -> None:
        """Print it."""
        print(self.text(), end="")

    def text(self) -> str:
        """Give the document as indented JSON with a newline at its end."""
        from jupyter_nodeapi.routes import ROUTES  # noqa: PLC0415 - the app lists the commands
        from jupyter_nodeapi.site.openapi import document  # noqa: PLC0415

        return json.dumps(document(ROUTES, self.base_url), indent=2, ensure_ascii=False) + "\n"
