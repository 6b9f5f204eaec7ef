"""secret-in-environment: a secret stands readable in an environment variable."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from buckler.checks._check import check, seen
from buckler.engines.secrets import is_secret_name
from buckler.model.finding import Evidence, Finding
from buckler.model.functions import EnvVar, Function
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Text, known_text, shown, starts
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis


@check(
    Severity.HIGH,
    area="environment",
    maps=("owasp:SAS-7", "mitre:T1552.001", "nist:IA-5(7)", "pci:8.6.2", "cis:compute-1.1/12.3"),
)
def secret_in_environment(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a variable that holds a secret, in `$LATEST` or in a published version, which keeps its environment for ever.

    One finding per variable; the versions that hold it are named. The value is never shown: it was redacted when it was read.

    Why: everyone with `lambda:GetFunctionConfiguration` or `lambda:ListFunctions` reads it, and so does every process in the function.
    Deleting the variable from `$LATEST` leaves it in each version published before.

    A template's `{{resolve:secretsmanager:...}}` counts: CloudFormation writes the secret itself into the function when it deploys.

    Not flagged: references that the function follows by itself (an ARN, a parameter's name), placeholders, ciphertexts of KMS, public keys,
    and values that are merely opaque.

    Fix: keep the secret in Secrets Manager, give the function its ARN, delete the versions that hold it and rotate it. The Parameters and
    Secrets extension reads and caches it; `secretsmanager:GetSecretValue` on that one ARN is all the role needs.

    Source: AWS Lambda Developer Guide, "Securing environment variables" and "Use Secrets Manager secrets in Lambda functions".
    """
    held: dict[Text, list[_Place]] = {}
    undecided: list[Text | Unknown] = []
    for version, environment in _environments(fn):
        if isinstance(environment, Unknown):
            undecided.append(environment)
            continue
        for variable in environment:
            kind = _secret_in(variable.value)
            if kind:
                held.setdefault(variable.name, []).append(_Place(version, variable, *kind))
            elif _may_be_secret(variable):
                undecided.append(variable.value)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no Redacted may be a secret
    for name, places in held.items():
        surest = max(places, key=lambda place: place.confidence)
        first, *rest = [_evidence(place) for place in places[:5]]
        yield secret_in_environment.finding(
            fn,
            _message(shown(name), surest.kind, [place.version for place in places]),
            first,
            *rest,
            severity=Severity.HIGH if surest.confidence is Confidence.HIGH else Severity.MEDIUM,
            confidence=surest.confidence,
            key=shown(name),
        )
    for value in undecided:
        known_text(value)


class _Place(NamedTuple):
    """One environment that holds the secret."""

    version: str
    """Number of a published version; empty for `$LATEST`."""
    variable: EnvVar
    kind: str
    confidence: Confidence


def _environments(fn: Function) -> Iterator[tuple[str, tuple[EnvVar, ...] | Unknown]]:
    """Yield each version with its environment; versions that could not be listed count as one unknown environment."""
    yield "", fn.environment
    if isinstance(fn.versions, Unknown):
        yield "", fn.versions
        return
    for version in fn.versions:
        yield shown(version.version), version.environment


def _secret_in(value: Text | Redacted | Unknown) -> tuple[str, Confidence] | None:
    """Give the kind of secret a value is, and how sure that is."""
    if isinstance(value, Redacted):
        return (value.kind, value.confidence) if value.is_secret else None
    # CloudFormation puts the secret itself there when it deploys: the reference protects the template, not the function.
    text = "" if isinstance(value, Unknown) else shown(value)
    # (A source keeps it as written, or as a hole of that name: `{{resolve:...}}`, `${resolve:...}`.)
    _, *references = text.split("{resolve:secretsmanager:")
    if any(_PUBLIC_FIELD.match(reference) is None for reference in references):
        return _RESOLVED, Confidence.MEDIUM
    return None


_RESOLVED = "resolved-at-deployment"
# Fields of a database secret that are no secret; the name of the secret may have holes.
_PUBLIC_FIELD = re.compile(
    r"(?:[^{}]|\{[^{}]*\})*:SecretString:(?:username|user|host|port|engine|dbname|dbInstanceIdentifier)[:}]", re.IGNORECASE
)


def _may_be_secret(variable: EnvVar) -> bool:
    """Only a name that promises a secret makes an unresolved value a question: most holes are names of tables and queues."""
    if isinstance(variable.value, str | Redacted) or not isinstance(variable.name, str) or not is_secret_name(variable.name):
        return False
    # ARNs, and what the resolver follows, name a secret and hold none.
    return isinstance(variable.value, Unknown) or all(starts(variable.value, head) is not True for head in ("arn:", "buckler:"))


_NAMES = {
    "opaque": "a secret",
    "named-secret": "a secret",
    "high-entropy": "what looks like a secret",
    "password": "a password",
    "weak-password": "a weak password",
}


def _message(name: str, kind: str, versions: list[str]) -> str:
    what = _NAMES.get(kind, "a secret that is resolved at deployment" if kind == _RESOLVED else f"a secret ({kind})")
    published = [version for version in versions if version]
    listed = ", ".join(published[:5]) + (f" and {len(published) - 5} more" if len(published) > 5 else "")
    several = len(published) > 1
    if not published:
        return f"the variable `{name}` holds {what}"
    if "" not in versions:
        return f"the variable `{name}` of published version{'s' * several} {listed} holds {what}"
    return f"the variable `{name}` holds {what}, and version{'s' * several} {listed} keep{'s' * (not several)} it"


def _evidence(place: _Place) -> Evidence:
    note = f"in version {place.version}: {place.kind}" if place.version else place.kind
    return seen(place.variable.origin, note, sensitive=True)
