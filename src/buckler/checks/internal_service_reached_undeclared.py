"""internal-service-reached-undeclared: a function's packets get to something in its VPC that no rule and no setting means it to talk to."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.reachability import named
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.declared import DATA_SERVICES, doubt_of, is_declared
from buckler.reach.network import SURE, reach_of, sources_of
from buckler.reach.placement import placement_of

_MOST = 5
_OTHERS = DATA_SERVICES | {"endpoint", "efs"}


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("nist:AC-4", "nist:AC-6", "nist:SC-7(5)"))
def internal_service_reached_undeclared(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that reaches machines or load balancers of its own VPC by rules for ranges of addresses only.

    Its declared use is what names the other end: a rule, of either end, with the other's security group or single address; an environment
    variable with its address, or with a host, endpoint or URL of any kind.

    For auditors: rules for ranges are common, and what listens behind them is seldom known to whoever wrote them.

    Why: what a function may reach and does not use helps only who takes it over: internal services trust their network, and ask for no
    password.

    Not flagged: whatever rules or settings name; VPC endpoints; databases, caches and brokers (`database-reached-undeclared`); what stands
    in other networks (`function-reaches-other-network`).

    Fix: name security groups in the rules instead of ranges, and take the ranges out. `buckler net FUNCTION` lists what is reached, and
    `buckler net cut` says what a rule's removal breaks.

    Source: Amazon VPC User Guide, "Security group rules", "Security group referencing".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    own = {one.vpc for one in sources_of(fn, analysis) or ()}
    report = reach_of(fn, analysis)
    inside = [
        told for told in report.reached if told.target.kind == "interface" and told.target.service not in _OTHERS and told.target.vpc in own
    ]
    found = [told for told in inside if told.verdict in SURE and not is_declared(fn, told, analysis)]
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield internal_service_reached_undeclared.finding(
            fn,
            f"its packets reach {named(found[0])}{more}, which no rule and no setting names",
            seen(vpc.origin, f"rules for ranges of addresses open {named(found[0])}"),
            *(seen(vpc.origin, f"and {named(told)}") for told in found[1:_MOST]),
        )
        return
    doubt = doubt_of(report, inside)
    if doubt is not None:
        raise Undecided(doubt)
