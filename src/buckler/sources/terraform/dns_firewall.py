"""Route 53 Resolver DNS Firewall: lists, rules, and the VPCs that rule groups are associated with."""

from buckler.model.network import DnsFirewall, DnsRule
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import absent, common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node

_LISTS = ("aws_route53_resolver_firewall_domain_list",)
_GROUPS = ("aws_route53_resolver_firewall_rule_group",)


def read_dns_firewalls(draft: Draft) -> None:
    """Read the associations, each with the rules that name its group."""
    plan = draft.view.plan
    draft.each("dns_firewalls", plan.of("aws_route53_resolver_firewall_rule_group_association"), lambda node: _association(draft, node))


def _association(draft: Draft, node: Node) -> DnsFirewall:
    group, vpc = node.text("firewall_rule_group_id", to="id"), node.text("vpc_id", to="id")
    owner = draft.view.found(_GROUPS, group) if group is not None else None
    priority = node.integer("priority")
    return DnsFirewall(
        **common(node),
        vpc_id=vpc if vpc is not None else node.child("vpc_id").hole(),
        priority=priority if priority is not None else node.child("priority").why(),
        group=owner.resource.address if owner is not None else group or node.child("firewall_rule_group_id").hole(),
        rules=_rules(draft, group) if owner is not None and group is not None else absent(node, "the rule group"),
        fails_open=_fails_open(draft, vpc),
    )


def _rules(draft: Draft, group: Text) -> tuple[DnsRule, ...] | Unknown:
    kind = "aws_route53_resolver_firewall_rule"
    stray = draft.stray("dns_firewalls", (kind, "firewall_rule_group_id"))
    if stray is not None:
        return stray
    found: list[DnsRule] = []
    for node in draft.beside("dns_firewalls", kind, "firewall_rule_group_id", group):
        rule = _rule(draft, node)
        if isinstance(rule, Unknown):
            return rule
        found.append(rule)
    return tuple(sorted(found, key=lambda one: one.priority))


def _rule(draft: Draft, node: Node) -> DnsRule | Unknown:
    priority, action = node.integer("priority"), node.text("action")
    if priority is None or isinstance(priority, Unknown):
        return priority or node.child("priority").why()
    query_type = node.text("q_type") or ""
    named = node.text("firewall_domain_list_id", to="id")
    if action is None:
        return node.child("action").why()
    if named is None:
        detected = node.text("dns_threat_protection") or ""
        return DnsRule(priority=priority, action=action, kind="protection", name=detected, query_type=query_type)
    owner = draft.view.found(_LISTS, named)
    wildcards = _wildcards(owner) if owner is not None else absent(node, "the list of names")
    name = owner.resource.address if owner is not None else named
    return DnsRule(priority=priority, action=action, kind="domains", name=name, wildcards=wildcards, query_type=query_type)


def _wildcards(owner: Node) -> tuple[Text, ...] | Unknown:
    """Give the entries that begin with an asterisk, and those of which nobody knows how they begin."""
    names = owner.texts("domains")
    if isinstance(names, Unknown):
        return names
    return tuple(one for one in names if shown(one).startswith("*") or (isinstance(one, Partial) and not isinstance(one.parts[0], str)))


def _fails_open(draft: Draft, vpc: Text | None) -> bool | Unknown:
    for node in draft.beside("dns_firewalls", "aws_route53_resolver_firewall_config", "resource_id", *(() if vpc is None else (vpc,))):
        said = node.text("firewall_fail_open")
        return said == "ENABLED" if isinstance(said, str) else node.child("firewall_fail_open").why()
    return False
