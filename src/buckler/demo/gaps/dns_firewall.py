"""Route 53 Resolver DNS Firewall, of whose calls moto has none."""

import uuid
from collections.abc import Iterable
from typing import Any

from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document

_MANAGED = ("AWSManagedDomainsMalwareDomainList", "AWSManagedDomainsBotnetCommandandControl", "AWSManagedDomainsAggregateThreatList")


def _listed(call: Call, result: str, items: Iterable[Any]) -> Document:
    chosen, token = page(items, call.params, default=100, most=5000, asked="MaxResults")
    return {result: chosen, "NextToken": token}


def _kept(call: Call, kind: str, member: str) -> Document:
    found = call.home.dns_firewall.setdefault(kind, {}).get(str(call.params[member]))
    if found is None:
        raise AwsError("ResourceNotFoundException", f"There is no {kind} {call.params[member]}")
    return found


def _make(call: Call, kind: str, prefix: str, document: Document) -> Document:
    identity = f"{prefix}-{uuid.uuid4().hex[:16]}"
    arn = f"arn:aws:route53resolver:{call.region}:{call.account}:{kind}/{identity}"
    made = {"Id": identity, "Arn": arn, **document}
    call.home.dns_firewall.setdefault(kind, {})[identity] = made
    return made


# --- lists of names --------------------------------------------------------------------------------------------------------


@operation("route53resolver", "CreateFirewallDomainList")
def create_list(call: Call) -> Document:
    """An empty list."""
    made = _make(call, "firewall-domain-list", "rslvr-fdl", {"Name": str(call.params["Name"]), "DomainCount": 0, "Status": "COMPLETE"})
    call.home.dns_firewall.setdefault("domains", {})[made["Id"]] = {"names": []}
    return {"FirewallDomainList": made}


@operation("route53resolver", "UpdateFirewallDomains")
def update_domains(call: Call) -> Document:
    """Add, remove or replace names; AWS writes each with a dot at its end."""
    found = _kept(call, "domains", "FirewallDomainListId")
    given = [f"{name.rstrip('.')}." if name != "*" else name for name in call.many("Domains")]
    kept = [] if call.params["Operation"] == "REPLACE" else [name for name in found["names"] if name not in given]
    found["names"] = kept if call.params["Operation"] == "REMOVE" else [*kept, *given]
    whole = _kept(call, "firewall-domain-list", "FirewallDomainListId")
    return {"Id": whole["Id"], "Name": whole["Name"], "Status": "COMPLETE"}


@operation("route53resolver", "ListFirewallDomains")
def list_domains(call: Call) -> Document:
    """The names of a list; nobody is told those of AWS's own."""
    if any(str(call.params["FirewallDomainListId"]) == one["Id"] for one in _managed(call)):
        raise AwsError("AccessDeniedException", "The domains of a managed list are not listed.")
    return _listed(call, "Domains", _kept(call, "domains", "FirewallDomainListId")["names"])


@operation("route53resolver", "ListFirewallDomainLists")
def list_lists(call: Call) -> Document:
    """Those of AWS, and the account's own."""
    own = call.home.dns_firewall.get("firewall-domain-list", {}).values()
    shown = ("Id", "Arn", "Name", "ManagedOwnerName")
    return _listed(call, "FirewallDomainLists", [{key: one[key] for key in shown if key in one} for one in (*_managed(call), *own)])


def _managed(call: Call) -> list[Document]:
    arn = f"arn:aws:route53resolver:{call.region}:{call.account}:firewall-domain-list"
    owner = "Route 53 Resolver DNS Firewall"
    return [
        {"Id": f"rslvr-fdl-managed{at}", "Arn": f"{arn}/rslvr-fdl-managed{at}", "Name": name, "ManagedOwnerName": owner}
        for at, name in enumerate(_MANAGED)
    ]


# --- rules -----------------------------------------------------------------------------------------------------------------


@operation("route53resolver", "CreateFirewallRuleGroup")
def create_group(call: Call) -> Document:
    """An empty group."""
    return {"FirewallRuleGroup": _make(call, "firewall-rule-group", "rslvr-frg", {"Name": str(call.params["Name"]), "RuleCount": 0})}


@operation("route53resolver", "CreateFirewallRule")
def create_rule(call: Call) -> Document:
    """One rule of a group."""
    group = _kept(call, "firewall-rule-group", "FirewallRuleGroupId")
    rules = call.home.dns_firewall.setdefault("rules", {}).setdefault(group["Id"], {})
    wanted = ("FirewallRuleGroupId", "FirewallDomainListId", "Name", "Priority", "Action", "BlockResponse", "Qtype", "DnsThreatProtection")
    made = {key: call.params[key] for key in wanted if key in call.params}
    rules[str(call.params["Name"])] = made
    return {"FirewallRule": made}


@operation("route53resolver", "ListFirewallRules")
def list_rules(call: Call) -> Document:
    """The rules of a group, by priority."""
    group = _kept(call, "firewall-rule-group", "FirewallRuleGroupId")
    rules = call.home.dns_firewall.get("rules", {}).get(group["Id"], {})
    return _listed(call, "FirewallRules", sorted(rules.values(), key=lambda one: int(one["Priority"])))


@operation("route53resolver", "AssociateFirewallRuleGroup")
def associate(call: Call) -> Document:
    """Put a group before the resolver of a VPC."""
    given = {key: call.params[key] for key in ("FirewallRuleGroupId", "VpcId", "Priority", "Name")}
    made = _make(
        call, "firewall-rule-group-association", "rslvr-frgassoc", {**given, "MutationProtection": "DISABLED", "Status": "COMPLETE"}
    )
    return {"FirewallRuleGroupAssociation": made}


@operation("route53resolver", "ListFirewallRuleGroupAssociations")
def list_associations(call: Call) -> Document:
    """Which groups stand before which resolvers."""
    return _listed(call, "FirewallRuleGroupAssociations", call.home.dns_firewall.get("firewall-rule-group-association", {}).values())


@operation("route53resolver", "UpdateFirewallConfig")
def update_config(call: Call) -> Document:
    """Say what happens where the firewall itself fails."""
    vpc = str(call.params["ResourceId"])
    kept = {"Id": f"rslvr-fc-{vpc}", "ResourceId": vpc, "OwnerId": call.account, "FirewallFailOpen": str(call.params["FirewallFailOpen"])}
    call.home.dns_firewall.setdefault("configs", {})[vpc] = kept
    return {"FirewallConfig": kept}


@operation("route53resolver", "ListFirewallConfigs")
def list_configs(call: Call) -> Document:
    """The settings of VPCs for which somebody made one."""
    return _listed(call, "FirewallConfigs", call.home.dns_firewall.get("configs", {}).values())
