"""The one rule for a single name, and how an odd id becomes a readable name.

A name that is good here is good on Linux, macOS and Windows, in a zip and on a network share: nobody
should find out which of them is below.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from jupyter_nodeapi.disk.atomic import TEMP_PREFIX
from jupyter_nodeapi.errors import InvalidParameter, InvalidPath

__all__ = ["MAX_ID_BYTES", "check_component", "safe_component"]

MAX_COMPONENT_BYTES = 255
MAX_ID_BYTES = 128

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"^[A-Za-z]:")
# Windows gives these names to devices, with any extension, also behind spaces, also with superscript digits.
_DEVICE = re.compile(
    r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *([.:]|$)", re.IGNORECASE
)
_SUFFIXED = re.compile(r"~[0-9a-f]{8}$")


def check_component(name: str) -> str:
    """Give the NFC-normal form of one path component.

    Raises
    ------
    InvalidPath
        It is empty, ``.`` or ``..``; holds a slash, backslash, control character or lone surrogate; begins
        like a drive; is a Windows device; ends in a dot or space; is over 255 bytes; or is one of ours.
    """
    if fault := _fault(name):
        raise InvalidPath(fault)
    return unicodedata.normalize("NFC", name)


def safe_component(name: str) -> str:
    """Give a readable path component for any id; two ids never share one.

    Whatever a path cannot hold becomes ``_``, and then, as for an id that already looks like it, a
    ``~`` with eight hexadecimal digits of the id's SHA-256 is added.

    Raises
    ------
    InvalidParameter
        The id is empty, over 128 bytes, or holds control characters or lone surrogates.
    """
    try:
        raw = name.encode()
    except UnicodeEncodeError:
        raise InvalidParameter("An id must be valid Unicode.") from None
    if not raw or len(raw) > MAX_ID_BYTES or _CONTROL.search(name):
        raise InvalidParameter(f"An id must have 1 to {MAX_ID_BYTES} bytes and no control characters.")
    clean = _DRIVE.sub("_", re.sub(r"[/\\]", "_", unicodedata.normalize("NFC", name))).rstrip(". ")
    if not clean or _fault(clean):
        clean = f"_{clean}"
    if clean == name and not _SUFFIXED.search(name):
        return name
    short = clean.encode()[:200].decode(errors="ignore")
    return f"{short}~{hashlib.sha256(raw).hexdigest()[:8]}"


def _fault(name: str) -> str | None:
    """Say what is wrong with a component, or ``None``."""
    try:
        normal = unicodedata.normalize("NFC", name)
        size = len(normal.encode())
    except UnicodeEncodeError:
        return "A name must be valid Unicode."
    faults = (
        (normal in {"", ".", ".."}, "A path must consist of names, without '.', '..' or empty parts."),
        ("/" in normal or "\\" in normal, "A name cannot hold a slash or a backslash."),
        (_CONTROL.search(normal), "A name cannot hold control characters."),
        (_DRIVE.search(normal), "A path cannot begin with a drive."),
        (_DEVICE.search(normal), "This name belongs to a device on Windows."),
        (normal.endswith((".", " ")), "A name cannot end in a dot or a space."),
        (size > MAX_COMPONENT_BYTES, f"A name has at most {MAX_COMPONENT_BYTES} bytes."),
        (
            (normal.casefold() + "-").startswith(TEMP_PREFIX),
            "Names that begin like this are the server's own.",
        ),
    )
    return next((sentence for wrong, sentence in faults if wrong), None)
