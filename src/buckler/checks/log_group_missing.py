"""log-group-missing: the function has no log group of its own making."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.origin import FileOrigin
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.logs import log_group_name, log_group_of


@check(Severity.LOW, area="logging", persona=Persona.AUDITOR, maps=("owasp:SAS-5", "nist:AU-12", "pci:10.2.1"))
def log_group_missing(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function whose log group does not exist, or is not declared in its template or plan.

    For auditors: most often the function simply never ran.

    Why: Lambda makes the group at the first invocation, with logs kept for ever under AWS's key. Where the role may not make it, what the
    function says is lost, and so is the trace of who misused it.

    Not flagged: functions whose group exists, also when several share it.

    Fix: declare the log group beside the function (`AWS::Logs::LogGroup` named `/aws/lambda/NAME`), with its retention and key.

    Source: AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
    """
    if log_group_of(fn, analysis) is not None:
        return
    in_file = isinstance(fn.origin, FileOrigin)
    try:
        analysis.require("log_groups", fn.account, fn.region)
    except Undecided as stop:
        # That a file declares no group is to be seen in the file, whatever the account has.
        if not in_file or stop.unknown.kind is not UnknownKind.OUTSIDE:
            raise
    yield log_group_missing.finding(
        fn,
        f"the log group `{shown(log_group_name(fn))}` is not there: Lambda makes one that keeps logs for ever, or they are lost",
        seen(fn.origin, "no log group is declared for it" if in_file else "no such log group"),
    )
