"""data-events-missing: nobody records who invokes the function."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.scopes import asked, functions_in, must_be_live
from buckler.reach.trails import blind_spot, covers_all, is_recorded


@check(Severity.LOW, area="logging", maps=("owasp:SAS-5", "nist:AU-2", "nist:AU-12", "pci:10.2.1"))
def data_events_missing(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag functions whose invocations no running trail records.

    One finding for the region when it records none of its functions, else one for each function that is left out. Event selectors are
    evaluated as CloudTrail does: basic and advanced, by ARN, by read and write (an invocation is a write), by event name; single-region,
    organisation and stopped trails count for what they are.

    Why: without data events an attacker who invokes the function through its API, or through a stolen key, leaves no record of who did it.

    Not flagged: functions that any trail records, be it an organisation's. CloudTrail Lake's event data stores are not looked at.

    Fix: give a multi-region trail an event selector with `eventCategory` = `Data` and `resources.type` = `AWS::Lambda::Function`.
    Data events are billed by volume: where that hurts, select the functions that hold secrets or money.

    Source: AWS CloudTrail User Guide, "Logging data events" and "Filtering data events by using advanced event selectors".
    """
    functions = functions_in(scope, analysis)
    trails, organizations = analysis.estate.trails, analysis.estate.organizations
    if not functions or any(covers_all(trail, scope.account, scope.region, organizations) for trail in trails):
        return
    left_out: list[Function] = []
    undecided: Undecided | None = None
    for fn in functions:
        try:
            if not is_recorded(fn, trails, organizations):
                left_out.append(fn)
        except Undecided as stop:
            undecided = undecided or stop
    if left_out:
        # That no trail records it is proven only when every trail was seen.
        must_be_live(scope, "which trails the account has")
        analysis.require("trails", scope.account, scope.region)
    reasons = [seen(trail.origin, f"trail `{shown(trail.name)}`: {blind_spot(trail, functions[0])}") for trail in trails[:5]]
    if left_out and len(left_out) == len(functions):
        count = len(functions)
        yield data_events_missing.finding(
            scope,
            f"no trail records the invocations of the {count} functions here"
            if count > 1
            else "no trail records the invocations of the function here",
            seen(asked(scope, "cloudtrail:DescribeTrails"), "no running trail selects the data events of Lambda here"),
            *reasons,
        )
        return
    for fn in left_out:
        yield data_events_missing.finding(
            fn,
            "no trail records who invokes the function, though others here are recorded",
            seen(fn.origin, "its ARN is in no selector of a running trail"),
            *(seen(trail.origin, f"trail `{shown(trail.name)}`: {blind_spot(trail, fn)}") for trail in trails[:5]),
        )
    if undecided:
        raise undecided
