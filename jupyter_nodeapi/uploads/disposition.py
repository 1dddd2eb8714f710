"""The two header lines that form data depends on: the boundary, and the name of a part.

``Content-Type: multipart/form-data; boundary=...`` and ``Content-Disposition: form-data; name="..."``.
Browsers write a quote in a name as ``%22`` (WHATWG), others as a backslash and a quote (RFC 2183).
The part's own ``filename`` is never used: clients put ``blob`` or a local path there.
"""

from __future__ import annotations

import re

from jupyter_nodeapi.errors import InvalidMultipart, UnsupportedMedia

__all__ = ["boundary_of", "name_of_part"]

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETER = re.compile(rf'[ \t]*;[ \t]*(?:({_WORD})[ \t]*=[ \t]*("(?:[^"\\\r\n]|\\.)*"|{_WORD}))?')
_KIND = re.compile(r"[^;\s]*")
# RFC 2046, section 5.1.1: these characters, at most 70, no space at the end.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n", "%0d": "\r", "%0a": "\n"}
_PLAIN = {"7bit", "8bit", "binary"}


def boundary_of(content_type: str) -> bytes:
    """Give the boundary of a form's ``Content-Type``.

    Raises
    ------
    UnsupportedMedia
        It is not ``multipart/form-data``.
    InvalidMultipart
        It names no boundary, or one that RFC 2046 does not allow.
    """
    kind, parameters = _split(content_type)
    if kind != "multipart/form-data":
        raise UnsupportedMedia(
            "This route takes form data.",
            hint="Send multipart/form-data with the fields of the documentation.",
        )
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise InvalidMultipart("The Content-Type has no usable boundary.")
    return boundary.encode("ascii")


def name_of_part(block: bytes) -> tuple[str, bool]:
    """Give the name of a part, and whether it carries a file.

    Parameters
    ----------
    block : bytes
        The header lines of the part, without the empty line after them.

    Raises
    ------
    InvalidMultipart
        The headers are malformed, or the part has no name.
    """
    headers = _headers(block)
    if headers.get("content-transfer-encoding", "binary").lower() not in _PLAIN:
        raise InvalidMultipart("A part of the form has a transfer encoding; RFC 7578 has none.")
    kind, parameters = _split(headers.get("content-disposition", ""))
    name = parameters.get("name")
    if kind != "form-data" or not name:
        raise InvalidMultipart("A part of the form has no name.")
    return name, name == "file" or "filename" in parameters or "filename*" in parameters


def _headers(block: bytes) -> dict[str, str]:
    try:
        lines = block.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        raise InvalidMultipart("The headers of a part are not UTF-8.") from None
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not re.fullmatch(_WORD, name) or name in headers or re.search(r"[\r\n\0]", value):
            raise InvalidMultipart("A part of the form has a malformed header.")
        headers[name] = value.strip(" \t")
    return headers


def _split(value: str) -> tuple[str, dict[str, str]]:
    """Split ``kind; name=value; name="value"``; names in lower case, each at most once."""
    head = _KIND.match(value)
    assert head
    place = head.end()
    parameters: dict[str, str] = {}
    while value[place:].strip(" \t"):
        match = _PARAMETER.match(value, place)
        if match is None or (match[1] and match[1].lower() in parameters):
            raise InvalidMultipart("A header of the form has malformed parameters.")
        if match[1]:
            parameters[match[1].lower()] = _unquote(match[2])
        place = match.end()
    return head[0].lower(), parameters


def _unquote(value: str) -> str:
    if value.startswith('"'):
        value = re.sub(r"\\([\"\\])", r"\1", value[1:-1])
    return re.sub("%(22|0[DdAa])", lambda match: _ESCAPES[match[0]], value)
