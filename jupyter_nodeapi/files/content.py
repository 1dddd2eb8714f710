"""Between the ``content`` of a request and the bytes of a file.

::

    save   a string to any path but *.json   -> that text, UTF-8
           anything else                     -> JSON, indented
    read   *.json, or marked as JSON         -> that JSON value
           UTF-8                             -> that text
           other bytes                       -> 415, see the raw route

A value that was saved as JSON under another suffix carries a mark (an extended attribute, which moves,
links and copies keep); where a file system has none, reading gives the JSON text.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from jupyter_nodeapi.errors import Unprocessable, UnsupportedMedia

__all__ = ["decode", "encode", "is_json_name", "is_marked", "mark"]

_MARK = "user.jupyter_nodeapi.json"
_RAW = "GET /api/files/raw?path=... gives its bytes as they are."


def is_json_name(name: str) -> bool:
    """Say whether a file of this name holds JSON whatever was saved."""
    return name.lower().endswith(".json")


def encode(name: str, content: Any) -> bytes:
    """Give the bytes of a file.

    Parameters
    ----------
    name : str
        The file's name or path; its suffix decides how a string is stored.
    content : Any
        A JSON value.
    """
    if isinstance(content, str) and not is_json_name(name):
        return content.encode()
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return msgspec.json.format(text, indent=2) + b"\n"


def decode(data: bytes, *, is_json: bool, must_be_json: bool) -> msgspec.Raw:
    """Give the JSON value that a read replies, encoded.

    Parameters
    ----------
    data : bytes
        The whole file.
    is_json : bool
        Whether it was stored as JSON.
    must_be_json : bool
        Whether other text in it is an error, and not simply text.

    Raises
    ------
    UnsupportedMedia
        The bytes are not UTF-8 text.
    Unprocessable
        They should be JSON, and are not.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UnsupportedMedia("This file is not UTF-8 text.", code="not_text", hint=_RAW) from None
    if is_json:
        text = text.removeprefix("\ufeff")
        if _is_valid(text):
            return msgspec.Raw(text.encode())
        if must_be_json:
            raise Unprocessable(
                "This file is named .json and holds no valid JSON.", code="not_json", hint=_RAW
            )
    return msgspec.Raw(msgspec.json.encode(text))


def mark(path: Path) -> None:
    """Note on the file that it holds JSON, in spite of its suffix."""
    with contextlib.suppress(OSError, AttributeError):  # not every file system or system can
        os.setxattr(path, _MARK, b"1")


def is_marked(fd: int) -> bool:
    """Say whether the open file was marked as JSON."""
    try:
        return os.getxattr(fd, _MARK) == b"1"
    except (OSError, AttributeError):
        return False


def _is_valid(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> NoReturn:
    """Refuse NaN and infinities, which JSON does not have and some programs write."""
    raise ValueError(name)
