"""Write TypeScript's types of what the routes take and answer, from ``openapi.json``; generate.py runs it.

::

    required property          name: type
    optional in an answer      name?: type        as the server may leave it out
    $ref                       the interface of that name

Only what a reply or a body of JSON reaches is written: a query is a string, a form is made of parts. A
contract test holds the file equal to what this would write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WIRE = HERE.parents[1] / "widgets" / "src" / "wire.ts"
NOTE = "// Made by docs/reference/typescript.py from openapi.json; change the schemas, then `make docs`.\n"
WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def main() -> None:
    """Write the file."""
    document = json.loads((HERE / "openapi.json").read_text(encoding="utf-8"))
    WIRE.write_text(types(document), encoding="utf-8")


def types(document: Schema) -> str:
    """Give the text of ``widgets/src/wire.ts``.

    Parameters
    ----------
    document : dict
        The OpenAPI document.
    """
    schemas = document["components"]["schemas"]
    return NOTE + "".join(interface(name, schemas[name]) for name in reached(document))


def reached(document: Schema) -> list[str]:
    """Give the names of the schemas that replies and bodies of JSON are made of, sorted."""
    verbs = [verb for path in document["paths"].values() for verb in path.values() if isinstance(verb, dict)]
    bodies = [verb.get("requestBody", {}).get("content", {}).get("application/json") for verb in verbs]
    waiting = list(references([bodies, [verb.get("responses") for verb in verbs]]))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(document["components"]["schemas"][name])
    return sorted(found)


def references(node: Any) -> Iterator[str]:
    """Give the names of the schemas that a piece of the document points to."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def interface(name: str, schema: Schema) -> str:
    """Give one interface, with the first sentence of its description."""
    about = re.split(r"\n\s*\n", schema.get("description", ""))[0].replace("``", "`").strip()
    required = schema.get("required", [])
    lines = [f"\n/** {about} */", f"export interface {name} {{"]
    for key, value in schema.get("properties", {}).items():
        if "description" in value:
            lines.append(f"  /** {value['description']} */")
        lines.append(f"  {key}{'' if key in required else '?'}: {written(value)};")
    return "\n".join([*lines, "}", ""])


def written(schema: Schema) -> str:
    """Give a type as TypeScript writes it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(written(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return _array(schema)
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {written(values) if isinstance(values, dict) else 'unknown'}>"
    return WORDS.get(schema.get("type", ""), "unknown")


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(written(one) for one in schema['prefixItems'])}]"
    inner = written(schema.get("items", {}))
    return f"({inner})[]" if " | " in inner else f"{inner}[]"


if __name__ == "__main__":
    main()
