"""How a room writes down what it serves: one :class:`Route` a path, one :class:`Operation` a verb.

The table is the only list of routes there is. Tornado's rules, the OpenAPI document and the tests that hold
every route guarded and documented are all made from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.web.handler import Handler

__all__ = ["Operation", "Route"]

_VARIABLE = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one verb takes and gives.

    Parameters
    ----------
    summary : str
        One sentence for the reader of the OpenAPI document.
    request : type, optional
        msgspec struct of the body.
    query : type, optional
        msgspec struct of the query arguments.
    reply : Any, optional
        Type of the JSON reply.
    status : int
        Status of success.
    also : mapping of int to Any
        Further ways to succeed: type of the JSON reply by status, ``bytes`` where it is of ``media``, None
        where it has no body.
    errors : tuple of NodeApiError types
        What a caller should be ready for, beyond 400, 403 and 404, which every route may answer.
    media : str
        Media type of the reply.
    body_media : str
        Media type of the body.
    """

    summary: str
    request: Any = None
    query: Any = None
    reply: Any = None
    status: int = 200
    also: Mapping[int, Any] = field(default_factory=dict)
    errors: tuple[type[NodeApiError], ...] = ()
    media: str = "application/json"
    body_media: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its verbs.

    Parameters
    ----------
    path : str
        ``/api/downloads/status/{job_id}``; ``{id:path}`` also takes slashes.
    handler : type of Handler
        Leaf that has a method for each verb in ``operations``.
    operations : mapping of str to Operation
        By lower-case verb.
    """

    path: str
    handler: type[Handler]
    operations: Mapping[str, Operation] = field(default_factory=dict)

    @property
    def pattern(self) -> str:
        """The path as a regular expression with named groups, for Tornado."""
        parts = _VARIABLE.split(self.path)
        pieces = [re.escape(parts[0])]
        for name, slashes, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            pieces.append(f"(?P<{name}>{'.+' if slashes else '[^/]+'}){re.escape(literal)}")
        return "".join(pieces)

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it."""
        return _VARIABLE.sub(r"{\1}", self.path)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the path's variables, in order."""
        return tuple(match.group(1) for match in _VARIABLE.finditer(self.path))
