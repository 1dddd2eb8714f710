"""The OpenAPI 3.1 document, made from the route table and the schemas.

Nothing in it is written by hand, so it cannot say what the server does not do. Format: the OpenAPI
Specification 3.1.1; schemas are JSON Schema 2020-12, made by msgspec.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from jupyter_nodeapi import __version__
from jupyter_nodeapi.errors import Forbidden, InvalidParameter, NodeApiError, NotFound
from jupyter_nodeapi.web import Operation, Route

__all__ = ["ErrorReply", "document"]

_REF = "#/components/schemas/{name}"
_ALWAYS: tuple[type[NodeApiError], ...] = (InvalidParameter, Forbidden, NotFound)


class ErrorReply(msgspec.Struct, kw_only=True):
    """What every refusal answers."""

    code: str
    message: str
    hint: str | None = None
    retryable: bool = False
    requestId: str = ""  # noqa: N815 - the wire name


def document(routes: Sequence[Route], base_url: str = "/") -> dict[str, Any]:
    """Describe every route.

    Parameters
    ----------
    routes : sequence of Route
        The whole table.
    base_url : str
        Where the server's URLs begin, with slashes at both ends.

    Returns
    -------
    dict
        An OpenAPI 3.1 document, ready for JSON.
    """
    types = [ErrorReply, *_types(routes)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    known = dict(zip(map(id, types), schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_nodeapi",
            "version": __version__,
            "description": "Models, files, uploads and audio for notebooks and node editors.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": base_url.rstrip("/") or "/"}],
        "security": [{"token": []}, {"cookie": [], "xsrf": []}],
        "paths": {
            route.template: {
                verb: _operation(route, verb, operation, known)
                for verb, operation in route.operations.items()
            }
            for route in routes
        },
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`token <value>`"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "_xsrf", "description": "Jupyter's login cookies"},
    "xsrf": {"type": "apiKey", "in": "header", "name": "X-XSRFToken"},
}


def _types(routes: Sequence[Route]) -> list[Any]:
    types: list[Any] = []
    for route in routes:
        for operation in route.operations.values():
            given = (operation.request, operation.query, operation.reply, *operation.also.values())
            types += [kind for kind in given if kind is not None and not any(kind is t for t in types)]
    return types


def _operation(route: Route, verb: str, operation: Operation, known: dict[int, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{verb}_{route.template[1:].translate(_PLAIN)}",
        "summary": operation.summary,
        "tags": [route.handler.room],
        "parameters": [_variable(name) for name in route.variables] + _arguments(operation),
        "responses": _responses(operation, known),
    }
    if operation.request is not None:
        schema = known[id(operation.request)]
        described["requestBody"] = {"required": True, "content": {operation.body_media: {"schema": schema}}}
    elif operation.body_media != "application/json":
        binary = {"schema": {"type": "string", "format": "binary"}}
        described["requestBody"] = {"required": True, "content": {operation.body_media: binary}}
    return described


_PLAIN = str.maketrans({"/": "_", "{": "", "}": "", "-": "_"})


def _variable(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _arguments(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    (_,), components = msgspec.json.schema_components([operation.query], ref_template=_REF)
    schema = components[operation.query.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _text_schema(described)}
        for name, described in schema["properties"].items()
    ]


def _text_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave ``null`` out of an argument's type: a query has no way to write it."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if not choices:
        return {key: value for key, value in schema.items() if value is not None}
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**rest, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}


def _responses(operation: Operation, known: dict[int, Any]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done."}
    if operation.media != "application/json":
        success["content"] = {operation.media: {"schema": {}}}
    elif operation.reply is not None:
        success["content"] = {operation.media: {"schema": known[id(operation.reply)]}}
    responses = {str(operation.status): success}
    for status, kind in operation.also.items():
        responses[str(status)] = {"description": "Done, in another way."}
        if kind is bytes:
            responses[str(status)]["content"] = {operation.media: {"schema": {}}}
        elif kind is not None:
            responses[str(status)]["content"] = {"application/json": {"schema": known[id(kind)]}}
    by_status: dict[int, list[type[NodeApiError]]] = {}
    for error in dict.fromkeys((*_ALWAYS, *operation.errors)):
        by_status.setdefault(error.status, []).append(error)
    for status, errors in sorted(by_status.items()):
        responses[str(status)] = {
            "description": " ".join(dict.fromkeys(error.sentence for error in errors)),
            "content": {"application/json": {"schema": known[id(ErrorReply)]}},
        }
    return responses
