"""Route 53 Resolver DNS Firewall of a region: which rule groups stand before the resolver of which VPC, and what they say.

One call for the associations; where there are any, one for the lists, one for the settings, one a rule group that is in use, and one a list
of the customer's own that is in use. None a function.
"""

from dataclasses import dataclass

from buckler.model.estate import Estate
from buckler.model.network import DnsFirewall, DnsRule
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector

_COLLECTOR = Collector("dns firewall")


def _list(operation: str, result: str, why: str) -> Call:
    # "5 requests per second, per account and Region" (Route 53 Developer Guide, "Quotas on Route 53 VPC Resolver").
    return _COLLECTOR.call("route53resolver", operation, why, result=result, page=("NextToken", "NextToken"), rate=5.0)


ASSOCIATIONS = _list("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations", "which VPCs have a DNS Firewall")
RULES = _list("ListFirewallRules", "FirewallRules", "which names a DNS Firewall lets pass")
LISTS = _list("ListFirewallDomainLists", "FirewallDomainLists", "whose the lists of names are")
DOMAINS = _list("ListFirewallDomains", "Domains", "whether a list of names has wildcards")
CONFIGS = _list("ListFirewallConfigs", "FirewallConfigs", "whether a DNS Firewall that fails lets names pass")


@dataclass(frozen=True)
class _Lists:
    """The lists of the region, by id; and those of AWS, whose names nobody may read."""

    names: dict[str, str]
    managed: frozenset[str]
    unknown: Unknown | None
    wildcards: dict[str, tuple[str, ...] | Unknown]


def collect(reader: Reader) -> Estate:
    """Read the associations, and the rules of every group that is among them."""
    pages = reader.pages(ASSOCIATIONS, MaxResults=100)
    entries = [entry for entry in pages if entry.get("Status") != "DELETING"]
    if not entries:
        return Estate(missing=pages.missing("dns_firewalls"))
    lists = _lists(reader)
    groups = sorted({str(entry["FirewallRuleGroupId"]) for entry in entries})
    rules = {group: _rules(reader, group, lists) for group in groups}
    opens = reader.pages(CONFIGS)
    fails_open = {str(one["ResourceId"]): one.get("FirewallFailOpen") == "ENABLED" for one in opens}
    return Estate(
        dns_firewalls=tuple(
            DnsFirewall(
                arn=entry["Arn"],
                name=entry["Id"],
                account=reader.account,
                region=reader.region,
                origin=reader.origin(ASSOCIATIONS, entry["Arn"]),
                vpc_id=entry["VpcId"],
                priority=entry["Priority"],
                group=entry["FirewallRuleGroupId"],
                rules=rules[str(entry["FirewallRuleGroupId"])],
                # A VPC without a setting fails closed.
                fails_open=fails_open.get(entry["VpcId"], opens.unknown or False),
            )
            for entry in entries
        ),
        missing=pages.missing("dns_firewalls"),
    )


def _lists(reader: Reader) -> _Lists:
    pages = reader.pages(LISTS, MaxResults=100)
    names: dict[str, str] = {}
    managed: set[str] = set()
    for entry in pages:
        names[str(entry["Id"])] = str(entry.get("Name", ""))
        if entry.get("ManagedOwnerName"):
            managed.add(str(entry["Id"]))
    return _Lists(names, frozenset(managed), pages.unknown, {})


def _rules(reader: Reader, group: str, lists: _Lists) -> tuple[DnsRule, ...] | Unknown:
    pages = reader.pages(RULES, FirewallRuleGroupId=group, MaxResults=100)
    found = [_rule(reader, entry, lists) for entry in pages if entry.get("Status") not in {"CREATION_FAILED", "DELETING"}]
    return pages.unknown or tuple(sorted(found, key=lambda one: one.priority))


def _rule(reader: Reader, entry: Answer, lists: _Lists) -> DnsRule:
    priority, action, query_type = int(entry["Priority"]), str(entry["Action"]), str(entry.get("Qtype") or "")
    identity = entry.get("FirewallDomainListId")
    if not identity:
        detected = entry.get("DnsThreatProtection") or inner(entry, "FirewallRuleType", "DnsThreatProtection").get("Value")
        name = str(detected or next(iter(inner(entry, "FirewallRuleType")), ""))
        return DnsRule(priority=priority, action=action, kind="protection", name=name, query_type=query_type)
    name = lists.names.get(identity) or identity
    if identity in lists.managed:
        return DnsRule(priority=priority, action=action, kind="managed", name=name, query_type=query_type)
    # Where the lists could not be read, this may be one of AWS's, whose names nobody is told.
    wildcards = lists.unknown if lists.unknown is not None and identity not in lists.names else _wildcards(reader, identity, lists)
    return DnsRule(priority=priority, action=action, kind="domains", name=name, wildcards=wildcards, query_type=query_type)


def _wildcards(reader: Reader, identity: str, lists: _Lists) -> tuple[str, ...] | Unknown:
    """Give the entries that begin with an asterisk: of the others, nobody owns a name below."""
    found = lists.wildcards.get(identity)
    if found is None:
        pages = reader.pages(DOMAINS, FirewallDomainListId=identity, MaxResults=5000)
        every = [one.rstrip(".") or one for answer in pages.answers() for one in strings(answer, "Domains")]
        found = lists.wildcards[identity] = pages.unknown or tuple(sorted(one for one in every if one.startswith("*")))
    return found
