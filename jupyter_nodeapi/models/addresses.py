"""Which addresses a download may reach: https to public ones, and what the administrator allowed.

A registry is text that somebody wrote: without this, an entry could make the server read its cloud's
metadata service or a neighbour's printer. A name is not enough to decide (it may resolve to anything, and to
something else a moment later), so the address of the *connected* peer decides, before a byte is sent, at
every hop of every redirect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from jupyter_nodeapi.errors import Forbidden

__all__ = ["Addresses", "has_secret", "is_public", "origin_of"]

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SECRETS = (
    "token",
    "secret",
    "password",
    "passwd",
    "signature",
    "credential",
    "apikey",
    "api_key",
    "access_key",
)
_SECRET_NAMES = {"sig", "key", "auth", "authorization"}
_HINT = "The administrator can name it in c.Models.allowed_origins."


class Addresses:
    """The rule, with the origins that an administrator added.

    Parameters
    ----------
    allowed : iterable of str
        ``scheme://host[:port]`` that may be reached whatever their address; http too.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(filter(None, map(origin_of, allowed)))

    def allows_origin(self, url: str) -> bool:
        """Say whether this URL's origin was allowed by name."""
        return origin_of(url) in self._allowed

    def check_url(self, url: str, *, proxied: bool = False) -> None:
        """Refuse what no connection need be opened for.

        Parameters
        ----------
        url : str
            Absolute URL of the next hop.
        proxied : bool
            A proxy will connect in our place, so that a literal address is all there is to look at.

        Raises
        ------
        Forbidden
            Not https, no host, user information in it, or (proxied) a private literal address.
        """
        if self.allows_origin(url):
            return
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise Forbidden(
                "Models come over https only.", code="address_not_allowed", hint="Use an https URL. " + _HINT
            )
        host = parts.hostname.rstrip(".")
        private = host == "localhost" or host.endswith(".localhost")
        if proxied and (private or not is_public(host, names=True)):
            raise Forbidden("This address is not public.", code="address_not_allowed", hint=_HINT)

    def check_peer(self, url: str, address: str) -> None:
        """Refuse a connected peer whose address is not public, unless its origin was allowed.

        Raises
        ------
        Forbidden
            The name led to a loopback, private, link-local, shared, reserved or multicast address.
        """
        if not self.allows_origin(url) and not is_public(address):
            raise Forbidden(
                "This model's server has an address that is not public.",
                code="address_not_allowed",
                hint=_HINT,
            )


def is_public(address: str, *, names: bool = False) -> bool:
    """Say whether an IP address is a public one, also inside IPv4-mapped, NAT64, 6to4 and Teredo forms.

    Parameters
    ----------
    address : str
        A literal address, with or without a zone.
    names : bool
        What to answer for something that is no literal address.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return names
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def origin_of(url: str) -> str | None:
    """Give ``scheme://host:port`` of an http(s) URL, in one form; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname.rstrip('.')}:{port}"


def has_secret(url: str) -> bool:
    """Say whether a URL seems to carry a password or a token, which no registry, record or log may hold."""
    if "@" not in url and "?" not in url:
        return False  # most of ten thousand
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        return True
    names = [name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return any(name in _SECRET_NAMES or any(word in name for word in _SECRETS) for name in names)
