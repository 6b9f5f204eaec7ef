"""log-group-without-customer-key: the logs of functions are encrypted with a key you do not control."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.logs import log_group_of, writers_of, written_by


@check(Severity.LOW, area="logging", persona=Persona.AUDITOR, maps=("nist:AU-9", "nist:SC-28(1)", "pci:10.3.2"))
def log_group_without_customer_key(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag the log group of a function when it has no customer managed key.

    Asked of each function; the finding is about the log group, once. CloudWatch Logs encrypts every group at rest; without a key of yours
    it does so with AWS's, for everyone who may read the group.

    Why: with a key of yours a permission for logs is not enough to read them, and a compromised group can be locked at once.

    Not flagged: groups with any customer managed key, and groups no function writes to.

    Fix: run `aws logs associate-kms-key --log-group-name GROUP --kms-key-id ARN`. The key policy must admit `logs.REGION.amazonaws.com`.

    Source: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    group = log_group_of(fn, analysis)
    if group is None:
        analysis.require("log_groups", fn.account, fn.region)
        return
    if writers_of(group, analysis)[0] is fn and known(group.kms_key) is None:
        yield log_group_without_customer_key.finding(
            group, f"the logs of {written_by(group, analysis)} are not encrypted with a key of yours", seen(group.origin, "no KMS key")
        )
