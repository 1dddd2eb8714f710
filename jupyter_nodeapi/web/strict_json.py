"""JSON as RFC 8259 has it, and nothing beside it.

Python's parser accepts NaN, duplicate keys, lone surrogates and any depth; msgspec accepts duplicate keys.
Two programs that read such a text differently are how a check gets bypassed, so all of it is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from jupyter_nodeapi.errors import InvalidJSON

__all__ = ["MAX_DEPTH", "loads"]

MAX_DEPTH = 100
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(data: bytes) -> Any:
    """Parse one JSON text.

    Parameters
    ----------
    data : bytes
        UTF-8 without a byte order mark.

    Raises
    ------
    InvalidJSON
        For anything that RFC 8259 does not allow, duplicate keys, lone surrogates, numbers that no double
        holds, and nesting deeper than :data:`MAX_DEPTH`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidJSON("The body is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise InvalidJSON("The body starts with a byte order mark.")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite, parse_int=int
        )
    except json.JSONDecodeError as error:
        raise InvalidJSON(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except (RecursionError, ValueError):
        raise InvalidJSON("The body nests too deeply or holds a number that is too long.") from None
    _check_depth(value)
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidJSON("An object in the body has the same key twice.")
    return value


def _constant(name: str) -> NoReturn:
    raise InvalidJSON(f"{name} is not a JSON value.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidJSON("A number in the body is out of range.")
    return value


def _check_depth(value: Any) -> None:
    """Walk the containers level by level: recursion would be the very thing that a deep text attacks."""
    level, depth = _containers([value]), 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise InvalidJSON(f"The body nests deeper than {MAX_DEPTH} levels.")
        level = [
            inner
            for outer in level
            for inner in _containers(outer.values() if isinstance(outer, dict) else outer)
        ]


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, (dict, list))]


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidJSON("A string in the body holds half a surrogate pair.") from None
