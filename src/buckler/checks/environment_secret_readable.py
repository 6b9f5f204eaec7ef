"""environment-secret-readable: who may read no secret reads this one in a function's configuration."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding, Witness
from buckler.model.functions import Function
from buckler.model.iam import Role, User
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.readers import readers_of, secret_variables

_NAMED_AT_MOST = 5


@check(
    Severity.MEDIUM,
    area="environment",
    maps=("owasp:SAS-7", "mitre:T1552.001", "nist:AC-6", "nist:IA-5(7)", "pci:7.2.5", "pci:8.6.2"),
)
def environment_secret_readable(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function whose environment holds a secret that principals may read who may read none where secrets belong.

    `lambda:GetFunctionConfiguration`, `lambda:GetFunction` and `lambda:ListFunctions` answer with every variable in the clear, and so does
    `lambda:UpdateFunctionConfiguration` when it has changed something else. One finding per function, with the request that proves it for
    the first principal; five are named, the others counted. A variable counts when its value is a secret, or when its name promises one
    and its value is not known to be harmless.

    Why: permission to read configuration is given freely, to monitoring, support and auditors, for it is thought to hold no secret.

    Not flagged: administrators; the role of the function itself, whose code has the environment anyway; and who may read any secret of
    Secrets Manager, or any parameter, of the account. That the secret is there at all is `secret-in-environment`.

    Fix: keep the secret in Secrets Manager and give the function its ARN. Until then encrypt the variables with a customer managed key:
    without `kms:Decrypt` on it AWS answers without them.

    Source: AWS Lambda Developer Guide, "Securing environment variables"; AWS Lambda API Reference, GetFunctionConfiguration.
    """
    known(fn.environment)
    secrets = secret_variables(fn)
    if not secrets or fn.kms_key is not None:
        # Whether they may decrypt with a key of ours is a question about the key, and who may is seldom a mere reader.
        known(fn.kms_key)
        return
    found, more = readers_of(fn, analysis, _NAMED_AT_MOST)
    if not found:
        analysis.require("roles", fn.account, "")
        return
    _, first = found[0]
    names = [f"`{shown(one.name)}`" for one in secrets]
    held = ", ".join(names[:3]) + _more(len(names) - 3)
    sure = first.verdict == "always"
    yield environment_secret_readable.finding(
        fn,
        f"{_listed([identity for identity, _ in found])}{_more(more)} may read {held} but no secret elsewhere",
        *(seen(secret.origin, "a secret in the environment", sensitive=True) for secret in secrets[:3]),
        *(seen(statement.origin, f"allows {first.request.action}") for statement in first.statements[:2]),
        *(seen(one.origin, f"`{shown(one.name)}`: {outcome.request.action}") for one, outcome in found),
        *(seen(fn.origin, f"only if {phrase}") for phrase in first.only_if),
        severity=Severity.MEDIUM if sure else Severity.LOW,
        confidence=min(Confidence.HIGH if sure else Confidence.MEDIUM, _surest(fn)),
        witness=Witness(requests=(first.request,), layers=first.layers),
    )


def _surest(fn: Function) -> Confidence:
    return Confidence.HIGH if any(getattr(one.value, "is_secret", False) for one in secret_variables(fn)) else Confidence.MEDIUM


def _listed(principals: list[Role | User]) -> str:
    names = [f"the {'role' if isinstance(one, Role) else 'user'} `{shown(one.name)}`" for one in principals]
    return ", ".join(names)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
