"""inspector-code-off: nobody looks for weaknesses in the functions' own code."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.inspectors import inspector_of
from buckler.reach.scopes import functions_in


@check(Severity.LOW, area="monitoring", persona=Persona.AUDITOR, maps=("fsbp:Inspector.3", "owasp:SAS-1", "nist:RA-5", "pci:6.2.4"))
def inspector_code_off(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag a region where Inspector scans the functions' dependencies, but not their code.

    For auditors: code scanning is billed apart and not offered in every region.

    Why: injection flaws, secrets in the code and weak cryptography are in no list of vulnerable packages.

    Not flagged: regions where Inspector does not scan functions at all (asked elsewhere), and regions without functions.

    Fix: run `aws inspector2 enable --resource-types LAMBDA LAMBDA_CODE` in the region.

    Source: Amazon Inspector User Guide, "Amazon Inspector Lambda code scanning"; Security Hub control Inspector.3.
    """
    if not functions_in(scope, analysis):
        return
    status = inspector_of(scope, analysis)
    if status is not None and known(status.lambda_standard) and not known(status.lambda_code):
        yield inspector_code_off.finding(
            scope,
            "Inspector scans the dependencies of the functions here, but not their code",
            seen(status.origin, "Lambda code scanning is not enabled"),
            remedy=f"run `aws inspector2 enable --resource-types LAMBDA LAMBDA_CODE --region {shown(scope.region)}`",
        )
