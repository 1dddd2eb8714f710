"""A certificate that nobody has signed but itself, for 127.0.0.1."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_MAKE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make one and give its file, and what a server needs to show it."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*_MAKE.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
