"""The extension's own page: a plain look at models and jobs, and the place where a Hub's login begins.

On a server without JupyterLab there is no other page, and the OAuth dance starts only on one.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

__all__ = ["page"]


@cache
def _template() -> str:
    return (Path(__file__).parent / "page.html").read_text("utf-8")


def page() -> tuple[str, str]:
    """Give the page and the Content-Security-Policy that lets only its own script and style run."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return _template().replace("{nonce}", nonce), policy
