"""code-signing-removable: somebody who deploys nothing gets around code signing."""

from collections.abc import Iterator, Sequence

from buckler.checks._check import check, seen
from buckler.model.finding import Finding, Witness
from buckler.model.functions import CodeSigningConfig
from buckler.model.iam import Role
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.edges_steps import evidence_of
from buckler.reach.signing import enforces, functions_signed_by, used_by
from buckler.reach.unsigning import Bypass, bypasses_of

_NAMED_AT_MOST = 5


@check(Severity.MEDIUM, area="signing", maps=("mitre:T1553.002", "mitre:T1562.001", "nist:AC-6", "nist:CM-5", "nist:CM-14"))
def code_signing_removable(config: CodeSigningConfig, analysis: Analysis) -> Iterator[Finding]:
    """Flag a code-signing configuration that enforces, and that a principal gets around which is not there to deploy.

    The ways are: to take the configuration off a function, to loosen it, to put one that only warns in its place, and to sign code with a
    profile that it trusts (or to let another account sign with it) and deploy that. One finding per configuration, with a proof for the
    first principal; others are named.

    Why: signing is there for the day on which somebody may replace code who should not. Whoever may take it off first is not stopped by
    it, and nothing else tells: the function runs on.

    Not flagged: administrators, and principals that can become one; principals that deploy: who may create functions, and roles that a
    pipeline assumes. Configurations that only warn (`code-signing-warns-only`), and those that are on no function.

    Fix: take `lambda:DeleteFunctionCodeSigningConfig`, `lambda:PutFunctionCodeSigningConfig` and `lambda:UpdateCodeSigningConfig` from
    everybody but those who own signing, or deny them in a service control policy. Let nobody both sign and deploy.

    Source: AWS Lambda Developer Guide, "Using code signing"; Service Authorization Reference, AWS Lambda and AWS Signer.
    """
    if not enforces(config):
        return
    users = functions_signed_by(config, analysis)
    if not users:
        return
    found = sorted(bypasses_of(config, users, analysis), key=lambda one: not one.is_sure)
    if not found:
        analysis.require("roles", config.account, "")
        analysis.require("users", config.account, "")
        known(config.publishers)
        return
    first = found[0]
    conditions = dict.fromkeys(phrase for outcome in first.outcomes for phrase in outcome.only_if)
    evidence = list(evidence_of(first.outcomes)) or [seen(first.identity.origin, first.does)]
    yield code_signing_removable.finding(
        config,
        f"code signing of {used_by(users)} can be got around: {_listed(found)}",
        *evidence,
        *(seen(one.identity.origin, f"`{shown(one.identity.name)}` {one.does}") for one in found[:_NAMED_AT_MOST]),
        *(seen(first.identity.origin, f"only if {phrase}") for phrase in conditions),
        severity=Severity.MEDIUM if first.is_sure else Severity.LOW,
        confidence=Confidence.HIGH if first.is_sure else Confidence.MEDIUM,
        path=tuple(Witness(requests=(outcome.request,), layers=outcome.layers) for outcome in first.outcomes),
    )


def _listed(found: Sequence[Bypass]) -> str:
    first = found[0]
    kind = "role" if isinstance(first.identity, Role) else "user"
    others = len(found) - 1
    more = f", and {others} other principal{'s get' if others > 1 else ' gets'} around it too" if others else ""
    return f"the {kind} `{shown(first.identity.name)}` {first.does}{more}"
