"""database-reached-undeclared: a function's packets get to a database, cache or broker, and nothing says that it has business there."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.reachability import named
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.declared import DATA_SERVICES, doubt_of, is_declared
from buckler.reach.network import SURE, reach_of, sources_of
from buckler.reach.placement import placement_of

_MOST = 5


@check(Severity.LOW, area="network", maps=("mitre:T1213", "nist:AC-4", "nist:AC-6", "nist:SC-7(5)"))
def database_reached_undeclared(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that reaches a database, a cache, a search domain or a broker of its own VPC by a rule for a range of addresses only.

    Nothing says that it is meant to: no rule of either end names the other's security group or single address, no environment variable
    speaks of such a service or of any host, and its role may neither use the service nor read a secret or parameter. Medium where a
    password, or nothing, guards what is there.

    Why: a group that lets the whole VPC in serves one function and opens the door to all. Whoever takes over any of them tries passwords,
    or, of most caches, needs none.

    Not flagged: whatever the function's rules, settings, role or event sources speak of; EFS, whose mounts are not read; what stands in
    other networks (`function-reaches-other-network`).

    Fix: let the security group of the database in by group, naming those of the functions that use it, and take the range out.
    `buckler net cut FUNCTION DATABASE` says what else that breaks.

    Source: Amazon VPC User Guide, "Security group rules"; Amazon RDS User Guide, "Controlling access with security groups".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    own = {one.vpc for one in sources_of(fn, analysis) or ()}
    report = reach_of(fn, analysis)
    inside = [told for told in report.reached if told.target.service in DATA_SERVICES and told.target.vpc in own]
    found = [told for told in inside if told.verdict in SURE and not is_declared(fn, told, analysis)]
    if found:
        is_open = any(told.target.asks_iam is False for told in found)
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield database_reached_undeclared.finding(
            fn,
            f"its packets reach {named(found[0])}{more}, and nothing says that it has business there",
            seen(vpc.origin, f"a rule for a range of addresses opens {named(found[0])}"),
            *(seen(vpc.origin, f"and {named(told)}") for told in found[1:_MOST]),
            severity=Severity.MEDIUM if is_open else Severity.LOW,
        )
        return
    doubt = doubt_of(report, inside)
    if doubt is not None:
        raise Undecided(doubt)
