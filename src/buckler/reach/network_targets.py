"""What functions may talk to: the estate's interfaces and endpoints, networks of the customer, the internet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from buckler.engines.net import Interface, Target, World, world_of
from buckler.engines.net.ranges import Range, inside, is_private, range_of, ranges_of
from buckler.engines.net.walk import is_lattice
from buckler.model.functions import Function
from buckler.model.network import LoadBalancer
from buckler.model.origin import FileOrigin
from buckler.model.reachability import NetTarget
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.balancers import HEAD, balancer_of, end_of
from buckler.reach.once import once
from buckler.reach.placement import placement_of
from buckler.reach.standing_guard import guard_of, services_of

_INTERNET: Final = (range_of("198.51.100.7"), range_of("2a00::7"))
"""An address for all that no rule names: of those reserved for examples, and one no service has."""
OWN_KINDS: Final = {"lambda", "nat_gateway", "transit_gateway", "gateway_load_balancer_endpoint"}
"""Interfaces that nothing is behind which a function would talk to."""

# What the description of a network interface begins with -> (service, in words, whether it asks IAM of each request).
# Descriptions are those AWS gives the interfaces it makes; facts of guards from each service's security chapter, read 2026-11-26.
_SERVICES: Final = (
    ("RDSNetworkInterface", "rds", "RDS database", False),
    ("Network interface for DBProxy", "rds-proxy", "RDS proxy", False),
    ("ElastiCache", "elasticache", "ElastiCache", False),
    ("DAX", "dax", "DAX cluster", True),
    ("EFS mount target", "efs", "EFS file system", None),
    ("RedshiftNetworkInterface", "redshift", "Redshift cluster", False),
    ("Amazon MSK", "msk", "Kafka cluster", None),
    ("DO NOT DELETE - Amazon MSK", "msk", "Kafka cluster", None),
    ("AmazonMQ", "mq", "message broker", False),
    ("ES ", "opensearch", "OpenSearch domain", None),
    ("OpenSearch", "opensearch", "OpenSearch domain", None),
    ("VPC Endpoint Interface", "endpoint", "VPC endpoint", True),
    ("ELB ", "load balancer", "load balancer", None),
    ("DMSNetworkInterface", "dms", "DMS replication instance", None),
    ("Neptune", "neptune", "Neptune cluster", None),
    ("DocumentDB", "docdb", "DocumentDB cluster", False),
)

_KINDS: Final = {"neptune": "Neptune cluster", "docdb": "DocumentDB cluster", "memorydb": "MemoryDB cluster"}
"""What its interfaces call an RDS database, or do not call anything."""


@once
def world(analysis: Analysis) -> World:
    """Give the network of the estate."""
    return world_of(analysis.estate)


@dataclass(frozen=True, slots=True)
class Asked:
    """A target, and the addresses to ask about for it."""

    target: NetTarget
    to: tuple[Target, ...]
    balancer: LoadBalancer | None = None
    """Whose interfaces these are."""


@once
def standing(analysis: Analysis) -> tuple[Asked, ...]:
    """List what stands in the estate's subnets: one for interfaces that are alike."""
    there = world(analysis)
    alike: dict[tuple[str, ...], list[Interface]] = {}
    for interface in there.interfaces.values():
        if interface.kind not in OWN_KINDS and interface.addresses:
            alike.setdefault((interface.description, interface.subnet, *interface.groups), []).append(interface)
    found = [_asked(members, there, analysis) for members in alike.values()]
    made = (*_endpoint_interfaces(there), *_balancer_interfaces(there, analysis), *_service_interfaces(there, analysis))
    return (*found, *made, *_groups(there, analysis, made))


def _asked(members: Sequence[Interface], there: World, analysis: Analysis) -> Asked:
    first = members[0]
    service, words, asks_iam = _service(first.description)
    known = services_of(service, first, analysis)
    # Of several that may be it only what holds for all of them is known.
    told = {(one.service, guard_of(one), one.iam_login) for one in known}
    service, guard, iam_login = next(iter(told)) if len(told) == 1 else (service, "", None)
    name = _name_of(first, _KINDS.get(service, words), there, shown(known[0].name) if len(known) == 1 else "")
    return Asked(
        NetTarget(
            kind="interface",
            name=name,
            id=first.id,
            addresses=tuple(str(one) for member in members for one in member.addresses),
            vpc=first.vpc,
            subnet=first.subnet,
            groups=first.groups,
            service=service,
            asks_iam=guard == "iam" if guard else asks_iam,
            guard=guard,
            iam_login=iam_login,
            arn=shown(known[0].arn) if len(known) == 1 else "",
        ),
        tuple(Target(address, member) for member in members for address in member.addresses),
        balancer_of(first.description, analysis),
    )


def _service(description: str) -> tuple[str, str, bool | None]:
    return next(((service, words, asks) for head, service, words, asks in _SERVICES if description.startswith(head)), ("", "", None))


def _name_of(interface: Interface, words: str, there: World, known: str) -> str:
    """Name an interface by what it is, or says of itself, else by its security groups, which people name after what is in them."""
    said = interface.description
    if known and known not in said:
        return f"{words} {known}"
    if not words:
        return said or f"{group_names(interface.groups, there) or 'interface'} ({interface.id})"
    rest = said.rpartition(" ")[2] if " " in said else ""
    return f"{words} {rest}" if rest else f"{words} in {group_names(interface.groups, there) or interface.subnet}"


def group_names(groups: Sequence[str], there: World) -> str:
    """Name security groups as people do."""
    return ", ".join(shown(there.groups[one].group_name) for one in groups if one in there.groups)


def _endpoint_interfaces(there: World) -> Iterator[Asked]:
    """Make the interfaces of endpoints that were read without theirs: templates make them."""
    described = {one.description.rpartition(" ")[2] for one in there.interfaces.values()}
    for name, endpoint in there.endpoints.items():
        if shown(endpoint.endpoint_type) != "Interface" or name in described:
            continue
        groups = tuple(sorted(shown(one) for one in endpoint.security_group_ids)) or there.default_groups.get(shown(endpoint.vpc_id), ())
        made = [
            Interface(f"{name} in {subnet}", there.vpc_of(subnet), subnet, groups, there.ranges.get(subnet, ()), kind="endpoint")
            for subnet in map(shown, endpoint.subnet_ids)
            if subnet in there.subnets
        ]
        if made:
            service = shown(endpoint.service)
            target = NetTarget(
                kind="interface", name=f"VPC endpoint {service}", id=name, vpc=made[0].vpc, groups=groups, service="endpoint", asks_iam=True
            )
            yield Asked(target, tuple(Target(address, one) for one in made for address in one.addresses))


def _balancer_interfaces(there: World, analysis: Analysis) -> Iterator[Asked]:
    """Make the interfaces of load balancers that were read without theirs: templates make them."""
    described = {one.description for one in there.interfaces.values()}
    for balancer in analysis.estate.load_balancers:
        if HEAD + end_of(balancer) in described:
            continue
        named = tuple(sorted(map(shown, balancer.security_group_ids)))
        made: list[Interface] = []
        for subnet in map(shown, balancer.subnet_ids):
            if subnet in there.subnets:
                vpc = there.vpc_of(subnet)
                # "If you don't specify a security group", one of applications gets the default one; one of networks has none.
                groups = named or (() if balancer.kind == "network" else there.default_groups.get(vpc, ()))
                kind = f"{balancer.kind}_load_balancer"
                made.append(Interface(f"{shown(balancer.name)} in {subnet}", vpc, subnet, groups, there.ranges.get(subnet, ()), kind=kind))
        if made:
            target = NetTarget(
                kind="interface",
                name=f"load balancer {shown(balancer.name)}",
                id=shown(balancer.arn),
                vpc=made[0].vpc,
                groups=made[0].groups,
                service="load balancer",
            )
            yield Asked(target, tuple(Target(address, one) for one in made for address in one.addresses), balancer)


_CALLED: Final = {
    "rds": "RDS database",
    "rds-proxy": "RDS proxy",
    "elasticache": "ElastiCache",
    "opensearch": "OpenSearch domain",
    **_KINDS,
}


def _service_interfaces(there: World, analysis: Analysis) -> Iterator[Asked]:
    """Make the interfaces of databases, caches and search domains that files make: what stands in a live account is listed there."""
    for one in analysis.estate.data_services:
        if not isinstance(one.origin, FileOrigin):
            continue
        groups = tuple(sorted(map(shown, one.groups)))
        made = [
            Interface(f"{shown(one.name)} in {subnet}", there.vpc_of(subnet), subnet, groups, there.ranges.get(subnet, ()), kind="service")
            for subnet in map(shown, one.subnets)
            if subnet in there.subnets
        ]
        if made:
            guard = guard_of(one)
            target = NetTarget(
                kind="interface",
                name=f"{_CALLED.get(one.service, one.service)} {shown(one.name)}",
                id=one.address or shown(one.arn),
                vpc=made[0].vpc,
                groups=groups,
                service=one.service,
                asks_iam=guard == "iam" if guard else None,
                guard=guard,
                iam_login=one.iam_login,
                arn=shown(one.arn),
            )
            yield Asked(target, tuple(Target(address, one) for one in made for address in one.addresses))


def _groups(there: World, analysis: Analysis, made: Iterable[Asked]) -> Iterator[Asked]:
    """Of a template, which tells no interfaces: whatever will stand in a security group that no function has."""
    if not there.unread.get("interfaces"):
        return
    taken = {group for function in analysis.estate.functions for group in _groups_of(function, analysis)}
    # Of those whose subnets are not known nothing else stands for them.
    taken |= {group for one in made for group in one.target.groups}
    for name, group in there.groups.items():
        inbound = isinstance(group.rules, Unknown) or any(not rule.is_egress for rule in group.rules)
        vpc = shown(group.vpc_id) if group.vpc_id is not None and not isinstance(group.vpc_id, Unknown) else ""
        subnets = there.vpc_subnets.get(vpc, ())
        if name in taken or not inbound or not subnets:
            continue
        inside = [Interface(f"{name} in {one}", vpc, one, (name,), there.ranges.get(one, ()), kind="group") for one in subnets]
        target = NetTarget(kind="group", name=f"what has the security group {shown(group.group_name)}", id=name, vpc=vpc, groups=(name,))
        yield Asked(target, tuple(Target(address, one) for one in inside for address in one.addresses))


def _groups_of(function: Function, analysis: Analysis) -> tuple[str, ...]:
    try:
        placement = placement_of(function, analysis)
    except Undecided:
        return ()
    groups = () if placement is None or isinstance(placement.security_group_ids, Unknown) else placement.security_group_ids
    return tuple(shown(group) for group in groups)


def ways_out(sources: Sequence[Interface], there: World) -> Iterator[Asked]:
    """List what lies outside: AWS services behind gateway endpoints, networks of the customer, the internet."""
    vpcs = {one.vpc for one in sources}
    for name, endpoint in there.endpoints.items():
        if shown(endpoint.endpoint_type) == "Gateway" and shown(endpoint.vpc_id) in vpcs:
            service = shown(endpoint.service)
            target = NetTarget(kind="endpoint", name=service, id=name, vpc=shown(endpoint.vpc_id), service="endpoint", asks_iam=True)
            yield Asked(target, (Target(_address_of(name, sources, there), service=service),))
    yield from _service_networks(sources, there)
    yield from _resolvers(vpcs, there)
    for prefix in _on_premises(sources, there):
        yield Asked(NetTarget(kind="on-premises", name=f"on-premises {prefix}", id=str(prefix)), (Target(prefix),))
    for version, address in ((4, _INTERNET[0]), (6, _INTERNET[1])):
        named = _named_outside(sources, there, version)
        target = NetTarget(kind="internet", name=f"the internet (IPv{version})", id=f"internet{'6' * (version == 6)}")
        yield Asked(target, (Target(address), *(Target(one) for one in named)))


def _address_of(endpoint: str, sources: Sequence[Interface], there: World) -> Range:
    """Give an address of the service behind a gateway endpoint: of its prefix list, which routes and rules name, where that was read."""
    for source in sources:
        table = there.table_of(source.subnet)
        for route in () if isinstance(table, Unknown) or isinstance(table.routes, Unknown) else table.routes:
            listed = there.prefix_lists.get(shown(route.destination)) if shown(route.target) == endpoint else None
            if listed:
                return Range(listed[0].version, listed[0].first, listed[0].first)
    return range_of("198.51.100.8")


def _service_networks(sources: Sequence[Interface], there: World) -> Iterator[Asked]:
    """Name the service networks of VPC Lattice that the tables of *sources* lead to, one a VPC."""
    found: dict[str, Range] = {}
    for source in sources:
        table = there.table_of(source.subnet)
        for route in () if isinstance(table, Unknown) or isinstance(table.routes, Unknown) else table.routes:
            name = shown(route.destination)
            if is_lattice(shown(route.target)) or is_lattice(name):
                ranges = there.prefix_lists.get(name) or tuple(ranges_of((name,)))
                if ranges:
                    found.setdefault(source.vpc, Range(ranges[0].version, ranges[0].first + 1, ranges[0].first + 1))
    for vpc, address in found.items():
        target = NetTarget(kind="endpoint", name="services of VPC Lattice", id=f"lattice {vpc}", vpc=vpc, service="lattice")
        yield Asked(target, (Target(address),))


def _resolvers(vpcs: Iterable[str], there: World) -> Iterator[Asked]:
    """Name the resolver of each VPC: neither security groups nor network ACLs filter it, and it asks any name server there is."""
    for vpc in sorted(vpcs):
        own = next((one for one in there.ranges.get(vpc, ()) if one.version == 4), None)
        if own is not None:
            address = Range(4, own.first + 2, own.first + 2)
            target = NetTarget(kind="resolver", name="the resolver of the VPC, and by it any name server", id=f"resolver {vpc}", vpc=vpc)
            yield Asked(target, (Target(address),))


def _on_premises(sources: Sequence[Interface], there: World) -> tuple[Range, ...]:
    found: dict[Range, None] = {}
    for source in sources:
        table = there.table_of(source.subnet)
        if isinstance(table, Unknown) or isinstance(table.routes, Unknown):
            continue
        for route in table.routes:
            target = shown(route.target)
            if not target.startswith("vgw-") and not (target.startswith("tgw-") or target in there.transit):
                continue
            for prefix in ranges_of((shown(route.destination),)):
                if not any(inside(one, prefix) is not False for ranges in there.ranges.values() for one in ranges):
                    found[prefix] = None
    return tuple(found)


def _named_outside(sources: Sequence[Interface], there: World, version: int) -> tuple[Range, ...]:
    """Give an address of each public range that a rule of the functions' groups names: a rule may let out to these only."""
    found: dict[Range, None] = {}
    for source in sources:
        for group in source.groups:
            held = there.groups.get(group)
            for rule in () if held is None or isinstance(held.rules, Unknown) else held.rules:
                for one in ranges_of(map(shown, rule.cidrs)) if rule.is_egress else ():
                    if one.version == version and one.last - one.first < (1 << 31) and not is_private(one):
                        found[Range(version, one.first, one.first)] = None
    return tuple(found)
