"""Security groups and network ACLs."""

from collections.abc import Sequence

from buckler.model.network import NaclEntry, NetworkAcl, SecurityGroup, SecurityGroupRule
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.common import default_acl_entries
from buckler.sources.terraform.common import common, tags
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node

_RULES = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
_PROTOCOLS = {"all": "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def read_firewalls(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("security_groups", plan.of("aws_security_group", "aws_default_security_group"), lambda node: _group(draft, node))
    draft.each("network_acls", plan.of("aws_network_acl", "aws_default_network_acl"), lambda node: _acl(draft, node))
    taken = {acl.vpc_id for acl in draft.facts.get("network_acls", ()) if isinstance(acl, NetworkAcl) and acl.is_default}
    draft.each("network_acls", plan.of("aws_vpc"), lambda node: _made_with(draft, node, taken))


def protocol(node: Node, key: str) -> Text:
    found = node.text(key)
    if isinstance(found, str):
        return _PROTOCOLS.get(found.lower(), found.lower())
    return found if found is not None else node.child(key).hole()


def _group(draft: Draft, node: Node) -> SecurityGroup:
    base = common(node)
    name = node.text("name")
    return SecurityGroup(
        **base,
        group_name=name if name is not None else "default" if "default" in node.resource.type else node.child("name").hole(),
        vpc_id=node.text("vpc_id", to="id") or node.child("vpc_id").why(),
        rules=_rules(draft, node, base["name"]),
        tags=tags(node),
    )


def _rules(draft: Draft, node: Node, group: Text) -> tuple[SecurityGroupRule, ...] | Unknown:
    """Collect the rules from the group and from beside it; what is not written is not there.

    AWS gives a new group an allow-all egress rule, and the provider takes it away: "When creating a new Security Group inside a VPC,
    Terraform will remove this default rule" (documentation of aws_security_group).
    """
    rules: list[SecurityGroupRule] = []
    for key in ("ingress", "egress"):
        blocks = node.blocks(key, computed=True)
        if isinstance(blocks, Unknown):
            return blocks
        rules.extend(_inline(block, group, is_egress=key == "egress") for block in blocks)
    for kind in _RULES:
        for other in draft.beside("security_groups", kind, "security_group_id", group):
            try:
                rules.append(_beside(other, group))
            except MalformedError as error:
                return draft.malformed("security_groups", other.resource, error)
    return draft.stray("security_groups", *((kind, "security_group_id") for kind in _RULES)) or tuple(rules)


def _texts(node: Node, *keys: str) -> tuple[Text, ...]:
    found: list[Text] = []
    for key in keys:
        values = node.texts(key, to="id")
        found.extend((node.child(key).hole(),) if isinstance(values, Unknown) else values)
    return tuple(found)


def _inline(node: Node, group: Text, *, is_egress: bool) -> SecurityGroupRule:
    groups = _texts(node, "security_groups")
    return SecurityGroupRule(
        is_egress=is_egress,
        protocol=protocol(node, "protocol"),
        from_port=node.integer("from_port"),
        to_port=node.integer("to_port"),
        cidrs=_texts(node, "cidr_blocks", "ipv6_cidr_blocks"),
        groups=(*groups, group) if node.boolean("self") is True else groups,
        prefix_lists=_texts(node, "prefix_list_ids"),
    )


def _beside(node: Node, group: Text) -> SecurityGroupRule:
    if node.resource.type == "aws_security_group_rule":
        other = node.text("source_security_group_id", to="id")
        rule = _inline(node, group, is_egress=node.text("type") == "egress")
        return SecurityGroupRule(
            is_egress=rule.is_egress,
            protocol=rule.protocol,
            from_port=rule.from_port,
            to_port=rule.to_port,
            cidrs=rule.cidrs,
            groups=(*rule.groups, other) if other else rule.groups,
            prefix_lists=rule.prefix_lists,
        )
    cidrs = [found for key in ("cidr_ipv4", "cidr_ipv6") if (found := node.text(key))]
    other = node.text("referenced_security_group_id", to="id")
    prefix_list = node.text("prefix_list_id", to="id")
    return SecurityGroupRule(
        is_egress=node.resource.type == "aws_vpc_security_group_egress_rule",
        protocol=protocol(node, "ip_protocol"),
        from_port=node.integer("from_port"),
        to_port=node.integer("to_port"),
        cidrs=tuple(cidrs),
        groups=(other,) if other else (),
        prefix_lists=(prefix_list,) if prefix_list else (),
    )


def _acl(draft: Draft, node: Node) -> NetworkAcl:
    base = common(node)
    is_default = node.resource.type == "aws_default_network_acl"
    subnets = list(_texts(node, "subnet_ids"))
    associations = draft.beside("network_acls", "aws_network_acl_association", "network_acl_id", base["name"])
    subnets.extend(other.text("subnet_id", to="id") or other.child("subnet_id").hole() for other in associations)
    return NetworkAcl(
        **base,
        vpc_id=node.text("vpc_id", to="id") or _vpc_of_default(node) or node.child("vpc_id").hole(),
        entries=_entries(draft, node, base["name"]),
        subnet_ids=tuple(subnets),
        is_default=is_default,
    )


def _made_with(draft: Draft, vpc: Node, taken: set[Text]) -> NetworkAcl | None:
    """Give the ACL that AWS makes with a VPC, where the plan does not take it over: subnets that have no other fall to it."""
    name = draft.view.attribute(vpc.resource, "id")
    if name in taken:
        return None
    ipv6 = vpc.text("ipv6_cidr_block") is not None or vpc.boolean("assign_generated_ipv6_cidr_block") is True
    ipv6 = ipv6 or bool(draft.beside("vpcs", "aws_vpc_ipv6_cidr_block_association", "vpc_id", name))
    base = common(vpc, "default_network_acl_id")
    return NetworkAcl(
        **base,
        vpc_id=name,
        entries=_with_those_beside(draft, base["name"], default_acl_entries(ipv6=ipv6)),
        subnet_ids=(),
        is_default=True,
    )


def _vpc_of_default(node: Node) -> Text | None:
    """Find the VPC whose own ACL `aws_default_network_acl` takes over."""
    targets = node.view.references.targets(node.child("default_network_acl_id")) or []
    return node.view.attribute(targets[0].resource, "id") if len(targets) == 1 and targets[0].resource.type == "aws_vpc" else None


def _entries(draft: Draft, node: Node, acl: Text) -> tuple[NaclEntry, ...] | Unknown:
    """Collect the rules from the ACL and from beside it; unknown as a whole when one is not known, since their order decides."""
    found: list[NaclEntry | Unknown] = []
    for key in ("ingress", "egress"):
        blocks = node.blocks(key, computed=True)
        if isinstance(blocks, Unknown):
            return blocks
        found.extend(_entry(block, is_egress=key == "egress", number="rule_no", allow="action") for block in blocks)
    return _with_those_beside(draft, acl, found)


def _with_those_beside(draft: Draft, acl: Text, found: Sequence[NaclEntry | Unknown]) -> tuple[NaclEntry, ...] | Unknown:
    stray = draft.stray("network_acls", ("aws_network_acl_rule", "network_acl_id"))
    if stray is not None:
        return stray
    beside = (
        _entry(other, is_egress=other.boolean("egress") is True, number="rule_number", allow="rule_action")
        for other in draft.beside("network_acls", "aws_network_acl_rule", "network_acl_id", acl)
    )
    entries: list[NaclEntry] = []
    for one in (*found, *beside):
        if isinstance(one, Unknown):
            return one
        entries.append(one)
    return tuple(sorted(entries, key=lambda one: (one.is_egress, one.rule_number)))


def _entry(node: Node, *, is_egress: bool, number: str, allow: str) -> NaclEntry | Unknown:
    order, start, end = node.integer(number), node.integer("from_port"), node.integer("to_port")
    kind, code, action = node.integer("icmp_type"), node.integer("icmp_code"), node.text(allow)
    for known in (order, start, end, kind, code):
        if isinstance(known, Unknown):
            return known
    if not isinstance(order, int) or not isinstance(action, str):
        return node.why()
    return NaclEntry(
        rule_number=order,
        is_egress=is_egress,
        protocol=protocol(node, "protocol"),
        is_allow=action.lower() == "allow",
        cidr=node.text("cidr_block") or node.text("ipv6_cidr_block") or node.child("cidr_block").hole(),
        from_port=start if isinstance(start, int) else None,
        to_port=end if isinstance(end, int) else None,
        icmp_type=kind if isinstance(kind, int) else None,
        icmp_code=code if isinstance(code, int) else None,
    )
