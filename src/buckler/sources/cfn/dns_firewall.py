"""Route 53 Resolver DNS Firewall: lists, rule groups, and the VPCs they are associated with."""

from __future__ import annotations

from buckler.model.network import DnsFirewall, DnsRule
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.http import belongs, known_or_hole
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_number, to_text, unknown

_GROUP = "AWS::Route53Resolver::FirewallRuleGroup"
_LIST = "AWS::Route53Resolver::FirewallDomainList"


def dns_firewall(resource: Resource) -> DnsFirewall:
    """Read an association, with the rules of its group."""
    template = resource.template
    group = known_or_hole(resource.text("FirewallRuleGroupId"), f"{resource.id}.FirewallRuleGroupId")
    owner = next((one for one in template.of_type(_GROUP) if belongs(template, group, one)), None)
    priority = resource.number("Priority")
    return DnsFirewall(
        **resource.common(),
        vpc_id=known_or_hole(resource.text("VpcId"), f"{resource.id}.VpcId"),
        priority=priority if priority is not None else unknown(f"`{resource.id}` has no priority"),
        group=owner.id if owner is not None else group,
        rules=_rules(owner) if owner is not None else unknown(f"the rule group of `{resource.id}` is not in this template", "a live scan"),
        fails_open=unknown("whether DNS Firewall fails open is no part of a template", "a live scan"),
    )


def _rules(group: Resource) -> tuple[DnsRule, ...] | Unknown:
    entries = group.list("FirewallRules")
    if isinstance(entries, Unknown):
        return entries
    found: list[DnsRule] = []
    for entry in entries or ():
        rule = _rule(group.template, entry) if isinstance(entry, Map) else unknown(f"a rule of `{group.id}` is not resolved")
        if isinstance(rule, Unknown):
            return rule
        found.append(rule)
    return tuple(found)


def _rule(template: Template, entry: Map) -> DnsRule | Unknown:
    priority, action = to_number(entry.get("Priority")), to_text(entry.get("Action"))
    if priority is None or isinstance(priority, Unknown):
        return priority or unknown("a rule has no priority")
    if action is None or isinstance(action, Unknown):
        return action or unknown("a rule has no action")
    query_type = known_or_hole(to_text(entry.get("Qtype")) or "", "Qtype")
    named = to_text(entry.get("FirewallDomainListId"))
    if named is None:
        detected = known_or_hole(to_text(entry.get("DnsThreatProtection")) or "", "DnsThreatProtection")
        return DnsRule(priority=priority, action=action, kind="protection", name=detected, query_type=query_type)
    owner = next((one for one in template.of_type(_LIST) if belongs(template, named, one)), None)
    wildcards = _wildcards(owner) if owner is not None else unknown("a list of names is not in this template", "a live scan")
    name = owner.id if owner is not None else known_or_hole(named, "FirewallDomainListId")
    return DnsRule(priority=priority, action=action, kind="domains", name=name, wildcards=wildcards, query_type=query_type)


def _wildcards(owner: Resource) -> tuple[Text, ...] | Unknown:
    """Give the entries that begin with an asterisk, and those of which nobody knows how they begin."""
    if owner.has("DomainFileUrl"):
        return unknown(f"the names of `{owner.id}` are in a file of S3", "a live scan")
    names = owner.texts("Domains")
    if names is None or isinstance(names, Unknown):
        return names or ()
    return tuple(one for one in names if shown(one).startswith("*") or (isinstance(one, Partial) and not isinstance(one.parts[0], str)))
