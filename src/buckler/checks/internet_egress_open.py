"""internet-egress-open: packets of the function reach any address on the internet, and on more ports than the web's."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.net.ranges import without
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.reachability import NetReach, ports_text
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import SURE, reach_of
from buckler.reach.placement import placement_of

_WEB = ((80, 80), (443, 443))


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("mitre:T1041", "mitre:T1048", "nist:SC-7(5)", "nist:SC-7(10)"))
def internet_egress_open(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a VPC function that reaches the internet on other ports than 80 and 443, by routes, gateways, rules and answers.

    The message says on which. For auditors: AWS gives every new security group a rule that lets everything out.

    Why: whoever takes over the function sends what it found to any address, by any protocol: SSH, SMTP, a database of their own. What is
    open for the web alone can be watched by a proxy; this cannot.

    Not flagged: functions whose packets get out on 80 and 443 only, or nowhere; functions in no VPC, whose network is Lambda's own
    (`vpc-missing`). What a rule says and no route carries is no way out (`security-group-open-egress` asks of the rule).

    Fix: let the function's security group out to port 443 only, to the prefix lists and endpoints of the services it calls where it calls
    AWS alone.

    Source: Amazon VPC User Guide, "Security group rules", "NAT gateways"; AWS Lambda Developer Guide, "Enable internet access for
    VPC-connected Lambda functions".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    report = reach_of(fn, analysis)
    ways = [told for told in report.reached if told.target.kind == "internet"]
    found = [told for told in ways if told.verdict in SURE and _beyond_the_web(told)]
    if found:
        first = found[0]
        yield internet_egress_open.finding(
            fn,
            f"its packets reach {' and '.join(told.target.name for told in found)} on {_ports(first)}",
            *(seen(vpc.origin, f"by {' > '.join(told.nodes)}") for told in found),
        )
        return
    for told in ways:
        if told.verdict not in SURE and told.unknown and _beyond_the_web(told):
            raise Undecided(told.unknown[0])


def _beyond_the_web(told: NetReach) -> bool:
    # HTTP/3 is UDP on 443; of 80 there is none.
    return any(without(one.ports, _WEB if one.protocol == "tcp" else ((443, 443),)) for one in told.protocols)


def _ports(told: NetReach) -> str:
    return ", ".join(f"{one.protocol} {ports_text(one.ports)}" for one in told.protocols)
