"""policy-confused-deputy: an AWS service may invoke the function on behalf of anyone's resources."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.deputies import deputies
from buckler.reach.exposure import invoked_arn


@check(Severity.MEDIUM, area="exposure", maps=("owasp:SAS-3", "mitre:T1199", "nist:AC-3", "nist:AC-6", "nist:IA-9", "pci:7.2.5"))
def policy_confused_deputy(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag an Allow for a service principal that neither `aws:SourceArn`, `aws:SourceAccount` nor the source's organisation narrows to us.

    The policy is asked with the request the service would send for a resource in somebody else's account. For S3 it is asked once more
    with the very bucket it names, owned by somebody else: the ARN of a bucket carries no account, and whoever gets the name of a deleted
    bucket gets its permission.

    Why: the service calls for whoever configures it. Anyone can point their own topic, rule, API or bucket at the function, and it runs
    with events they wrote.

    Not flagged: a pattern whose account is ours, Alexa skills with a token, permissions other than to invoke, and `edgelambda` and
    `replicator.lambda`, by which CloudFront copies a function it was told to by the function's own account.

    Fix: add `--source-account YOUR-ACCOUNT` to the permission, and `--source-arn` of the one resource that calls.

    Source: IAM User Guide, "The confused deputy problem"; AWS Lambda Developer Guide, "Granting Lambda function access to AWS services".
    """
    doubt: Undecided | None = None
    for entry in known(fn.policies):
        if entry.policy is None:
            continue
        try:
            policy = known(entry.policy)
        except Undecided as undecided:
            doubt = doubt or undecided
            continue
        for deputy in deputies(policy, invoked_arn(fn, entry.qualifier), analysis):
            if isinstance(deputy, Undecided):
                doubt = doubt or deputy
                continue
            is_skill = deputy.service.startswith("alexa-")
            if deputy.by_name_only:
                whose, lacks = "the bucket's next owner", "no SourceAccount beside the bucket"
            elif is_skill:
                whose, lacks = "anyone's skills", "no EventSourceToken"
            else:
                whose, lacks = "anyone's resources", "no SourceArn or SourceAccount of ours"
            yield policy_confused_deputy.finding(
                fn,
                f"`{deputy.service}` may invoke `{shown(entry.qualifier)}` on behalf of {whose}",
                seen(deputy.statement.origin, lacks),
                severity=Severity.LOW if deputy.by_name_only else None,
                witness=deputy.witness,
                # Alexa sends neither account nor ARN, only the skill's id.
                remedy="add `--event-source-token` with the id of your skill to the permission" if is_skill else None,
                key=f"{shown(entry.qualifier)} {deputy.service} {deputy.statement.sid or ''}".strip(),
            )
    if doubt is not None:
        raise doubt
