"""function-code-writable: somebody who deploys nothing may replace what the function does, and gains its role by it."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.writers import Writer, writers_of

_NAMED_AT_MOST = 5


@check(
    Severity.MEDIUM,
    area="role",
    maps=("owasp:SAS-4", "mitre:T1648", "mitre:T1525", "nist:AC-6", "nist:CM-5", "pci:7.2.5"),
)
def function_code_writable(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function whose code or configuration a principal may change that is not there to deploy it, and that gains by it.

    Changing is what makes the code the principal's: new code, a layer or an option of the runtime in the configuration, code signing taken
    off, an alias or event source pointed elsewhere, an image pushed under the tag or a layer published that the function is deployed with.
    One finding per function, with a proof for the first principal; others are named. The severity is high when the function's role reads
    secrets or changes permissions that the principal may not, else medium.

    Why: whoever changes a function acts as its role when it runs next, and its events pass through their hands.

    Not flagged: administrators, and principals that can become one (`role-can-escalate`, `user-can-escalate`); principals that deploy:
    who may create functions, and roles that CloudFormation, CodeBuild, CodePipeline, CodeDeploy or the identity provider of a pipeline
    (GitHub, GitLab and others) may assume; principals that may use already all that the function's role may. The bucket that code is
    deployed from is not looked at.

    Fix: take `lambda:UpdateFunctionCode` and `lambda:UpdateFunctionConfiguration` from whoever does not deploy, or name the functions in
    `Resource`.

    Source: AWS Lambda Developer Guide, "Identity-based IAM policies for Lambda"; pathfinding.cloud, lambda-003 to lambda-005.
    """
    known(fn.role)
    found = list(writers_of(fn, analysis))
    if not found:
        analysis.role_of(fn)
        analysis.require("roles", fn.account, "")
        return
    first = found[0]
    worst = max((writer.gains[0] for writer in found), key=lambda touch: touch.harm.rank)
    is_sure = not first.edge.only_if and not first.edge.unread
    yield function_code_writable.finding(
        fn,
        f"{_listed(found)} may change what it does and gains by that: {worst.node.kind} `{worst.node.name}` ({', '.join(worst.access)})",
        *(first.edge.evidence or (seen(first.identity.origin, first.edge.what),)),
        *(seen(writer.identity.origin, f"`{shown(writer.identity.name)}` {writer.edge.what}") for writer in found[:_NAMED_AT_MOST]),
        *(seen(evidence.origin, "what the function's role may") for evidence in worst.path.edges[0].evidence[:2]),
        *(seen(first.identity.origin, f"only if {phrase}") for phrase in first.edge.only_if),
        severity=worst.harm if is_sure else Severity.LOW,
        confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
        path=first.edge.proof,
    )


def _listed(writers: list[Writer]) -> str:
    names = [f"the {'role' if isinstance(one.identity, Role) else 'user'} `{shown(one.identity.name)}`" for one in writers]
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"each of {', '.join(names[:3])}{more}"
