"""policy-open-to-account: another AWS account, not one of ours, may use the function."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.exposure import invoked_arn
from buckler.reach.foreign import foreign_grants

_URL = "call the URL of"
_ACTIONS = (
    ("lambda:UpdateFunctionCode", "change the code of"),
    ("lambda:UpdateFunctionConfiguration", "change the configuration of"),
    ("lambda:GetFunction", "read the code and environment of"),
    ("lambda:GetFunctionConfiguration", "read the environment of"),
    ("lambda:InvokeFunction", "invoke"),
    ("lambda:InvokeFunctionUrl", _URL),
)


@check(
    Severity.MEDIUM,
    area="exposure",
    maps=("cis:compute-1.1/12.10", "owasp:SAS-3", "mitre:T1199", "nist:AC-3", "nist:AC-21", "pci:7.2.5"),
)
def policy_open_to_account(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a resource policy that names an account or organisation which is neither scanned nor a member of our organisation.

    Why: whoever runs, or breaks into, that account can send the function any event. What they may change or read is worse: the function
    then runs their code with our role.

    Not flagged: our own accounts, the members of our organisation, services (see `policy-confused-deputy`), deleted principals, and what a
    condition or a Deny takes back.

    Fix: remove the statement if nobody knows the account. If it is a partner, narrow it to the one role that calls, and add the account to
    the scan or ignore this finding with the partner's name as the reason.

    Source: AWS Lambda Developer Guide, "Granting function access to other accounts".
    """
    doubt: Undecided | None = None
    for entry in known(fn.policies):
        if entry.policy is None:
            continue
        try:
            for grant in foreign_grants(known(entry.policy), invoked_arn(fn, entry.qualifier), _ACTIONS, analysis):
                if isinstance(grant, Undecided):
                    doubt = doubt or grant
                    continue
                if grant.verb == _URL and not any(url.qualifier == entry.qualifier for url in known(fn.urls)):
                    continue
                yield policy_open_to_account.finding(
                    fn,
                    f"{grant.who} may {grant.verb} `{shown(entry.qualifier)}`",
                    seen(grant.statement.origin, f"lets {grant.who} in"),
                    severity=Severity.HIGH if grant.verb.startswith("change") else None,
                    confidence=Confidence.HIGH if analysis.organization_ids else Confidence.MEDIUM,
                    witness=grant.witness,
                    key=f"{shown(entry.qualifier)} {grant.key}",
                )
        except Undecided as undecided:
            doubt = doubt or undecided
    if doubt is not None:
        raise doubt
