"""Subnets of its own for a function: as small as they can be, with the routes, the network ACL and the security group of its uses alone.

Sources: Amazon VPC User Guide, "Subnet sizing" (a /28 is the smallest, and AWS keeps five addresses), "Network ACL basics", "Ephemeral
ports"; AWS PrivateLink Guide, "Gateway endpoints" (several of one service in a VPC, one in a route table); AWS Lambda Developer Guide,
"Hyperplane ENIs" (one for each subnet and set of security groups). Read 2026-11-27.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from buckler.engines.net import TCP, Interface, World
from buckler.engines.net.gates import protocol_number
from buckler.engines.net.ranges import CLIENT_PORTS, Range, common, inside, range_of, ranges_of
from buckler.engines.net.reachable import rule_ports
from buckler.engines.net.walk import Leg, choose
from buckler.model.closing import DesignedEndpoint, DesignedSubnet, Kept, NetClose, SubnetDesign, bare
from buckler.model.network import NaclEntry, Route, SecurityGroupRule
from buckler.model.reachability import NetReach
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.network import asked_of, reach_of, sources_of
from buckler.reach.network_close import rules_of
from buckler.reach.network_designed import NEW_GROUP, missed
from buckler.reach.network_keep import list_of
from buckler.reach.network_targets import world

_PREFIX: Final = 28
_FIRST, _STEP, _MOST_ENTRIES = 100, 10, 20
_ANYWHERE: Final = "0.0.0.0/0"


def design(closing: NetClose, analysis: Analysis) -> SubnetDesign:
    """Design the subnets. Raises `Undecided` where what there is of the VPC is not known."""
    function = closing.function
    there = world(analysis)
    sources = sources_of(function, analysis)
    if not sources:
        raise Undecided(Unknown(kind=UnknownKind.UNSUPPORTED, why="the function is in no VPC of the account", need="a VPC"))
    analysis.require("vpcs", function.account, function.region)
    mine = [one for one in closing.kept if one.function == shown(function.name) and one.rules]
    used = _used(mine, reach_of(function, analysis).reached)
    endpoints = tuple(_endpoints(used, sources, there))
    rules = rules_of(mine, {4}, there)
    vpc = there.vpcs[sources[0].vpc]
    cidrs = _free(vpc.name, len(sources), there)
    subnets = tuple(
        DesignedSubnet(zone=_zone(source, there), cidr=cidr, routes=_routes(source, used, there, analysis))
        for source, cidr in zip(sources, cidrs, strict=True)
    )
    made = SubnetDesign(
        function=function,
        vpc=vpc.name,
        subnets=subnets,
        endpoints=endpoints,
        entries=tuple(_entries(rules, used, there)),
        rules=rules,
        admits=tuple(_admits(sources, used, there)),
        notes=(),
        worth=closing.worth,
    )
    return replace(made, notes=tuple(_notes(made, sources, used, analysis)))


def _used(kept: Sequence[Kept], reached: Sequence[NetReach]) -> tuple[NetReach, ...]:
    names = {target for one in kept for target in one.targets}
    is_outside = "the internet" in names
    return tuple(told for told in reached if told.target.name in names or (is_outside and told.target.kind == "internet"))


# --- addresses -------------------------------------------------------------------------------------------------------------


def _free(vpc: Text, count: int, there: World) -> tuple[str, ...]:
    """Find the first ranges of a VPC that no subnet has. Raises `Undecided` where there is no room, or nobody knows."""
    size = 1 << (32 - _PREFIX)
    taken = sorted(one for subnet in there.vpc_subnets.get(shown(vpc), ()) for one in there.ranges.get(subnet, ()) if one.version == 4)
    if any(not there.ranges.get(subnet) for subnet in there.vpc_subnets.get(shown(vpc), ())):
        raise Undecided(
            Unknown(kind=UnknownKind.UNRESOLVED, why=f"the range of a subnet of `{shown(vpc)}` is not known", need="--parameter")
        )
    found: list[str] = []
    for block in there.ranges.get(shown(vpc), ()):
        at = block.first
        while block.version == 4 and at + size - 1 <= block.last and len(found) < count:
            here = Range(4, at, at + size - 1)
            clash = next((one for one in taken if inside(one, here) is not False), None)
            if clash is None:
                found.append(str(here))
                at += size
            else:
                at = (clash.last // size + 1) * size
    if len(found) < count:
        why = f"`{shown(vpc)}` has no room for {count} subnets of /{_PREFIX}"
        raise Undecided(Unknown(kind=UnknownKind.FAILED, why=why, need="another range of addresses for the VPC"))
    return tuple(found)


def _zone(source: Interface, there: World) -> Text:
    zone = there.subnets[source.subnet].availability_zone
    return zone if isinstance(zone, str) else ""


# --- routes ----------------------------------------------------------------------------------------------------------------


def _routes(source: Interface, used: Sequence[NetReach], there: World, analysis: Analysis) -> tuple[Route, ...]:
    """Take over the routes of today's subnet that the uses go by; what is in the VPC needs none."""
    table = there.table_of(source.subnet)
    if isinstance(table, Unknown):
        raise Undecided(table)
    origin = source.address(4)
    found: dict[Route, None] = {}
    for told in used:
        if told.target.kind == "endpoint" or origin is None:
            continue
        for to in asked_of(told.target, (source,), there, analysis).to:
            leg = Leg(origin=origin, groups=source.groups)
            route = choose(there, table, source.vpc, leg, to.address, to.service) if to.address.version == 4 else None
            if route is not None and shown(route.target) != "local":
                found[route] = None
    return tuple(sorted(found, key=lambda one: (shown(one.destination), shown(one.target))))


def _endpoints(used: Sequence[NetReach], sources: Sequence[Interface], there: World) -> Iterator[DesignedEndpoint]:
    for told in used:
        if told.target.kind == "endpoint":
            yield DesignedEndpoint(service=told.target.name, prefix_list=list_of(told.target.id, sources, there) or "")


# --- network ACL and security groups -----------------------------------------------------------------------------------------


def _entries(rules: Sequence[SecurityGroupRule], used: Sequence[NetReach], there: World) -> Iterator[NaclEntry]:
    """Let out what the rules let out, and in what answers: network ACLs keep nothing in mind, and name ranges only."""
    out: dict[tuple[str, Range, tuple[int, int]], None] = {}
    for rule in rules:
        number = protocol_number(shown(rule.protocol))
        for pair in ports if not isinstance(ports := rule_ports(rule, TCP if number is None else number), Unknown) else ():
            for one in _ranges(rule, used, there):
                out[shown(rule.protocol), one, pair] = None
    wanted = [one for one in out if not any(_holds(other, one) for other in out if other != one)]
    number = _FIRST
    for protocol, one, (first, last) in sorted(wanted, key=lambda each: (each[1], each[0], each[2])):
        yield _entry(number, protocol, one, first, last, is_egress=True)
        number += _STEP
    answers = list(dict.fromkeys((protocol, one) for protocol, one, _ in sorted(wanted, key=lambda each: (each[1], each[0]))))
    number = _FIRST
    for protocol, one in answers:
        if not any(other != (protocol, one) and other[0] == protocol and inside(one, other[1]) is True for other in answers):
            yield _entry(number, protocol, one, *CLIENT_PORTS[0], is_egress=False)
            number += _STEP


def _holds(wide: tuple[str, Range, tuple[int, int]], narrow: tuple[str, Range, tuple[int, int]]) -> bool:
    return wide[0] == narrow[0] and inside(narrow[1], wide[1]) is True and wide[2][0] <= narrow[2][0] and narrow[2][1] <= wide[2][1]


def _entry(number: int, protocol: str, one: Range, first: int, last: int, *, is_egress: bool) -> NaclEntry:
    cidr = f"{one}/32" if one.is_one else str(one)
    return NaclEntry(rule_number=number, is_egress=is_egress, protocol=protocol, is_allow=True, cidr=cidr, from_port=first, to_port=last)


def _ranges(rule: SecurityGroupRule, used: Sequence[NetReach], there: World) -> Iterator[Range]:
    yield from (one for one in ranges_of(map(shown, rule.cidrs)) if one.version == 4)
    for group in rule.groups:
        # Addresses of what stands there change; the subnets it stands in do so less.
        homes = {told.target.subnet for told in used if shown(group) in told.target.groups and told.target.subnet}
        homes |= {one.subnet for one in there.interfaces.values() if shown(group) in one.groups}
        yield from (one for home in sorted(homes) for one in there.ranges.get(home, ()) if one.version == 4)
        if not homes:
            yield from (range_of(one) for told in used if shown(group) in told.target.groups for one in told.target.addresses)
    if rule.prefix_lists:
        yield range_of(_ANYWHERE)


def _admits(sources: Sequence[Interface], used: Sequence[NetReach], there: World) -> Iterator[tuple[Text, SecurityGroupRule]]:
    """Say which groups let the function in by its group, and must let in the new one: a reference does not know that it moved."""
    mine = set(sources[0].groups)
    seen: set[object] = set()
    for told in used:
        for name in told.target.groups:
            group = there.groups.get(name)
            for rule in () if group is None or isinstance(group.rules, Unknown) else group.rules:
                if group is None or rule.is_egress or not mine & {shown(one) for one in rule.groups}:
                    continue
                new = replace(rule, cidrs=(), groups=(NEW_GROUP,), prefix_lists=(), descriptions=())
                wanted = next((one.ports for one in told.protocols if one.protocol == shown(rule.protocol)), ())
                ports = rule_ports(rule, protocol_number(shown(rule.protocol)) or TCP)
                for first, last in common(wanted, ports) if not isinstance(ports, Unknown) else ():
                    made = replace(new, from_port=first, to_port=last)
                    if (name, bare(made)) not in seen:
                        seen.add((name, bare(made)))
                        yield group.name, made


def _notes(made: SubnetDesign, sources: Sequence[Interface], used: Sequence[NetReach], analysis: Analysis) -> Iterator[str]:
    """Name what the design does not settle."""
    if any(source.address(6) is not None for source in sources):
        yield "the function has IPv6 addresses today: this design has none"
    for is_egress in (True, False):
        count = sum(one.is_egress == is_egress for one in made.entries)
        if count > _MOST_ENTRIES:
            yield f"{count} {'outbound' if is_egress else 'inbound'} entries are more than the {_MOST_ENTRIES} a network ACL may have"
    if any(not one.zone for one in made.subnets):
        yield "the zone of a subnet of today is not known: AWS picks one for the new subnet"
    yield from missed(made, used, analysis)
