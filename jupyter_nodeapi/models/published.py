"""The JSON Schema of a registry file, for editors and for packages that ship one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from jupyter_nodeapi.models.schemas import Entry

__all__ = ["registry_schema"]

_OURS = ("origin", "folder")  # said by whoever reads the file, never by the file


class _Registry(msgspec.Struct, frozen=True, rename={"schema": "$schema"}):
    models: tuple[Entry, ...]
    version: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1
    schema: str | None = None


def registry_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a registry file; what else is checked, the entries' checker says."""
    schema = msgspec.json.schema(_Registry)
    entry = schema["$defs"]["Entry"]
    for name in _OURS:
        del entry["properties"][name]
    entry["required"] = [name for name in entry["required"] if name != "name"]
    schema["$defs"]["Registry"] = schema["$defs"].pop("_Registry")
    schema["$defs"]["Registry"]["title"] = "Registry of models for jupyter_nodeapi"
    schema["$ref"] = "#/$defs/Registry"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
