"""What the server says about itself in ``/api/nodeapi/openapi.json``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .plain_http import Client

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Documented(NamedTuple):
    """One verb of one path."""

    verb: str
    path: str
    operation: dict[str, Any]

    @property
    def target(self) -> str:
        """The path with every parameter filled by a name that nothing has."""
        return re.sub(r"\{[^}]+\}", "nothing-has-this-name", self.path)

    @property
    def is_page(self) -> bool:
        """Whether it answers a browser with HTML."""
        return any("text/html" in reply.get("content", {}) for reply in self.operation["responses"].values())

    @property
    def takes_json(self) -> bool:
        """Whether it needs a JSON body."""
        body = self.operation.get("requestBody", {})
        return "application/json" in body.get("content", {}) and body.get("required", False)


def documented(client: Client) -> Iterator[Documented]:
    """Yield every documented operation."""
    reply = client.get("/api/nodeapi/openapi.json")
    assert reply.status == 200, reply
    for path, operations in reply.json["paths"].items():
        for verb, operation in operations.items():
            if verb.upper() in {*VERBS, "HEAD", "OPTIONS"}:
                yield Documented(verb.upper(), path, operation)
