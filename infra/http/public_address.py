"""Addresses that requests may go to: those of the public internet, unless a route allows others.

Whoever can set a webhook's address could else have the worker ask what only the worker can reach:
a database without a password, or the cloud's metadata service. The address is looked at when the
connection is made, so a name that first leads elsewhere does not help.
"""

import ipaddress
import socket
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_V4_BITS: Final = 0xFFFF_FFFF


class PrivateAddress(OSError):
    """A receiver has an address that is not public, and its route does not allow that."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(
            f"{host} has the address {address}, which is not public: set allow_private for the "
            "route if that is meant"
        )


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet, also if it is wrapped in IPv6.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("169.254.169.254")
    (True, False, False)
    >>> is_public("::ffff:10.0.0.1"), is_public("64:ff9b::a00:1"), is_public("2002:a00:1::1")
    (False, False, False)
    """
    address: IpAddress = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):  # that of IPv4 to which it leads, if it does
        teredo = address.teredo
        nat64 = ipaddress.IPv4Address(int(address) & _V4_BITS) if address in _NAT64 else None
        wrapped = nat64 or address.ipv4_mapped or address.sixtofour
        address = wrapped or (teredo[1] if teredo else None) or address
    return address.is_global and not address.is_multicast


def require_public(host: str, address: str) -> None:
    """Refuse an ``address`` that is not public.

    Raises:
        PrivateAddress: It is not public.
    """
    if not is_public(address):
        raise PrivateAddress(host, address)


def require_public_literal(host: str) -> None:
    """Refuse a ``host`` that is written as numbers and not public: no resolver is asked about it.

    One that only the operating system takes for an address, such as 127.1, is refused as well.

    Raises:
        PrivateAddress: It is not public.
    """
    if ":" in host or host.replace(".", "").isdigit():
        try:
            require_public(host, host)
        except ValueError:
            raise PrivateAddress(host, host) from None


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``.

        Raises:
            PrivateAddress: One of them is not public.
        """
        results = await self._resolver.resolve(host, port, family)
        for result in results:
            require_public(host, result["host"])
        return results

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()
