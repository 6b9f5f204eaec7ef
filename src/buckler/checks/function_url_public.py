"""function-url-public: anyone on the internet can call the function through its URL."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis


@check(
    Severity.HIGH,
    area="exposure",
    maps=("fsbp:Lambda.1", "cis:compute-1.1/12.6", "owasp:SAS-2", "mitre:T1190", "nist:AC-3", "nist:SC-7", "pci:1.4.2", "pci:7.3.3"),
)
def function_url_public(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a URL with `AuthType: NONE` whose resource policy really lets anyone in.

    Each URL is judged by the policy of its own qualifier: an alias keeps a policy of its own, and that of `$LATEST` does not apply to it.

    Why: an open URL turns every bug in the function, and everything its role may do, into something the whole internet can try.

    Not flagged: `NONE` without Allows for both `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`, which AWS answers with 403 since
    October 2025 (for URLs made before that since November 2026), and a policy with conditions a stranger cannot meet.

    Fix: set the `AuthType` of the URL to `AWS_IAM` and remove the Allows for `*`. If it must serve browsers, put it behind CloudFront with
    origin access control, or check a token in the function and ignore this finding with that reason.

    Source: AWS Lambda Developer Guide, "Control access to Lambda function URLs".
    """
    doubt: Undecided | None = None
    for url in known(fn.urls):
        try:
            opening = analysis.exposure.open_url(fn, url)
        except Undecided as undecided:
            doubt = doubt or undecided
            continue
        if opening is not None:
            yield function_url_public.finding(
                fn,
                f"the URL of `{shown(url.qualifier)}` answers anyone on the internet",
                seen(url.origin, "AuthType is NONE"),
                *(seen(statement.origin, "and the policy lets anyone in") for statement in opening.statements),
                witness=opening.witness,
                key=shown(url.qualifier),
            )
    if doubt is not None:
        raise doubt
