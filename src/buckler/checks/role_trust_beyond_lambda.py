"""role-trust-beyond-lambda: others than Lambda may assume the role functions run as."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.roles import is_execution_role
from buckler.reach.trusts import outsiders


@check(
    Severity.LOW,
    area="role",
    maps=("owasp:SAS-4", "mitre:T1078.004", "mitre:T1199", "nist:AC-3", "nist:AC-6", "pci:7.2.5"),
)
def role_trust_beyond_lambda(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag an execution role whose trust policy lets in others than Lambda: anyone, another account, our own account, further services.

    The severity says who: high for everyone and for another account without an external id, medium for another account with one and for
    every principal of our own account, low for named principals of ours and further services.

    Why: the role was made for one function's code. Each further principal is a way to its rights that does not lead through the function,
    and that its logs do not show.

    Not flagged: `lambda.amazonaws.com`, and `edgelambda.amazonaws.com`, as which Lambda runs functions for CloudFront; statements a Deny
    takes back.

    Fix: leave only `lambda.amazonaws.com` in the trust policy, and give the others roles of their own.

    Source: AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"; IAM User Guide, "How to use trust
    policies".
    """
    if not is_execution_role(role, analysis):
        return
    doubt: Undecided | None = None
    for outsider in outsiders(role, known(role.trust), analysis):
        if isinstance(outsider, Undecided):
            doubt = doubt or outsider
            continue
        yield role_trust_beyond_lambda.finding(
            role,
            f"{outsider.who} may assume the role functions run as",
            seen(outsider.statement.origin, f"lets {outsider.who} in"),
            severity=outsider.severity,
            witness=outsider.witness,
            key=outsider.key,
        )
    if doubt is not None:
        raise doubt
