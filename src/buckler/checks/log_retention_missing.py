"""log-retention-missing: the logs of functions are kept for ever."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.logs import log_group_of, writers_of, written_by


@check(Severity.LOW, area="logging", persona=Persona.AUDITOR, maps=("fsbp:CloudWatch.16", "nist:AU-11", "nist:SI-12", "pci:10.5.1"))
def log_retention_missing(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag the log group of a function when it has no retention.

    Asked of each function; the finding is about the log group, once. For auditors: it is Lambda's default, so nearly every group has it.

    Why: whatever a function once wrote by mistake (a token, a customer's data) can be read years later by whoever gets at the logs.

    Not flagged: any retention, and groups no function writes to. A group that is not there is asked about elsewhere.

    Fix: run `aws logs put-retention-policy --log-group-name GROUP --retention-in-days 365`. Take what your rules for records demand.

    Source: Security Hub control CloudWatch.16; Amazon CloudWatch Logs User Guide, "Working with log groups and log streams".
    """
    group = log_group_of(fn, analysis)
    if group is None:
        analysis.require("log_groups", fn.account, fn.region)
        return
    if writers_of(group, analysis)[0] is fn and known(group.retention_days) is None:
        yield log_retention_missing.finding(
            group, f"what {written_by(group, analysis)} logs is kept for ever", seen(group.origin, "no retention")
        )
