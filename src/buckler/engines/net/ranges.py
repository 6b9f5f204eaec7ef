"""Addresses as ranges of numbers, and sets of ports as sorted ranges."""

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias


class Range(NamedTuple):
    """Addresses of one family, both ends included."""

    version: int
    first: int
    last: int

    @property
    def is_one(self) -> bool:
        """Say whether it is a single address."""
        return self.first == self.last

    def __str__(self) -> str:
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        if self.is_one:
            return str(kind(self.first))
        nets = list(ipaddress.summarize_address_range(kind(self.first), kind(self.last)))
        return str(nets[0]) if len(nets) == 1 else f"{kind(self.first)}-{kind(self.last)}"


@lru_cache(maxsize=1 << 16)
def range_of(cidr: str) -> Range:
    """Read an address or a CIDR; bits beyond the prefix are dropped, as EC2 does. Raises `ValueError`."""
    net = ipaddress.ip_network(cidr.strip(), strict=False)
    return Range(net.version, int(net.network_address), int(net.broadcast_address))


def ranges_of(cidrs: Iterable[str]) -> Iterator[Range]:
    """Read addresses and CIDRs, without those that are none."""
    for cidr in cidrs:
        try:
            yield range_of(cidr)
        except ValueError:
            continue


def inside(one: Range, other: Range) -> bool | None:
    """Say whether *one* lies in *other*: True all of it, False nothing of it, None a part."""
    if one.version != other.version or one.last < other.first or other.last < one.first:
        return False
    return True if other.first <= one.first and one.last <= other.last else None


_PRIVATE: Final = tuple(
    range_of(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7")
)


def is_private(address: Range) -> bool:
    """Say whether addresses are of networks that are not the internet's (RFC 1918, 3927, 4193, 6598)."""
    return any(inside(address, one) is True for one in _PRIVATE)


# --- ports ---------------------------------------------------------------------------------------------------------------

Ports: TypeAlias = tuple[tuple[int, int], ...]
"""Disjoint ranges in order, both ends included."""

NO_PORTS: Final[Ports] = ()
ALL_PORTS: Final[Ports] = ((0, 65535),)
CLIENT_PORTS: Final[Ports] = ((1024, 65535),)
"""What Lambda, NAT gateways and load balancers send from (Amazon VPC User Guide, "Ephemeral ports")."""


def union(parts: Iterable[tuple[int, int]]) -> Ports:
    """Join ranges in any order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(parts):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def common(one: Ports, other: Ports) -> Ports:
    """Give the ports in both."""
    if one is ALL_PORTS or one is other:
        return other
    if other is ALL_PORTS:
        return one
    found: list[tuple[int, int]] = []
    for first, last in one:
        for second, end in other:
            low, high = max(second, first), min(end, last)
            if low <= high:
                found.append((low, high))
    return tuple(found)


def without(one: Ports, other: Ports) -> Ports:
    """Give the ports of *one* that are not in *other*."""
    left = list(one)
    for first, last in other:
        left = [
            piece for begin, end in left for piece in ((begin, min(end, first - 1)), (max(begin, last + 1), end)) if piece[0] <= piece[1]
        ]
    return tuple(left)


def has(ports: Ports, port: int) -> bool:
    """Say whether a port is among them."""
    return any(first <= port <= last for first, last in ports)
