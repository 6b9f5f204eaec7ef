"""network-path-intermittent: connections of the function fail now and then, because a network ACL drops some of the answers."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.reachability import ports_text
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of
from buckler.reach.placement import placement_of


@check(Severity.LOW, area="network", maps=("nist:SC-5", "nist:SC-7"))
def network_path_intermittent(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that reaches something from some client ports only: a network ACL lets the answers to the others not pass.

    Why: Lambda sends from any port between 1024 and 65535, and network ACLs know nothing of connections. Where one lets answers to
    32768-60999 pass, half of the connections time out, and nobody can reproduce it.

    Not flagged: ways that are closed altogether, or open to all client ports.

    Fix: let the ports 1024-65535 pass towards the function's subnet, in the network ACLs of both ends. `buckler net FUNCTION` names a
    packet that gets no answer.

    Source: Amazon VPC User Guide, "Ephemeral ports".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    report = reach_of(fn, analysis)
    broken = [(told, one) for told in report.reached for one in told.protocols if one.verdict == "some-client-ports"]
    if broken:
        told, one = broken[0]
        served = ports_text(one.client_ports)
        others = len({each.target.id for each, _ in broken}) - 1
        yield network_path_intermittent.finding(
            fn,
            f"of its {one.protocol} connections to {told.target.name} only those from the ports {served} get an answer"
            + (f", and so of {others} more" if others else ""),
            seen(vpc.origin, f"{one.failing} gets none"),
        )
    elif report.unknown:
        raise Undecided(report.unknown[0])
