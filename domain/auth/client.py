"""Where a request comes from, and what is counted together of it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

TOGETHER = {4: 24, 6: 64}  # bits of an address that whoever has one of them usually has all of


@dataclass(frozen=True, slots=True)
class Client:
    """`ip`: as the socket, or a trusted proxy, tells it; empty for an operator's command."""

    ip: str
    user_agent: str

    @property
    def address(self) -> str:
        """Without IPv6 around an IPv4 address; what is none is left as it is."""
        found = self._address
        return str(found) if found else self.ip

    @property
    def host(self) -> str:
        """What one caller has: an IPv4 address, or a network of IPv6, whose hosts take addresses as they like."""
        return self.network if isinstance(self._address, IPv6Address) else self.address

    @property
    def network(self) -> str:
        """Of IPv4 a /24, of IPv6 a /64."""
        found = self._address
        return str(ip_network(f"{found}/{TOGETHER[found.version]}", strict=False)) if found else self.ip

    @property
    def _address(self) -> IPv4Address | IPv6Address | None:
        try:
            found = ip_address(self.ip.partition("%")[0])
        except ValueError:
            return None
        return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
