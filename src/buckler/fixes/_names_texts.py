"""Names that a VPC's resolver may ask for, kept in by DNS Firewall: in the text of a template or of a configuration."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from buckler.fixes._argued import Argued, Argument
from buckler.fixes._option import Option
from buckler.fixes._written import Choice, Properties, Written
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import Placed, Setting

_LISTED: Final = "let the resolver ask for the names you list only (--allow-name)"
_GUARDED: Final = "block what AWS detects as data in names (DNS Firewall Advanced)"
_LOST_NAMES: Final = "every name that is not listed, of whoever is in the VPC: AWS SDKs ask for those of `*.amazonaws.com`"
_LOST_TUNNELS: Final = ("names that AWS takes for a tunnel and that are none", "what each million of queries costs")
_LEAST, _MOST = 100, 9900
"""Priorities of associations (Route 53 Resolver API Reference, AssociateFirewallRuleGroup): the lowest decides first."""
_STEP: Final = 100
_ALL: Final = "*"


def _priorities(analysis: Analysis) -> Iterator[int]:
    """Give the priorities to try: behind what is associated, whose blocks stay; then before it, where it lets everything pass."""
    taken = sorted(one.priority for one in analysis.estate.dns_firewalls if isinstance(one.priority, int))
    if not taken:
        yield _LEAST + 1
        return
    if taken[-1] + _STEP <= _MOST:
        yield taken[-1] + _STEP
    if taken[0] > _LEAST:
        yield taken[0] - 1


def names_in_template(case: Written) -> Iterator[Choice]:
    """Associate a rule group with the VPC: an allow-list where the user names some, else what finds tunnels.

    A text tells of a VPC's names only where it associates something itself: what others associate is for a scan of the account to see.
    """
    for priority in _priorities(case.analysis):
        yield from _in_template(case, priority)


def _in_template(case: Written, priority: int) -> Iterator[Choice]:
    vpc, editor = case.finding.subject.id, case.editor
    if editor.scalar("Resources", vpc, "Type") != "AWS::EC2::VPC":
        return
    names = case.wishes.allow_names
    kind = "AWS::Route53Resolver::Firewall"
    only = case.condition_of(vpc)
    made: dict[str, Setting] = {}
    if names:
        made[f"{vpc}NamesAllowed"] = {"Type": f"{kind}DomainList", **only, "Properties": {"Domains": [*names]}}
        made[f"{vpc}NamesAll"] = {"Type": f"{kind}DomainList", **only, "Properties": {"Domains": [_ALL]}}
    made[f"{vpc}Names"] = {"Type": f"{kind}RuleGroup", **only, "Properties": {"FirewallRules": _rules(vpc, names)}}
    made[f"{vpc}NamesGuarded"] = {
        "Type": f"{kind}RuleGroupAssociation",
        **only,
        "Properties": {"FirewallRuleGroupId": {"Ref": f"{vpc}Names"}, "VpcId": {"Ref": vpc}, "Priority": priority},
    }
    if any(editor.has("Resources", name) for name in made):
        return
    settings = tuple((("Resources", name), one) for name, one in made.items())
    yield Properties(_LISTED if names else _GUARDED, settings, _lost(names))


def _rules(vpc: str, names: Sequence[str]) -> list[Setting]:
    blocked: dict[str, Setting] = {"Action": "BLOCK", "BlockResponse": "NODATA"}
    if not names:
        return [{"Priority": 1, **blocked, "DnsThreatProtection": "DNS_TUNNELING", "ConfidenceThreshold": "MEDIUM"}]
    return [
        {"Priority": 1, "Action": "ALLOW", "FirewallDomainListId": {"Ref": f"{vpc}NamesAllowed"}},
        {"Priority": 2, **blocked, "FirewallDomainListId": {"Ref": f"{vpc}NamesAll"}},
    ]


def names_in_configuration(case: Argued) -> Iterator[Argument]:
    """Do the same in a Terraform configuration."""
    spot = case.resource()
    if spot is None or spot.block.labels[:1] != ("aws_vpc",) or {"count", "for_each"} & spot.block.body.arguments.keys():
        return
    vpc, names, file = spot.block.labels[1], case.wishes.allow_names, spot.document.shown

    def make(priority: int) -> tuple[Placed, ...]:
        return tuple(case.configuration.append(file, lines) for lines in _blocks(vpc, names, priority))

    for priority in _priorities(case.analysis):
        yield Option(_LISTED if names else _GUARDED, partial(make, priority), _lost(names))


def _blocks(vpc: str, names: Sequence[str], first: int) -> Iterator[list[str]]:
    kind, group = "aws_route53_resolver_firewall", f"aws_route53_resolver_firewall_rule_group.{vpc}_names.id"
    yield _block(f"{kind}_rule_group", f"{vpc}_names", {"name": json.dumps(f"{vpc}-names")})
    if names:
        for last, listed in (("allowed", names), ("all", (_ALL,))):
            about = {"name": json.dumps(f"{vpc}-names-{last}"), "domains": json.dumps([*listed])}
            yield _block(f"{kind}_domain_list", f"{vpc}_names_{last}", about)
    common = {"firewall_rule_group_id": group}
    blocked = {"action": '"BLOCK"', "block_response": '"NODATA"'}
    rules: dict[str, dict[str, str]] = (
        {
            "allowed": {"action": '"ALLOW"', "firewall_domain_list_id": f"{kind}_domain_list.{vpc}_names_allowed.id"},
            "all": {**blocked, "firewall_domain_list_id": f"{kind}_domain_list.{vpc}_names_all.id"},
        }
        if names
        else {"tunnels": {**blocked, "dns_threat_protection": '"DNS_TUNNELING"', "confidence_threshold": '"MEDIUM"'}}
    )
    for number, (last, rule) in enumerate(rules.items(), 1):
        name = {"name": json.dumps(f"{vpc}-names-{last}")}
        yield _block(f"{kind}_rule", f"{vpc}_names_{last}", {**name, **rule, **common, "priority": str(number)})
    about = {"name": json.dumps(f"{vpc}-names"), **common, "vpc_id": f"aws_vpc.{vpc}.id", "priority": str(first)}
    yield _block(f"{kind}_rule_group_association", f"{vpc}_names", about)


def _block(kind: str, name: str, arguments: dict[str, str]) -> list[str]:
    width = max(map(len, arguments))
    return [f'resource "{kind}" "{name}" {{', *(f"  {one:<{width}} = {value}" for one, value in arguments.items()), "}"]


def _lost(names: Sequence[str]) -> tuple[str, ...]:
    return (_LOST_NAMES,) if names else _LOST_TUNNELS
