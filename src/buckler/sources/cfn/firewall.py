"""Security groups and network ACLs, with the rules AWS makes unasked."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.network import NaclEntry, NetworkAcl, SecurityGroup, SecurityGroupRule
from buckler.model.text import Text, hole
from buckler.model.unknown import Unknown
from buckler.sources.cfn.functions import tags
from buckler.sources.cfn.http import known_or_hole
from buckler.sources.cfn.network import has_ipv6
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import Resolved, to_list, to_number, to_text, unknown
from buckler.sources.common import default_acl_entries

# EC2 makes this rule; it goes away only when the property SecurityGroupEgress has one of its own.
_ALL_EGRESS = SecurityGroupRule(is_egress=True, protocol="-1", cidrs=("0.0.0.0/0",))


def security_groups(template: Template) -> tuple[SecurityGroup, ...]:
    """Give the security groups of the template, and the default one AWS makes with each VPC."""
    return (
        *(_group(resource) for resource in template.of_type("AWS::EC2::SecurityGroup")),
        *(_default_group(resource) for resource in template.of_type("AWS::EC2::VPC")),
    )


def _group(resource: Resource) -> SecurityGroup:
    name = resource.text("GroupName")
    return SecurityGroup(
        **resource.common(),
        group_name=hole(f"{resource.id}.GroupName") if name is None else known_or_hole(name, f"{resource.id}.GroupName"),
        vpc_id=resource.text("VpcId"),
        rules=_rules(resource),
        tags=tags(resource.get("Tags")),
    )


def _default_group(vpc: Resource) -> SecurityGroup:
    template = vpc.template
    name = hole(f"{vpc.id}.DefaultSecurityGroup")
    return SecurityGroup(
        arn=template.make_arn("ec2:{region}:{account}:security-group/{name}", name),
        name=name,
        account=template.account,
        region=template.region,
        origin=vpc.origin(),
        group_name="default",
        vpc_id=template.name(vpc.id),
        rules=(SecurityGroupRule(is_egress=False, protocol="-1", groups=(name,)), _ALL_EGRESS),
    )


def _rules(resource: Resource) -> tuple[SecurityGroupRule, ...] | Unknown:
    template = resource.template
    rules: list[SecurityGroupRule] = []
    for key, is_egress in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
        entries = to_list(resource.get(key))
        if isinstance(entries, Unknown):
            return entries
        for entry in entries or ():
            rule = _rule(entry, is_egress=is_egress)
            if isinstance(rule, Unknown):
                return rule
            rules.append(rule)
    if not any(rule.is_egress for rule in rules):
        rules.append(_ALL_EGRESS)
    for kind, is_egress in (("AWS::EC2::SecurityGroupIngress", False), ("AWS::EC2::SecurityGroupEgress", True)):
        for other in template.of_type(kind):
            if other.text("GroupId") == template.name(resource.id):
                rule = _rule(_as_map(other), is_egress=is_egress)
                if isinstance(rule, Unknown):
                    return rule
                rules.append(rule)
    return tuple(rules)


def _as_map(resource: Resource) -> Map:
    made = Map()
    for key in resource.properties:
        made.put(key, resource.get(key), -1)
    return made


def _rule(entry: Resolved, *, is_egress: bool) -> SecurityGroupRule | Unknown:
    if not isinstance(entry, Map):
        return entry if isinstance(entry, Unknown) else unknown("a rule of a security group is not resolved")
    protocol = to_text(entry.get("IpProtocol"))
    side = "Destination" if is_egress else "Source"
    parts: dict[str, tuple[Text, ...]] = {}
    for field, keys in (
        ("cidrs", ("CidrIp", "CidrIpv6")),
        ("groups", (f"{side}SecurityGroupId", f"{side}SecurityGroupName")),
        ("prefix_lists", (f"{side}PrefixListId",)),
    ):
        found: list[Text] = []
        for key in keys:
            text = to_text(entry.get(key))
            if isinstance(text, Unknown):
                return text
            if text is not None:
                found.append(text)
        parts[field] = tuple(found)
    if isinstance(protocol, Unknown):
        return protocol
    return SecurityGroupRule(
        is_egress=is_egress,
        protocol="-1" if protocol is None else protocol,
        from_port=to_number(entry.get("FromPort")),
        to_port=to_number(entry.get("ToPort")),
        cidrs=parts["cidrs"],
        groups=parts["groups"],
        prefix_lists=parts["prefix_lists"],
    )


def network_acls(template: Template) -> tuple[NetworkAcl, ...]:
    """Give the network ACLs of the template, and the open one AWS makes with each VPC for subnets that have no other."""
    associated: dict[Text, list[Text]] = {}
    for association in template.of_type("AWS::EC2::SubnetNetworkAclAssociation"):
        acl, subnet = association.text("NetworkAclId"), association.text("SubnetId")
        if acl is not None and subnet is not None and not isinstance(acl, Unknown) and not isinstance(subnet, Unknown):
            associated.setdefault(acl, []).append(subnet)
    made = [
        NetworkAcl(
            **resource.common(),
            vpc_id=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
            entries=_entries(resource),
            subnet_ids=tuple(associated.get(template.name(resource.id), ())),
            is_default=False,
        )
        for resource in template.of_type("AWS::EC2::NetworkAcl")
    ]
    return (*made, *(_default_acl(resource) for resource in template.of_type("AWS::EC2::VPC")))


def _default_acl(vpc: Resource) -> NetworkAcl:
    template = vpc.template
    name = hole(f"{vpc.id}.DefaultNetworkAcl")
    return NetworkAcl(
        arn=template.make_arn("ec2:{region}:{account}:network-acl/{name}", name),
        name=name,
        account=template.account,
        region=template.region,
        origin=vpc.origin(),
        vpc_id=template.name(vpc.id),
        entries=default_acl_entries(ipv6=has_ipv6(vpc)),
        subnet_ids=(),
        is_default=True,
    )


def _closed(is_egress: bool) -> NaclEntry:  # noqa: FBT001 - the field it fills
    return NaclEntry(rule_number=32767, is_egress=is_egress, protocol="-1", is_allow=False, cidr="0.0.0.0/0")


def _entries(acl: Resource) -> tuple[NaclEntry, ...] | Unknown:
    """Give the entries of an ACL; every ACL ends with a rule that denies the rest."""
    template = acl.template
    entries: list[NaclEntry] = [_closed(is_egress=True), _closed(is_egress=False)]
    for resource in template.of_type("AWS::EC2::NetworkAclEntry"):
        if resource.text("NetworkAclId") != template.name(acl.id):
            continue
        entry = _entry(resource)
        if isinstance(entry, Unknown):
            return entry
        entries.append(entry)
    return tuple(sorted(entries, key=lambda entry: (not entry.is_egress, entry.rule_number)))


def _entry(resource: Resource) -> NaclEntry | Unknown:
    number, egress = resource.number("RuleNumber"), resource.flag("Egress", default=False)
    protocol, action = resource.text("Protocol"), resource.text("RuleAction")
    cidr = resource.text("CidrBlock") or resource.text("Ipv6CidrBlock")
    ports = dict(_numbers(resource.get("PortRange"), ("From", "To")))
    icmp = dict(_numbers(resource.get("Icmp"), ("Type", "Code")))
    for value in (number, egress, protocol, action, cidr, *ports.values(), *icmp.values()):
        if isinstance(value, Unknown):
            return value
    if not isinstance(number, int) or not isinstance(action, str) or isinstance(egress, Unknown):
        return unknown(f"`{resource.id}` is not resolved")
    settled = {key: value if isinstance(value, int) else None for key, value in (ports | icmp).items()}
    return NaclEntry(
        rule_number=number,
        is_egress=egress,
        protocol="-1" if protocol is None else known_or_hole(protocol, f"{resource.id}.Protocol"),
        is_allow=action.lower() == "allow",
        cidr="" if cidr is None else known_or_hole(cidr, f"{resource.id}.CidrBlock"),
        from_port=settled.get("From"),
        to_port=settled.get("To"),
        icmp_type=settled.get("Type"),
        icmp_code=settled.get("Code"),
    )


def _numbers(value: Resolved, keys: tuple[str, ...]) -> Iterator[tuple[str, int | Unknown | None]]:
    for key in keys:
        yield key, to_number(value.get(key)) if isinstance(value, Map) else value if isinstance(value, Unknown) else None
