"""Where a server is and what opens its door, without ever showing the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from jupyter_nodeapi_widgets.client.errors import NoServer

__all__ = ["Address", "Secret", "parse"]


class Secret:
    """A word that does not show itself: not in a repr, not in a traceback that prints variables.

    Parameters
    ----------
    word : str
        The token; may be empty.
    """

    __slots__ = ("_word",)

    def __init__(self, word: str = "") -> None:
        self._word = word

    def __bool__(self) -> bool:
        return bool(self._word)

    def __repr__(self) -> str:
        return "Secret(...)" if self._word else "Secret()"

    def __reduce__(self) -> tuple[type[Secret], tuple[()]]:
        return (Secret, ())  # a copy elsewhere opens nothing

    def reveal(self) -> str:
        """Give the word itself, for the one header that needs it."""
        return self._word


@dataclass(frozen=True, slots=True)
class Address:
    """One Jupyter server.

    Parameters
    ----------
    scheme : str
        ``http`` or ``https``.
    host : str
        Name or number; without brackets.
    port : int
        TCP port.
    base : str
        Path of the server, begins and ends with ``/``.
    sock : str
        Path of a unix socket; then host and port do not matter.
    token : Secret
        Sent as ``Authorization``.
    source : str
        How it was found, for messages: ``arguments``, ``environment``, ``parent`` or ``hub``.
    """

    scheme: str
    host: str
    port: int
    base: str = "/"
    sock: str = ""
    token: Secret = field(default_factory=Secret)
    source: str = "arguments"

    @property
    def place(self) -> str:
        """The address for a person; without the token."""
        if self.sock:
            return "a unix socket"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.base}"


def parse(url: str, token: str = "", *, sock: str = "", source: str = "arguments") -> Address | NoServer:
    """Read an address; a ``?token=`` in it counts when `token` is empty.

    What is wrong with it is given, not raised: whoever raises it has let go of the token before, so that no
    frame of the traceback holds it.

    Parameters
    ----------
    url : str
        ``http://host:port/base/``, ``https://...``, or ``http+unix://%2Fpath%2Fof%2Fsocket/base/``.
    token : str
        The server's token.
    sock : str
        Path of a unix socket to use instead of host and port.
    source : str
        How it was found.

    Returns
    -------
    Address or NoServer
        ``bad_address``, ``bad_token``: it is none. The message does not repeat it: it may hold a token.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https", "http+unix"} or not parts.hostname or _odd(parts.path):
        hint = "It looks like http://127.0.0.1:8888/ or https://hub.example.org/user/ann/."
        return NoServer("The server's address is not one.", code="bad_address", hint=hint)
    word = (token or parse_qs(parts.query).get("token", [""])[0]).strip()
    if _odd(word):  # a header cannot carry it
        hint = "Give it as the server prints it, without what stands around it."
        return NoServer("The token holds a letter that no token has.", code="bad_token", hint=hint)
    base, secret = "/" + "".join(f"{name}/" for name in parts.path.split("/") if name), Secret(word)
    if parts.scheme == "http+unix":
        where = sock or unquote(parts.netloc)
        return Address("http", "localhost", 80, base, where, secret, source)
    port = port or (443 if parts.scheme == "https" else 80)
    return Address(parts.scheme, parts.hostname, port, base, sock, secret, source)


def _odd(text: str) -> bool:
    return any(not 32 < ord(letter) < 127 for letter in text)
