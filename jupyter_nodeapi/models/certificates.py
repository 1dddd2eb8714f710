"""Which certificates are trusted: the system's, or the bundle that the environment names."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

__all__ = ["tls_context"]

_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def tls_context() -> ssl.SSLContext:
    """Give the TLS settings of all downloads; a bundle named for requests or curl counts here too."""
    return _context(next((value for name in _BUNDLES if (value := os.environ.get(name))), None))


@lru_cache(maxsize=4)
def _context(bundle: str | None) -> ssl.SSLContext:
    if bundle and os.path.isdir(bundle):  # noqa: PTH112 - a name from the environment, not a path of ours
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle or None)
