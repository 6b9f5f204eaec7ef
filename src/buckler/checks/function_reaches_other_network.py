"""function-reaches-other-network: packets of the function arrive in another VPC, or leave for a network on premises."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.reachability import NetReach, ports_text
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import SURE, reach_of
from buckler.reach.placement import placement_of

_MOST = 5


@check(Severity.LOW, area="network", maps=("mitre:T1213", "nist:AC-4", "nist:AC-4(21)", "nist:SC-7(5)"))
def function_reaches_other_network(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function whose packets arrive at something in another VPC, or leave for a network on premises, by rules, routes and answers.

    Medium where a password, or nothing, guards what is there (databases, caches, brokers): IAM is not asked.

    Why: a peering or a transit gateway that was made for one thing lets whoever takes over a function knock at everything behind it.

    Not flagged: what security groups, network ACLs or routes keep out, in either direction; what stands in the function's own VPC; VPC
    endpoints, whose service asks IAM of every request.

    Fix: take the range out of the outbound rules of the function's security group, or put a group of the function in the inbound rules of
    what it may reach. `buckler net FUNCTION --to TARGET` names every rule on the way.

    Source: Amazon VPC Peering Guide, "Security considerations"; AWS Lambda Developer Guide, "Giving Lambda functions access to resources".
    """
    vpc = placement_of(fn, analysis)
    report = reach_of(fn, analysis)
    if vpc is None or not report.reached:
        return
    own: set[str] = {node for told in report.reached for node in told.nodes[1:2]}
    elsewhere = [told for told in report.reached if _is_elsewhere(told, own)]
    sure = [told for told in elsewhere if told.verdict in SURE]
    if sure:
        unguarded = [told for told in sure if told.target.asks_iam is False]
        first, *more = unguarded or sure
        others = len(sure) - 1
        yield function_reaches_other_network.finding(
            fn,
            f"its packets reach {_named(first)}" + (f", and {others} more in other networks" if others else ""),
            seen(vpc.origin, f"by {' > '.join(first.nodes)}"),
            *(seen(vpc.origin, f"and {_named(told)}") for told in more[: _MOST - 1]),
            severity=Severity.MEDIUM if unguarded else Severity.LOW,
        )
    elif doubts := [*(unknown for told in elsewhere for unknown in told.unknown), *report.unknown]:
        raise Undecided(doubts[0])


def _is_elsewhere(told: NetReach, own: set[str]) -> bool:
    if told.target.kind == "on-premises":
        return True
    is_far = told.target.kind == "interface" and told.target.vpc not in own and bool(told.nodes)
    return is_far and told.target.service != "endpoint"


def _named(told: NetReach) -> str:
    ports = ", ".join(f"{one.protocol} {ports_text(one.ports)}" for one in told.protocols)
    return f"{told.target.name} on {ports}"
