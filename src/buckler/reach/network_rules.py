"""Outbound rules as text to paste: properties of a CloudFormation template, or resources of Terraform."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from buckler.engines.net.gates import protocol_number
from buckler.model.closing import GroupClose, NetClose
from buckler.model.network import SecurityGroupRule
from buckler.model.origin import FileOrigin
from buckler.model.text import Text, shown

_HOLE = re.compile(r"\$\{([^{}]+)\}")


def rules_text(closing: NetClose) -> str:
    """Write the rules of every group in the language of the function's own file."""
    origin = closing.function.origin
    is_template = isinstance(origin, FileOrigin) and not _is_terraform(origin)
    lines: list[str] = []
    for one in closing.groups:
        lines += ["", *(template_rules(one) if is_template else terraform_rules(one))]
    return "\n".join(lines) + "\n"


def _is_terraform(origin: FileOrigin) -> bool:
    return PurePath(origin.file).suffix == ".tf" or origin.path.startswith(("aws_", "module."))


# --- CloudFormation --------------------------------------------------------------------------------------------------------


def template_rules(closed: GroupClose) -> Iterator[str]:
    """Write `SecurityGroupEgress`: with all rules in it, in place of what is there; those to other groups as resources of their own."""
    group = _bare(closed.group)
    # In the properties of two groups that name each other CloudFormation finds a circle.
    beside = [rule for rule in closed.after if rule.groups]
    yield f"# In the properties of {group}, in place of its SecurityGroupEgress:"
    yield from template_rules_of([rule for rule in closed.after if not rule.groups])
    if beside:
        yield "# Among the Resources:"
    for rule in beside:
        ports = "To".join(str(port) for port in dict(_ports(rule)).values()) or "All"
        yield f"{re.sub(r'[^A-Za-z0-9]', '', f'{group}To{_bare(rule.groups[0])}')}{ports}:"
        yield "  Type: AWS::EC2::SecurityGroupEgress"
        yield "  Properties:"
        yield f"    GroupId: {template_value(closed.group)}"
        yield from (f"    {line[2:]}" for line in template_rule(rule))


def template_rules_of(rules: Sequence[SecurityGroupRule]) -> Iterator[str]:
    """Write the property `SecurityGroupEgress`."""
    yield "SecurityGroupEgress:"
    for rule in rules:
        yield from (f"  {line}" for line in template_rule(rule))
    if not rules:
        # CloudFormation: "When you add a rule ... the default rule is removed"; an empty list leaves it.
        yield "  - Description: nothing; without a rule EC2 lets everything out"
        yield '    IpProtocol: "-1"'
        yield "    CidrIp: 127.0.0.1/32"


def template_rule(rule: SecurityGroupRule) -> Iterator[str]:
    """Write one rule as an entry of a list."""
    member, peer = peer_of(rule, ("CidrIp", "CidrIpv6", "DestinationSecurityGroupId", "DestinationPrefixListId"))
    yield f"- Description: {json.dumps(described(rule))}"
    yield f"  IpProtocol: {json.dumps(shown(rule.protocol))}"
    for name, port in _ports(rule):
        yield f"  {name}: {port}"
    yield f"  {member}: {template_value(peer)}"


def template_value(text: Text) -> str:
    """Write a text with holes as `!Sub` does."""
    told = shown(text)
    return f"!Sub {json.dumps(told)}" if _HOLE.search(told) else told


# --- Terraform -------------------------------------------------------------------------------------------------------------


def terraform_rules(closed: GroupClose) -> Iterator[str]:
    """Write a resource for each rule."""
    group = _bare(closed.group)
    yield f"# Beside {group}, whose own egress blocks and rules go:"
    if not closed.after:
        yield "# no rule at all, which in Terraform lets nothing out"
    for rule in closed.after:
        yield from terraform_rule(closed.group, rule)


def terraform_rule(group: Text, rule: SecurityGroupRule) -> Iterator[str]:
    """Write one rule as a resource."""
    member, peer = peer_of(rule, ("cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"))
    ports = [(name, str(port)) for name, port in zip(("from_port", "to_port"), (port for _, port in _ports(rule)), strict=False)]
    arguments = [
        ("security_group_id", terraform_value(group)),
        ("description", json.dumps(described(rule))),
        ("ip_protocol", json.dumps(shown(rule.protocol))),
        *ports,
        (member, terraform_value(peer)),
    ]
    width = max(len(name) for name, _ in arguments)
    label = re.sub(r"\W+", "_", f"{_last(group)}_to_{_last(peer)}_{rule.from_port if ports else 'all'}").strip("_")
    yield f'resource "aws_vpc_security_group_egress_rule" "{label}" {{'
    for name, value in arguments:
        yield f"  {name:<{width}} = {value}"
    yield "}"


def terraform_value(text: Text) -> str:
    """Write a text as an expression: a hole is one already."""
    told = shown(text)
    whole = _HOLE.fullmatch(told)
    return whole[1] if whole else json.dumps(told)


def _last(text: Text) -> str:
    """Give a name for labels: of `${aws_security_group.db.id}` it is `db`."""
    parts = _bare(text).removesuffix(".id").split(".")
    return parts[-1] if "/" not in parts[-1] else _bare(text)


# --- both ------------------------------------------------------------------------------------------------------------------


def _bare(text: Text) -> str:
    return _HOLE.sub(r"\1", shown(text))


def peer_of(rule: SecurityGroupRule, names: tuple[str, str, str, str]) -> tuple[str, Text]:
    """Give the one peer of a rule, and its name among those for IPv4, IPv6, groups and prefix lists."""
    for cidr in rule.cidrs:
        return names[1] if ":" in shown(cidr) else names[0], cidr
    return (names[2], rule.groups[0]) if rule.groups else (names[3], rule.prefix_lists[0])


def _ports(rule: SecurityGroupRule) -> Iterator[tuple[str, int]]:
    if protocol_number(shown(rule.protocol)) == -1 or not isinstance(rule.from_port, int):
        return
    yield "FromPort", rule.from_port
    yield "ToPort", rule.to_port if isinstance(rule.to_port, int) else rule.from_port


def described(rule: SecurityGroupRule) -> str:
    """Say what needs a rule."""
    return next((text for _, text in rule.descriptions), "kept as it was")
