"""The network of an estate, indexed, and what of it could not be read.

An id that is dangling, a CIDR that is none, a VPC without main route table: each is named, and whatever depends on it is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from buckler.engines.net.propagation import with_propagated
from buckler.engines.net.ranges import Range, inside, range_of
from buckler.model.estate import Estate
from buckler.model.functions import VpcConfig
from buckler.model.network import (
    DnsFirewall,
    Gateway,
    NetworkAcl,
    NetworkInterface,
    Peering,
    PublicAccessBlock,
    RouteTable,
    SecurityGroup,
    Subnet,
    TransitAttachment,
    TransitGateway,
    TransitRouteTable,
    Vpc,
    VpcEndpoint,
)
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, UnknownKind

_NEEDS: Final = {
    "vpcs": "ec2:DescribeVpcs",
    "subnets": "ec2:DescribeSubnets",
    "security_groups": "ec2:DescribeSecurityGroups",
    "route_tables": "ec2:DescribeRouteTables",
    "network_acls": "ec2:DescribeNetworkAcls",
    "gateways": "ec2:DescribeNatGateways",
    "peerings": "ec2:DescribeVpcPeeringConnections",
    "transit_gateways": "ec2:DescribeTransitGateways",
    "endpoints": "ec2:DescribeVpcEndpoints",
    "interfaces": "ec2:DescribeNetworkInterfaces",
    "prefix_lists": "ec2:DescribePrefixLists",
}
_BLOCKS: Final = "public_access_blocks"
_FIREWALLS: Final = "dns_firewalls"


@dataclass(frozen=True, slots=True)
class Interface:
    """Something with an address in a subnet: a network interface, or the one AWS will make for a function."""

    id: str
    vpc: str
    subnet: str
    groups: tuple[str, ...]
    addresses: tuple[Range, ...]
    """At most one range a family; all of a subnet where AWS has not chosen an address yet."""
    has_public_ip: bool = False
    """Has a public IPv4 address of its own."""
    kind: str = ""
    description: str = ""
    instance: str = ""
    """The machine it belongs to; empty: none of EC2's."""

    @property
    def is_filtered(self) -> bool:
        """Say whether security groups filter it: NAT gateways, and load balancers made without any, have none."""
        return bool(self.groups) or self.kind == "lambda"

    def address(self, version: int) -> Range | None:
        """Give its address of a family."""
        return next((one for one in self.addresses if one.version == version), None)


_REMEMBERED: Final = 100_000
"""Addresses whose subnet is kept."""


@dataclass
class World:
    """The indexes."""

    vpcs: dict[str, Vpc] = field(default_factory=dict[str, Vpc])
    subnets: dict[str, Subnet] = field(default_factory=dict[str, Subnet])
    groups: dict[str, SecurityGroup] = field(default_factory=dict[str, SecurityGroup])
    gateways: dict[str, Gateway] = field(default_factory=dict[str, Gateway])
    peerings: dict[str, Peering] = field(default_factory=dict[str, Peering])
    transit: dict[str, TransitGateway] = field(default_factory=dict[str, TransitGateway])
    endpoints: dict[str, VpcEndpoint] = field(default_factory=dict[str, VpcEndpoint])
    interfaces: dict[str, Interface] = field(default_factory=dict[str, Interface])
    tables: dict[str, RouteTable] = field(default_factory=dict[str, RouteTable])
    """By subnet."""
    main_tables: dict[str, RouteTable] = field(default_factory=dict[str, RouteTable])
    """By VPC."""
    acls: dict[str, NetworkAcl] = field(default_factory=dict[str, NetworkAcl])
    """By subnet."""
    default_acls: dict[str, NetworkAcl] = field(default_factory=dict[str, NetworkAcl])
    """By VPC."""
    ranges: dict[str, tuple[Range, ...]] = field(default_factory=dict[str, tuple[Range, ...]])
    """Of VPCs and subnets, by id."""
    unread: dict[str, Unknown] = field(default_factory=dict[str, Unknown])
    """Why a collection is not, or not completely, known, where networks were read."""
    elsewhere: dict[str, Unknown] = field(default_factory=dict[str, Unknown])
    """The same of accounts and regions of which no VPC was read: what is named and not there may be there."""
    problems: list[Unknown] = field(default_factory=list[Unknown])
    """What is broken in what was read."""
    of_lambda: dict[tuple[str, tuple[str, ...]], Interface] = field(default_factory=dict[tuple[str, tuple[str, ...]], Interface])
    """Interfaces that AWS has made for functions, by subnet and groups: there is one for each."""
    prefix_lists: dict[str, tuple[Range, ...]] = field(default_factory=dict[str, tuple[Range, ...]])
    by_address: dict[Range, Interface] = field(default_factory=dict[Range, Interface])
    by_public: dict[Range, Interface] = field(default_factory=dict[Range, Interface])
    """By the public addresses of interfaces."""
    default_groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By VPC."""
    _at: dict[tuple[str, Range], str | Unknown | None] = field(default_factory=dict[tuple[str, Range], str | Unknown | None])
    said: dict[tuple[object, ...], object] = field(default_factory=dict[tuple[object, ...], object])
    """Answers of gates, kept by `reachable`: many interfaces share groups and network ACLs."""
    ways: dict[tuple[object, ...], object] = field(default_factory=dict[tuple[object, ...], object])
    """Ways from a subnet to a target, kept by `trace`."""
    vpc_subnets: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    public_access: dict[tuple[Text, Text], PublicAccessBlock | Unknown] = field(
        default_factory=dict[tuple[Text, Text], PublicAccessBlock | Unknown]
    )
    """Block Public Access by account and region. A file that does not turn it on leaves it off, as AWS does."""
    firewalls: dict[str, list[DnsFirewall]] = field(default_factory=dict[str, list[DnsFirewall]])
    """DNS Firewall by VPC, in the order in which it is asked."""
    firewalls_unread: dict[tuple[Text, Text], Unknown] = field(default_factory=dict[tuple[Text, Text], Unknown])
    """By account and region."""
    is_live: bool = False
    """Something of this was read from an account: what is not there was not read, or belongs to another."""

    # --- what belongs to a subnet ------------------------------------------------------------------------------------------

    def table_of(self, subnet: str) -> RouteTable | Unknown:
        """Give the route table of a subnet: its own, or the main one of its VPC."""
        found = self.tables.get(subnet) or self.main_tables.get(self.vpc_of(subnet))
        return found or self.gone("route_tables", f"the route table of `{subnet}`")

    def acl_of(self, subnet: str) -> NetworkAcl | Unknown:
        """Give the network ACL of a subnet: its own, or the default one of its VPC."""
        found = self.acls.get(subnet) or self.default_acls.get(self.vpc_of(subnet))
        return found or self.gone("network_acls", f"the network ACL of `{subnet}`")

    def vpc_of(self, subnet: str) -> str:
        """Give the id of the VPC of a subnet; "" for one that is not known."""
        found = self.subnets.get(subnet)
        return shown(found.vpc_id) if found is not None else ""

    def subnet_at(self, vpc: str, address: Range) -> str | Unknown | None:
        """Find the subnet an address of a VPC lies in; None: there is none."""
        found = self._at.get((vpc, address))
        if found is None and (vpc, address) not in self._at:
            if len(self._at) >= _REMEMBERED:
                self._at.clear()
            found = self._at[vpc, address] = self._subnet_at(vpc, address)
        return found

    def _subnet_at(self, vpc: str, address: Range) -> str | Unknown | None:
        doubt: Unknown | None = None
        for subnet in self.vpc_subnets.get(vpc, ()):
            for one in self.ranges.get(subnet, ()):
                if inside(address, one) is True:
                    return subnet
            if not self.ranges.get(subnet):
                doubt = doubt or Unknown(
                    kind=UnknownKind.UNRESOLVED, why=f"the range of `{subnet}` is not known", need="ec2:DescribeSubnets"
                )
        return self.unread.get("subnets") or doubt

    def gone(self, collection: str, what: str) -> Unknown:
        """Say why something that is named is not there."""
        unread = self.unread.get(collection) or self.elsewhere.get(collection)
        if unread is not None:
            return unread
        return Unknown(kind=UnknownKind.FAILED, why=f"{what} is not among what was read", need=_NEEDS[collection])

    def public_access_of(self, subnet: str) -> PublicAccessBlock | Unknown | None:
        """Give the Block Public Access that holds for a subnet: that of the VPC's owner; None: it was never turned on."""
        vpc = self.vpcs.get(self.vpc_of(subnet))
        if vpc is None:
            return self.gone("vpcs", f"the VPC of `{subnet}`")
        found = self.public_access.get((vpc.account, vpc.region)) or self.public_access.get((vpc.account, ""))
        if found is not None or not self.is_live:
            return found
        why = f"Block Public Access of account {shown(vpc.account)} in {shown(vpc.region)} was not read"
        return Unknown(kind=UnknownKind.FAILED, why=why, need="ec2:DescribeVpcBlockPublicAccessOptions")

    # --- functions ---------------------------------------------------------------------------------------------------------

    def of_placement(self, name: str, vpc: VpcConfig) -> tuple[Interface, ...] | Unknown:
        """Make the interfaces of a function: one a subnet, shared with every function of the same subnet and security groups.

        None has a public address. Where AWS has made one already, its address is used.
        """
        if isinstance(vpc.subnet_ids, Unknown):
            return vpc.subnet_ids
        if isinstance(vpc.security_group_ids, Unknown):
            return vpc.security_group_ids
        named = tuple(sorted(shown(group) for group in vpc.security_group_ids))
        made: list[Interface] = []
        for text in vpc.subnet_ids:
            subnet = shown(text)
            if subnet not in self.subnets:
                return self.gone("subnets", f"the subnet `{subnet}` of `{name}`")
            # "If you don't specify a security group, Lambda uses the default one of the VPC."
            groups = named or self.default_groups.get(self.vpc_of(subnet), ())
            known = self.of_lambda.get((subnet, groups))
            versions = (4, 6) if vpc.ipv6 else (4,)
            ranges = known.addresses if known is not None and known.addresses else self.ranges.get(subnet, ())
            made.append(
                Interface(
                    id=f"{name} in {subnet}",
                    vpc=self.vpc_of(subnet),
                    subnet=subnet,
                    groups=groups,
                    addresses=tuple(one for one in ranges if one.version in versions),
                    kind="lambda",
                )
            )
        return tuple(made)


def world_of(estate: Estate) -> World:
    """Index the network of an estate. Raises nothing: what is broken is in `problems`."""
    world = World()
    # Where VPCs could not be listed, what stands in them tells that this is a place of ours.
    there = (*estate.vpcs, *estate.subnets, *estate.security_groups, *estate.route_tables, *estate.interfaces)
    places = {(one.account, one.region) for one in there}
    for missing in estate.missing:
        if missing.collection in _NEEDS:
            is_here = not places or not missing.region or (missing.account, missing.region) in places
            (world.unread if is_here else world.elsewhere).setdefault(missing.collection, missing.unknown)
        if missing.collection == _BLOCKS:
            world.public_access[missing.account, missing.region] = missing.unknown
        elif missing.collection == _FIREWALLS:
            world.firewalls_unread[missing.account, missing.region] = missing.unknown
    world.public_access.update({(one.account, one.region): one for one in estate.public_access_blocks})
    for firewall in sorted(estate.dns_firewalls, key=lambda one: 0 if isinstance(one.priority, Unknown) else one.priority):
        world.firewalls.setdefault(shown(firewall.vpc_id), []).append(firewall)
    world.is_live = any(scope.kind == "live" for scope in estate.scopes)
    world.vpcs = {shown(one.name): one for one in estate.vpcs}
    world.subnets = {shown(one.name): one for one in estate.subnets}
    world.groups = {shown(one.name): one for one in estate.security_groups}
    world.gateways = {shown(one.name): one for one in estate.gateways}
    world.peerings = {shown(one.name): one for one in estate.peerings}
    world.transit = {shown(one.name): with_propagated(one, world.vpcs) for one in estate.transit_gateways}
    world.endpoints = {shown(one.name): one for one in estate.endpoints}
    for group in estate.security_groups:
        if group.group_name == "default" and isinstance(group.vpc_id, str):
            world.default_groups[group.vpc_id] = (shown(group.name),)
    for held in estate.prefix_lists:
        if not isinstance(held.entries, Unknown):
            world.prefix_lists[shown(held.name)] = _ranges(world, shown(held.name), held.entries)
    for vpc in estate.vpcs:
        blocks = () if isinstance(vpc.cidrs, Unknown) else vpc.cidrs
        blocks6 = () if isinstance(vpc.ipv6_cidrs, Unknown) else vpc.ipv6_cidrs
        world.ranges[shown(vpc.name)] = _ranges(world, shown(vpc.name), (*blocks, *blocks6))
    for subnet in estate.subnets:
        own = () if subnet.cidr is None or isinstance(subnet.cidr, Unknown) else (subnet.cidr,)
        world.ranges[shown(subnet.name)] = _ranges(world, shown(subnet.name), (*own, *subnet.ipv6_cidrs))
        world.vpc_subnets.setdefault(shown(subnet.vpc_id), []).append(shown(subnet.name))
    for table in estate.route_tables:
        if table.is_main:
            world.main_tables[shown(table.vpc_id)] = table
        world.tables.update({shown(subnet): table for subnet in table.subnet_ids})
    for acl in estate.network_acls:
        if acl.is_default:
            world.default_acls[shown(acl.vpc_id)] = acl
        world.acls.update({shown(subnet): acl for subnet in acl.subnet_ids})
    for entity in estate.interfaces:
        made = _interface(world, entity)
        world.interfaces[made.id] = made
        if made.kind == "lambda":
            world.of_lambda.setdefault((made.subnet, made.groups), made)
        world.by_address.update({one: made for one in made.addresses if one.is_one})
        world.by_public.update(dict.fromkeys(_ranges(world, made.id, entity.public_ips), made))
    return world


def _interface(world: World, entity: NetworkInterface) -> Interface:
    addresses = _ranges(world, shown(entity.name), entity.private_ips)
    by_version = {one.version: one for one in reversed(addresses)}
    return Interface(
        id=shown(entity.name),
        vpc=shown(entity.vpc_id),
        subnet=shown(entity.subnet_id),
        groups=tuple(sorted(shown(group) for group in entity.security_group_ids)),
        addresses=tuple(by_version[version] for version in sorted(by_version)),
        has_public_ip=bool(entity.public_ips),
        kind=entity.interface_type,
        description=entity.description,
        instance=entity.instance_id,
    )


def _ranges(world: World, name: str, cidrs: Iterable[Text]) -> tuple[Range, ...]:
    found: list[Range] = []
    for cidr in cidrs:
        if not isinstance(cidr, str):
            continue
        try:
            found.append(range_of(cidr))
        except ValueError:
            why = f"`{cidr}` of `{name}` is no range of addresses"
            world.problems.append(Unknown(kind=UnknownKind.FAILED, why=why, need="a CIDR such as 10.0.0.0/16"))
    return tuple(found)


def attachment_of(gateway: TransitGateway, vpc: str) -> TransitAttachment | Unknown | None:
    """Find how a VPC is attached to a transit gateway."""
    if isinstance(gateway.attachments, Unknown):
        return gateway.attachments
    usable = (one for one in gateway.attachments if one.kind == "vpc" and one.resource_id == vpc)
    return next((one for one in usable if one.state in {"available", "modifying"}), None)


def table_of_attachment(gateway: TransitGateway, attachment: str) -> TransitRouteTable | Unknown | None:
    """Find the table that routes what comes in by an attachment."""
    if isinstance(gateway.route_tables, Unknown):
        return gateway.route_tables
    return next((one for one in gateway.route_tables if attachment in one.associations), None)
