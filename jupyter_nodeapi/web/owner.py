"""Who a request's sessions belong to, on a server that several users share."""

from __future__ import annotations

from jupyter_nodeapi.web.handler import Handler

__all__ = ["owner_of"]


def owner_of(handler: Handler) -> str:
    """Give the name of the user that a Hub vouches for, or the empty name.

    Without a Hub there is one user: Jupyter makes up another name for each request that comes with a token,
    so names mean nothing there.
    """
    user = handler.current_user
    return str(user.username) if getattr(user, "hub_user", None) else ""
