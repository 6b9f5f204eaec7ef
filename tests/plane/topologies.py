"""Seeded random networks for the plane, in the words of tests/engines/net/build.py, and packets that lie on the edges of their rules."""

import random
from collections.abc import Iterator

from tests.plane.kernel import INTERNET, OUTSIDE

SUBNETS = {"app": "10.0.1", "app2": "10.0.2", "db": "10.0.3", "pub": "10.0.9", "far": "10.1.1", "mid": "10.2.1"}
SIX = {"app": "2001:db8:a:1", "db": "2001:db8:a:3", "pub": "2001:db8:a:9"}
GROUPS = ("fn", "database", "far", "g1", "g2", "g3")
EDGES = (22, 80, 443, 1024, 2000, 5432, 8080, 32768, 40000, 60999, 65535)
CIDRS = ("0.0.0.0/0", "::/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.0/28", "10.0.2.0/23", "10.0.3.0/24", "10.1.0.0/16", "10.2.1.0/25",
         "198.51.100.0/24", "10.0.1.10/32", "2001:db8:a:1::/64", "2001:db8:a:3::10/128")  # fmt: skip

BLOCKS = (
    "bpa off; exclude pub allow-egress",
    "bpa block-ingress",
    "bpa block-bidirectional; exclude pub allow-egress; exclude db allow-bidirectional",
    "bpa off",
    "bpa block-ingress; exclude app allow-egress; exclude pub allow-bidirectional",
    "bpa block-bidirectional; exclude a allow-egress",
    "bpa block-ingress; exclude a allow-bidirectional",
    "bpa block-bidirectional; exclude app allow-bidirectional; exclude b allow-bidirectional",
)
"""Block Public Access, by seed."""


def lines(seed: int, hosts: int) -> str:
    """Write a network of about so many hosts."""
    some = random.Random(seed)  # noqa: S311 - a seed is the point
    out = []
    for number in range(hosts):
        subnet = some.choice(list(SUBNETS))
        last = 30 + number
        address = f"{SUBNETS[subnet]}.{last}"
        if subnet in SIX and some.random() < 0.6:
            address += f",{SIX[subnet]}::{last:x}"
        groups = ",".join(some.sample(GROUPS, some.choice((1, 1, 2))))
        out.append(
            f"eni e{number} {subnet} {address} {groups}" + (f" public=203.0.113.{last}" if subnet == "pub" and some.random() < 0.5 else "")
        )
    out += [f"sg {GROUPS[seed % len(GROUPS)]} in {protocol} - {cidr}" for protocol, cidr in (("tcp", "0.0.0.0/0"), ("-1", "::/0"))]
    out += [f"sg {group} out -1 - {cidr}" for group in GROUPS if some.random() < 0.6 for cidr in ("0.0.0.0/0", "::/0")]
    for _ in range(some.randint(18, 36)):
        peer = some.choice((*CIDRS, *GROUPS, *GROUPS))
        out.append(
            f"sg {some.choice(GROUPS)} {some.choice(('in', 'in', 'out'))} {some.choice(('tcp', 'udp', '-1', '6'))} {_ports(some)} {peer}"
        )
    for subnet in SUBNETS:
        for way in ("in", "out"):
            if some.random() < 0.55:
                numbers = some.sample(range(1, 900), 3)
                out += [
                    f"acl {subnet} {way} {number} {some.choice(('deny', 'deny', 'allow'))} {some.choice(('tcp', 'udp', '-1'))} {_ports(some)} {some.choice(CIDRS)}"
                    for number in numbers
                ]
            out += [f"acl {subnet} {way} {1000 + at} allow -1 - {cidr}" for at, cidr in enumerate(("0.0.0.0/0", "::/0"))]
    return "; ".join([*out, *_routes(some), BLOCKS[seed % len(BLOCKS)]])


def _ports(some: random.Random) -> str:
    if some.random() < 0.2:
        return "-"
    first, last = sorted(some.sample(EDGES, 2))
    return str(first) if some.random() < 0.4 else f"{first}-{last}"


def _routes(some: random.Random) -> list[str]:
    out = [
        "igw igw-1 a",
        "eigw eigw-1 a",
        "nat nat-1 pub at=10.0.9.250",
        "peering pcx-1 a b",
        "peering pcx-2 a c",
        "peering pcx-3 b c pending-acceptance",
    ]
    out += ["tgw tgw-1 a:app,app2,db,pub b:far c:mid refs"]
    out += [
        f"tgwroute tgw-1 {cidr} {vpc}"
        for cidr, vpc in (("10.0.0.0/16", "a"), ("10.1.0.0/16", "b"), ("10.2.0.0/16", "c"))
        if some.random() < 0.9
    ]
    if some.random() < 0.5:
        out.append(f"tgwroute tgw-1 10.2.1.0/25 {some.choice(('-', 'b'))}")
    for subnet in SUBNETS:
        vpc = {"far": "b", "mid": "c"}.get(subnet, "a")
        ways = {
            "a": {"0.0.0.0/0": ("igw-1", "nat-1", "pcx-1", "tgw-1"), "10.1.0.0/16": ("pcx-1", "tgw-1", "pcx-2"), "10.2.0.0/16": ("pcx-2", "tgw-1"),
                  "10.1.1.0/25": ("tgw-1", "pcx-1"), "::/0": ("igw-1", "eigw-1"), "198.51.100.0/25": ("nat-1", "igw-1")},
            "b": {"10.0.0.0/16": ("pcx-1", "tgw-1"), "10.0.1.0/24": ("tgw-1", "pcx-1"), "10.2.0.0/16": ("tgw-1", "pcx-3")},
            "c": {"10.0.0.0/16": ("pcx-2", "tgw-1"), "10.0.0.0/8": ("tgw-1",), "10.1.0.0/16": ("tgw-1", "pcx-3")},
        }[vpc]  # fmt: skip
        for cidr, targets in ways.items():
            if subnet == "pub" and cidr == "0.0.0.0/0":
                out.append(f"route pub {cidr} igw-1")
            elif some.random() < 0.75 and not (subnet == "pub" and cidr == "198.51.100.0/25"):
                out.append(f"route {subnet} {cidr} {some.choice(targets)}{' blackhole' if some.random() < 0.05 else ''}")
    return out


def probes(seed: int, estate: object, number: int) -> list[tuple[str, str, str, int, int]]:
    """Choose packets: (interface or the internet, address, protocol, port, client port)."""
    some = random.Random(seed)  # noqa: S311 - a seed is the point
    there = list(estate.interfaces)
    owner = {address: str(one.name) for one in there for address in one.private_ips}
    taken: set[tuple[object, ...]] = set()
    found: dict[tuple[str, str, str, int, int], None] = {}
    while len(found) < number:
        source, target = some.sample(there, 2)
        if some.random() < 0.1:
            known_outside = [one for one in there if one.public_ips or any(":" in each for each in one.private_ips)]
            found |= dict.fromkeys(_from_outside(some, some.choice((target, *known_outside)), taken))
            continue
        to = some.choice(INTERNET) if some.random() < 0.15 else some.choice(target.private_ips)
        if not any((":" in one) == (":" in to) for one in source.private_ips):
            continue
        port = some.choice((*EDGES, *(edge + 1 for edge in EDGES[:-1]), some.randint(1, 65535)))
        client = some.choice((*EDGES[3:], *(edge + 1 for edge in EDGES[3:-1]), some.randint(1024, 65535)))
        # The kernel takes a packet from the other end, with the same two ports, for the answer to one before it.
        ends = frozenset({(str(source.name), client), (owner.get(to, to), port)})
        protocol = some.choice(("tcp", "tcp", "udp"))
        if (protocol, ":" in to, ends) in taken:
            continue
        taken.add((protocol, ":" in to, ends))
        found[str(source.name), to, protocol, port, client] = None
    return list(found)


def _from_outside(some: random.Random, target: object, taken: set[tuple[object, ...]]) -> Iterator[tuple[str, str, str, int, int]]:
    """Choose a packet that the internet sends to an interface."""
    to = some.choice(target.private_ips)
    port, client = some.choice((*EDGES, some.randint(1, 65535))), some.choice((*EDGES[3:], some.randint(1024, 65535)))
    protocol = some.choice(("tcp", "tcp", "udp"))
    ends = frozenset({(INTERNET[":" in to], client), (str(target.name), port)})
    if (protocol, ":" in to, ends) not in taken:
        taken.add((protocol, ":" in to, ends))
        yield OUTSIDE, to, protocol, port, client
