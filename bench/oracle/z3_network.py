"""Z3 on what one interface reaches of another: are the engine's sets of ports and client ports what the rules say, for every port there is?

    python -m bench.oracle.z3_network [pairs] [seed]

A VPC at random: subnets with ordered network ACLs, security groups whose rules name ranges, prefixes and each other, TCP and UDP, IPv4 and
IPv6. The rules are written as formulas from AWS's sentences (VPC User Guide, "Security group rules", "Network ACLs", read 2026-11-27); Z3
looks for a port, or a client port, for which the engine says otherwise. Nothing of the engine but its answer is used.
"""

import random
import sys
import time
from collections import Counter
from ipaddress import ip_address, ip_network
from typing import Any

import z3

from buckler.engines.net import TCP, UDP, Interface, Target, connect, world_of
from buckler.engines.net.ranges import Ports, range_of
from buckler.model.estate import Estate
from buckler.model.network import NaclEntry, NetworkAcl, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc
from buckler.model.origin import ApiOrigin
from buckler.model.unknown import Unknown

_NAMES = {TCP: ("tcp", "6", "-1"), UDP: ("udp", "17", "-1")}
_V4 = ("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.4/30", "10.0.2.7/32", "10.0.3.0/25", "192.0.2.0/24")
_V6 = ("::/0", "::/0", "2001:db8::/32", "2001:db8:0:1::/64", "2001:db8:0:2::7/128")
_YES, _NO = (z3.BoolVal(one) for one in (True, False))
_GROUPS = ("sg-a", "sg-b", "sg-c", "sg-d")
_SUBNETS = ("s1", "s2", "s3")


def entity(kind: str, name: str) -> dict[str, Any]:
    arn = f"arn:aws:ec2:eu-west-1:123456789012:{kind}/{name}"
    return {"arn": arn, "name": name, "account": "123456789012", "region": "eu-west-1", "origin": ApiOrigin(call="ec2:Describe", arn=arn)}


def _ports(rng: random.Random) -> tuple[int, int]:
    low = rng.choice((0, 22, 443, 1023, 1024, 5432, 32768, 65535, rng.randrange(65536)))
    return low, rng.choice((low, min(65535, low + 1), 1024 if low <= 1024 else 65535, 65535))


def _rule(rng: random.Random) -> SecurityGroupRule:
    low, high = _ports(rng)
    protocol = rng.choice(("tcp", "tcp", "udp", "6", "17", "-1", "-1", "icmp"))
    peer = rng.random()
    return SecurityGroupRule(
        is_egress=rng.random() < 0.5,
        protocol=protocol,
        from_port=None if protocol in {"-1", "icmp"} else low,
        to_port=None if protocol in {"-1", "icmp"} else high,
        cidrs=(rng.choice((*_V4, *_V6)),) if peer < 0.65 else (),
        groups=(rng.choice(_GROUPS),) if peer >= 0.65 else (),
    )


def _entry(rng: random.Random, number: int) -> NaclEntry:
    low, high = _ports(rng)
    protocol = rng.choice(("tcp", "6", "udp", "17", "-1"))
    return NaclEntry(
        rule_number=number,
        is_egress=rng.random() < 0.5,
        protocol=protocol,
        is_allow=rng.random() < 0.7,
        cidr=rng.choice((*_V4, *_V6)),
        from_port=None if protocol == "-1" else low,
        to_port=None if protocol == "-1" else high,
    )


def network(rng: random.Random) -> Estate:
    """Make a VPC of three subnets."""
    return Estate(
        vpcs=(Vpc(**entity("vpc", "v"), cidrs=("10.0.0.0/16", "2001:db8::/56")),),
        subnets=tuple(
            Subnet(
                **entity("subnet", name),
                vpc_id="v",
                cidr=f"10.0.{number}.0/24",
                ipv6_cidrs=(f"2001:db8:0:{number}::/64",),
                availability_zone="eu-west-1a",
            )
            for number, name in enumerate(_SUBNETS, 1)
        ),
        route_tables=(
            RouteTable(
                **entity("rtb", "r"),
                vpc_id="v",
                routes=(Route(destination="10.0.0.0/16", target="local"), Route(destination="2001:db8::/56", target="local")),
                subnet_ids=(),
                is_main=True,
            ),
        ),
        network_acls=tuple(
            NetworkAcl(
                **entity("acl", f"acl-{name}"),
                vpc_id="v",
                entries=tuple(_entry(rng, number) for number in rng.sample(range(1, 400), rng.randint(1, 8)))
                + tuple(
                    NaclEntry(rule_number=500, is_egress=way, protocol="-1", is_allow=True, cidr=cidr)
                    for way in (True, False)
                    for cidr in ("0.0.0.0/0", "::/0")
                    if rng.random() < 0.95
                ),
                subnet_ids=(name,),
                is_default=False,
            )
            for name in _SUBNETS
        ),
        security_groups=tuple(
            SecurityGroup(**entity("sg", name), group_name=name, vpc_id="v", rules=tuple(_rule(rng) for _ in range(rng.randint(3, 14))))
            for name in _GROUPS
        ),
    )


# --- AWS's sentences, as formulas ------------------------------------------------------------------------------------------


def _between(port: Any, low: int | None, high: int | None) -> Any:
    if low is None or low == -1:
        return _YES
    return z3.And(z3.UGE(port, low), z3.ULE(port, low if high is None else high))


def _names(cidrs: tuple[Any, ...], address: str) -> bool:
    return any(ip_address(address) in ip_network(str(one)) for one in cidrs if ip_network(str(one)).version == ip_address(address).version)


def _group_lets(estate: Estate, mine: Interface, other: Interface, address: str, port: Any, protocol: int, *, is_egress: bool) -> Any:
    """A rule that names a group is about all that hold it; rules only allow, and any of them is enough."""
    held = {one.name: one for one in estate.security_groups}
    told: list[Any] = [_NO]
    for name in mine.groups:
        rules = held[name].rules
        for rule in () if isinstance(rules, Unknown) else rules:
            applies = rule.is_egress is is_egress and rule.protocol in _NAMES[protocol]
            if applies and (_names(rule.cidrs, address) or any(one in other.groups for one in rule.groups)):
                low, high = (None, None) if rule.protocol == "-1" else (rule.from_port, rule.to_port)
                told.append(_between(port, low, high))  # type: ignore[arg-type]
    return z3.Or(*told)


def _acl_lets(estate: Estate, subnet: str, peer: str, port: Any, protocol: int, *, is_egress: bool) -> Any:
    """The first entry that matches decides, whatever comes after; what none matches is denied."""
    acl = next(one for one in estate.network_acls if subnet in one.subnet_ids)
    said = _NO
    entries = () if isinstance(acl.entries, Unknown) else acl.entries
    for entry in sorted(entries, key=lambda one: -one.rule_number):
        if entry.is_egress is is_egress and entry.protocol in _NAMES[protocol] and _names((entry.cidr,), peer):
            matches = _between(port, entry.from_port, entry.to_port)
            said = z3.If(matches, z3.BoolVal(entry.is_allow), said)
    return said


def formulas(
    estate: Estate, source: Interface, target: Interface, addresses: tuple[str, str], protocol: int, port: Any, client: Any
) -> tuple[Any, Any]:
    """Say for which ports a packet arrives, and for which client ports its answer does. Groups are stateful, network ACLs are not."""
    mine, theirs = addresses
    there = z3.And(
        _group_lets(estate, source, target, theirs, port, protocol, is_egress=True),
        _group_lets(estate, target, source, mine, port, protocol, is_egress=False),
    )
    if source.subnet == target.subnet:
        return there, _YES
    there = z3.And(
        there,
        _acl_lets(estate, source.subnet, theirs, port, protocol, is_egress=True),
        _acl_lets(estate, target.subnet, mine, port, protocol, is_egress=False),
    )
    back = z3.And(
        _acl_lets(estate, target.subnet, mine, client, protocol, is_egress=True),
        _acl_lets(estate, source.subnet, theirs, client, protocol, is_egress=False),
    )
    return there, back


def _in(port: Any, ports: Ports) -> Any:
    return z3.Or(_NO, *(_between(port, low, high) for low, high in ports))


def interface(rng: random.Random, name: str, host: int) -> tuple[Interface, dict[int, str]]:
    """Put an interface into a subnet."""
    number = rng.randrange(3)
    addresses = {4: f"10.0.{number + 1}.{host}", 6: f"2001:db8:0:{number + 1}::{host:x}"}
    groups = tuple(sorted(rng.sample(_GROUPS, rng.randint(1, 2))))
    return Interface(name, "v", _SUBNETS[number], groups, tuple(map(range_of, addresses.values()))), addresses


def main(count: int, seed: int) -> int:
    """Compare; 1 when they differ anywhere."""
    rng = random.Random(seed)  # noqa: S311 - a seeded shape, not a secret
    answers: Counter[str] = Counter()
    wrong = 0
    port, client = z3.BitVec("port", 17), z3.BitVec("client", 17)
    start = time.perf_counter()
    for _ in range(count):
        estate = network(rng)
        world = world_of(estate)
        (source, mine), (target, theirs) = interface(rng, "from", rng.choice((4, 5, 7))), interface(rng, "to", rng.choice((6, 8, 9)))
        version, protocol = rng.choice((4, 6)), rng.choice((TCP, UDP))
        told = connect(world, source, Target(range_of(theirs[version]), target), protocol)
        there, back = formulas(estate, source, target, (mine[version], theirs[version]), protocol, port, client)
        solver = z3.Solver()
        solver.add(z3.ULE(port, 65535), z3.UGE(client, 1024), z3.ULE(client, 65535))
        # Open is what arrives and is answered to some client port: without an answer nothing is.
        is_answered = z3.Exists([client], z3.And(z3.UGE(client, 1024), z3.ULE(client, 65535), back))
        solver.add(z3.Or(_in(port, told.ports) != z3.And(there, is_answered), z3.And(there, _in(client, told.clients) != back)))
        verdict = solver.check()
        answers[told.kind if verdict == z3.unsat else str(verdict)] += 1
        if verdict == z3.sat:
            wrong += 1
            model = solver.model()
            print(f"differs: {source} to {target} version {version} protocol {protocol}: {told.ports} {told.clients}; {model}")
    seconds = time.perf_counter() - start
    print(f"{count} pairs in {seconds:.0f} s: {', '.join(f'{name} {number}' for name, number in answers.most_common())}; {wrong} differ")
    return 1 if wrong or answers["unknown"] > count // 20 else 0


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in [*sys.argv[1:], *("500", "1")[len(sys.argv) - 1 :]])))
