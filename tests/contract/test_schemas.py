"""Every msgspec type of the package can be described, encoded and decoded.

With postponed annotations an unsupported type fails at the first request, not at import.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from typing import Any

import msgspec
import pytest
from msgspec import inspect as types

import jupyter_nodeapi
from jupyter_nodeapi.routes import ROUTES


def structs() -> list[type[msgspec.Struct]]:
    """What crosses a wire or a disk: the structs of ``schemas``, ``spec`` and ``record``."""
    found = set()
    for module in pkgutil.walk_packages(jupyter_nodeapi.__path__, "jupyter_nodeapi."):
        if module.name.endswith((".schemas", ".spec", ".record")):
            members = vars(importlib.import_module(module.name)).values()
            found |= {kind for kind in members if inspect.isclass(kind) and issubclass(kind, msgspec.Struct)}
    return sorted(found - {msgspec.Struct}, key=lambda kind: f"{kind.__module__}.{kind.__name__}")


def spoken() -> list[Any]:
    """Every type that a route takes or gives, once."""
    kinds: list[Any] = []
    for route in ROUTES:
        for operation in route.operations.values():
            for kind in (operation.request, operation.query, operation.reply):
                if kind is not None and not any(kind is known for known in kinds):
                    kinds.append(kind)
    return kinds


def example(kind: types.Type) -> Any:  # noqa: C901, PLR0911, PLR0912 - one line a kind of type
    """Give the smallest value of a type, as plain JSON."""
    match kind:
        case types.Metadata():
            return example(kind.type)
        case types.StructType():
            return {field.encode_name: example(field.type) for field in kind.fields if field.required}
        case types.UnionType():
            return example(kind.types[0])
        case types.IntType() | types.FloatType():
            low = kind.ge if kind.ge is not None else (kind.gt or 0) + (kind.gt is not None)
            return math.ceil(low)
        case types.StrType():
            return "x" * max(kind.min_length or 0, 1)
        case types.BoolType():
            return True
        case types.NoneType():
            return None
        case types.LiteralType():
            return kind.values[0]
        case types.ListType() | types.VarTupleType():
            return [example(kind.item_type)] * (kind.min_length or 1)
        case types.TupleType():
            return [example(item) for item in kind.item_types]
        case types.DictType():
            return {}
        case types.EnumType():
            return next(iter(kind.cls)).value
        case types.AnyType():
            return {"any": "thing"}
        case types.RawType():
            return msgspec.Raw(b'{"any": "thing"}')
    pytest.fail(f"no example of {kind}: a type that JSON clients would not expect")


def name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


@pytest.mark.parametrize("kind", [*structs(), *spoken()], ids=name)
def test_a_type_survives_the_wire(kind: Any) -> None:
    value = msgspec.convert(example(types.type_info(kind)), kind)
    assert msgspec.json.decode(msgspec.json.encode(value), type=kind) == value


@pytest.mark.parametrize("kind", spoken(), ids=name)
def test_a_type_of_a_route_has_a_json_schema(kind: Any) -> None:
    assert msgspec.json.schema(kind)
