"""Form bodies as clients write them."""

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
FIELDS = {"filename": "f.bin", "sessionId": "s", "nodeId": "7", "nodeName": "Loader"}


def form(index, total, data, *, file="last", **fields) -> bytes:
    """Give the body; ``file`` says where its part stands: first, last or the name of the field it follows."""
    values = {**FIELDS, "chunkIndex": index, "totalChunks": total, **fields}
    parts = [(name, field(name, str(value).encode())) for name, value in values.items() if value is not None]
    names = [name for name, _ in parts]
    place = {"first": 0, "last": len(parts)}.get(file, names.index(file) + 1 if file in names else 0)
    parts.insert(
        place, ("file", field("file", data, '; filename="blob"\r\nContent-Type: application/octet-stream'))
    )
    return b"".join(part for _, part in parts) + f"--{BOUNDARY}--\r\n".encode()


def field(name, value, extra="") -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode()
        + value
        + b"\r\n"
    )
