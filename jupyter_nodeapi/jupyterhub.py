"""One server for a whole team, as a service of a JupyterHub: who may do what there.

Without an authorizer a Hub service gives every member its kernels, contents and terminals, all running as the
service's account. With this one the service is the API and nothing else::

                            read    write                          execute
    nodeapi, _uploads,      member  member                         -
      _audio, _files
    nodeapi_models          member  member with the curators'      -
                                    scope (installs, uninstalls);
                                    member over a job of their own
    events                  -       -                              member (subscribes)
    api                     member  -                              -
    kernels, contents,      -       -                              -
      terminals, server, ...

A member is whom the Hub lets in at all (scope ``access:services!service=...``). The recipe is in
``docs/how-to/jupyterhub.md``.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import User
from traitlets import Set, Unicode

__all__ = ["TeamAuthorizer"]

_ROOMS = frozenset({"nodeapi", "nodeapi_audio", "nodeapi_files", "nodeapi_models", "nodeapi_uploads"})
_BESIDE = frozenset({("read", "api"), ("execute", "events")})


class TeamAuthorizer(Authorizer):
    """Lets members use the API, curators install models, and nobody anything else.

    Set it with ``c.ServerApp.authorizer_class = "jupyter_nodeapi.jupyterhub.TeamAuthorizer"``.
    """

    curator_scope = Unicode(
        "custom:nodeapi:write",
        help="The custom scope of JupyterHub that a user needs to change a curated resource.",
    ).tag(config=True)
    curated = Set(
        Unicode(),
        default_value={"nodeapi_models"},
        help="Resources that only holders of curator_scope may change; add 'nodeapi_files' to curate libs.",
    ).tag(config=True)

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Return whether `user` may do `action` on `resource`.

        Parameters
        ----------
        handler : JupyterHandler
            The handler that asks; its ``own`` says that it is about what is the user's alone.
        user : User
            Whom the Hub authenticated; its ``hub_user["scopes"]`` decide about curated resources.
        action : str
            ``read``, ``write`` or ``execute``.
        resource : str
            A room of this API, or a resource of Jupyter's own.
        """
        if resource not in _ROOMS:
            return (action, resource) in _BESIDE
        if action == "read":
            return True
        if action != "write":
            return False
        return resource not in self.curated or getattr(handler, "own", False) or self._is_curator(user)

    def _is_curator(self, user: User) -> bool:
        """Only a user that the Hub vouches for has scopes; any other is no curator."""
        hub_user = getattr(user, "hub_user", None) or {}
        return self.curator_scope in hub_user.get("scopes", ())
