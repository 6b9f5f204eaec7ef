"""policy-open-to-anyone: the function's resource policy lets every AWS account in."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import LATEST, Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis


@check(
    Severity.HIGH,
    area="exposure",
    maps=("fsbp:Lambda.1", "cis:compute-1.1/12.6", "owasp:SAS-3", "mitre:T1190", "nist:AC-3", "nist:AC-6", "pci:7.3.3"),
)
def policy_open_to_anyone(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a resource policy by which a stranger with any AWS account may invoke, read or change the function.

    The question is put to the policy as a request by somebody from another account and organisation, from an address of the internet; what
    the conditions exclude is not flagged. Aliases and versions are asked too; one that is open while `$LATEST` is not is reported by
    `qualifier-exposed`.

    Why: anyone can open an AWS account. An open `lambda:InvokeFunction` lets them send any event, past every API, authorizer and filter
    that normally stands in front.

    Not flagged: an Allow for `*` with a condition strangers cannot meet (`aws:SourceArn`, `aws:SourceAccount`, `aws:PrincipalOrgID`,
    `lambda:InvokedViaFunctionUrl`), or taken back by a Deny.

    Fix: name the caller instead of `*`. Run `aws lambda remove-permission --function-name NAME --statement-id SID`, then `add-permission`
    with the account, role or service that needs it, and `--source-arn` or `--principal-org-id`.

    Source: AWS Lambda Developer Guide, "Viewing resource-based IAM policies in Lambda"; AWS Security Hub, Lambda.1.
    """
    doubt: Undecided | None = None
    latest_open = False
    for entry in known(fn.policies):
        if entry.policy is None:
            continue
        try:
            opening = analysis.exposure.open_policy(fn, entry.qualifier, known(entry.policy))
        except Undecided as undecided:
            doubt = doubt or undecided
            continue
        latest_open = latest_open or (opening is not None and entry.qualifier == LATEST)
        # INVARIANT: `$LATEST` comes first. What is open while it is not known to be is for `qualifier-exposed`.
        if opening is not None and latest_open:
            yield policy_open_to_anyone.finding(
                fn,
                f"anyone with an AWS account may {opening.verb} `{shown(entry.qualifier)}`",
                *(seen(statement.origin, "lets anyone in") for statement in opening.statements[:1]),
                *(seen(statement.origin, "and so does this") for statement in opening.statements[1:]),
                witness=opening.witness,
                key=shown(entry.qualifier),
            )
    if doubt is not None:
        raise doubt
