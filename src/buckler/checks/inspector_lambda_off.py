"""inspector-lambda-off: nobody looks for known vulnerabilities in the functions of a region."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.inspectors import inspector_of
from buckler.reach.scopes import asked, functions_in


@check(Severity.LOW, area="monitoring", maps=("fsbp:Inspector.4", "owasp:SAS-6", "nist:RA-5", "pci:6.3.1", "pci:11.3.1"))
def inspector_lambda_off(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag a region with functions where Amazon Inspector does not scan them.

    Why: a function's dependencies age while nobody deploys. Inspector says when one of them has a published vulnerability.

    Not flagged: regions without functions. Another scanner in your pipeline does the same work: ignore the finding with that reason.

    Fix: run `aws inspector2 enable --resource-types LAMBDA` in the region. A delegated administrator can do it for the organisation.

    Source: Amazon Inspector User Guide, "Scanning AWS Lambda functions with Amazon Inspector"; Security Hub control Inspector.4.
    """
    functions = functions_in(scope, analysis)
    if not functions:
        return
    status = inspector_of(scope, analysis)
    if status is None or not known(status.lambda_standard):
        yield inspector_lambda_off.finding(
            scope,
            f"Inspector does not scan the {len(functions)} functions here"
            if len(functions) > 1
            else "Inspector does not scan the function here",
            seen(status.origin if status else asked(scope, "inspector2:BatchGetAccountStatus"), "Lambda scanning is not enabled"),
            remedy=f"run `aws inspector2 enable --resource-types LAMBDA --region {shown(scope.region)}`",
        )
