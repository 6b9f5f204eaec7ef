"""A designed subnet on the estate: everything as if it were made, and whether what is used is reached from there."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypedDict

from msgspec.structs import replace

from buckler.engines.net import TCP
from buckler.engines.net.gates import protocol_number
from buckler.engines.net.ranges import common, inside, ranges_of, union, without
from buckler.engines.net.reachable import rule_ports
from buckler.model.closing import SubnetDesign
from buckler.model.estate import Estate
from buckler.model.functions import Function, VpcConfig
from buckler.model.network import NetworkAcl, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, VpcEndpoint
from buckler.model.origin import Origin
from buckler.model.reachability import NetPort, NetReach, ports_text
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of

NEW_GROUP: Final = "sg-designed"
"""Stands for the security group that is not there yet."""


class _Identity(TypedDict):
    arn: str
    name: str
    account: Text
    region: Text
    origin: Origin


def built(made: SubnetDesign, estate: Estate) -> Estate:
    """Give the estate as it is when the design was made and the function moved there."""
    function = made.function

    def named(kind: str, name: str) -> _Identity:
        arn = f"designed:{kind}/{name}"
        return {"arn": arn, "name": name, "account": function.account, "region": function.region, "origin": function.origin}

    names = [f"subnet-designed-{number}" for number, _ in enumerate(made.subnets)]
    gates = [(f"vpce-designed-{number}", one) for number, one in enumerate(made.endpoints)]
    listed = tuple(Route(destination=one.prefix_list or f"pl-{shown(one.service)}", target=name) for name, one in gates)
    vpc = next(one for one in estate.vpcs if one.name == made.vpc)
    local = tuple(Route(destination=cidr, target="local") for cidr in known(vpc.cidrs))
    new_group = SecurityGroup(
        **named("group", NEW_GROUP),
        group_name=NEW_GROUP,
        vpc_id=made.vpc,
        rules=made.rules,
    )
    admits: dict[Text, tuple[SecurityGroupRule, ...]] = {}
    for name, rule in made.admits:
        admits[name] = (*admits.get(name, ()), rule)

    def admitting(group: SecurityGroup) -> SecurityGroup:
        more = admits.get(group.name, ())
        return group if not more or isinstance(group.rules, Unknown) else replace(group, rules=(*group.rules, *more))

    def moved(one: Function) -> Function:
        placed = VpcConfig(subnet_ids=tuple(names), security_group_ids=(NEW_GROUP,), vpc_id=made.vpc, origin=one.origin)
        return replace(one, vpc=placed) if one.arn == function.arn else one

    return replace(
        estate,
        functions=tuple(map(moved, estate.functions)),
        security_groups=(*map(admitting, estate.security_groups), new_group),
        subnets=(
            *estate.subnets,
            *(
                Subnet(**named("subnet", name), vpc_id=made.vpc, cidr=one.cidr, availability_zone=one.zone)
                for name, one in zip(names, made.subnets, strict=True)
            ),
        ),
        route_tables=(
            *estate.route_tables,
            *(
                RouteTable(
                    **named("table", f"rtb-{name}"),
                    vpc_id=made.vpc,
                    routes=(*local, *one.routes, *listed),
                    subnet_ids=(name,),
                    is_main=False,
                )
                for name, one in zip(names, made.subnets, strict=True)
            ),
        ),
        network_acls=(
            *estate.network_acls,
            NetworkAcl(**named("acl", "acl-designed"), vpc_id=made.vpc, entries=made.entries, subnet_ids=tuple(names), is_default=False),
        ),
        endpoints=(
            *estate.endpoints,
            *(
                VpcEndpoint(**named("endpoint", name), vpc_id=made.vpc, service=one.service, endpoint_type="Gateway", policy=None)
                for name, one in gates
            ),
        ),
    )


def missed(made: SubnetDesign, used: Sequence[NetReach], analysis: Analysis) -> Iterator[str]:
    """Ask the engine of the estate as designed: what is used must be reached as surely as today, and nothing that is not today."""
    changed = Analysis(built(made, analysis.estate), today=analysis.today)
    function = next(one for one in changed.estate.functions if one.arn == made.function.arn)
    now = _by_target(reach_of(function, changed).reached)
    for told in used:
        for one in told.protocols:
            wanted = _wanted(made.rules, told, one.protocol, one.ports)
            later = now.get((told.target.name, one.protocol))
            left = without(wanted, later.ports if later is not None else ())
            if left:
                what = f"{told.target.name} on {one.protocol} {ports_text(left)}"
                yield f"{what} would not be reached: its side must let the new subnets in"
            elif later is not None and wanted and one.verdict == "always" and later.verdict != "always":
                yield f"{told.target.name} would be reached less surely than today ({later.verdict}): its side names single addresses"
    was = _by_target(reach_of(made.function, analysis).reached)
    for (name, protocol), one in now.items():
        before = was.get((name, protocol))
        more = without(one.ports, before.ports if before is not None else ())
        if more:
            yield f"{name} on {protocol} {ports_text(more)} would be reached, which the network ACL of today's subnets keeps out"


def _by_target(reached: Iterable[NetReach]) -> dict[tuple[str, str], NetPort]:
    """Index by name: a new endpoint takes the old one's place. What several of one name are reached on is joined."""
    found: dict[tuple[str, str], NetPort] = {}
    for told in reached:
        for one in told.protocols if told.target.kind != "resolver" else ():
            other = found.get((told.target.name, one.protocol))
            found[told.target.name, one.protocol] = one if other is None else replace(one, ports=union((*other.ports, *one.ports)))
    return found


def _wanted(
    rules: Iterable[SecurityGroupRule], told: NetReach, protocol: str, reached: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Give the ports that the rules are about, of those that a target is reached on."""
    found: list[tuple[int, int]] = []
    for rule in rules:
        ports = rule_ports(rule, protocol_number(protocol) or TCP)
        groups = {shown(one) for one in rule.groups}
        is_named = bool(groups & set(told.target.groups)) if groups else bool(rule.prefix_lists) == (told.target.kind == "endpoint")
        if not isinstance(ports, Unknown) and is_named and _may_hold(rule, told):
            found += common(reached, ports)
    return tuple(dict.fromkeys(found))


def _may_hold(rule: SecurityGroupRule, told: NetReach) -> bool:
    if not rule.cidrs or told.target.kind in {"internet", "endpoint"}:
        return not rule.cidrs or told.target.kind == "internet"
    blocks = list(ranges_of(map(shown, rule.cidrs)))
    return any(inside(one, block) is True for one in ranges_of(told.target.addresses or (told.target.id,)) for block in blocks)
