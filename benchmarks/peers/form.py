"""A form with one file: the fields first, as browsers' uploaders send it."""

from __future__ import annotations

from _traffic import Request, head

__all__ = ["form"]

_BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW0"


def form(
    path: str, fields: dict[str, str], part: str, span: tuple[int, int], headers: dict[str, str]
) -> Request:
    """Give the request that posts a span of the source (offset, length) as a file part beside some fields."""
    offset, length = span
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    filename = fields.get("filename", "blob")
    parts.append(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    before, after = "".join(parts).encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    opening = head("POST", path, len(before) + length + len(after), {**headers, **kind}) + before
    return Request(opening, offset, length, after)
