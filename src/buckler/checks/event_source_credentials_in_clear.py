"""event-source-credentials-in-clear: an event source mapping holds a credential instead of the ARN of one."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import EventSourceMapping
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Partial, Text, shown, starts
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.once import once

# Types of SourceAccessConfiguration that name credentials; the others name subnets, groups, a virtual host, a public certificate.
_CREDENTIALS = {
    "BASIC_AUTH",
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    "CLIENT_CERTIFICATE_TLS_AUTH",
}


@check(Severity.HIGH, area="environment", maps=("owasp:SAS-7", "mitre:T1552.001", "nist:IA-5(7)", "pci:8.6.2"))
def event_source_credentials_in_clear(mapping: EventSourceMapping, analysis: Analysis) -> Iterator[Finding]:
    """Flag a source access configuration whose value is not the ARN of a secret.

    Why: everyone with `lambda:ListEventSourceMappings` reads the credential of the broker, and it stands in the template's history.

    Not flagged: ARNs, references to a secret of the same template, stand-ins (`DB_SECRET_ARN`), and the types that name subnets, security
    groups or a virtual host.

    Fix: put the credential into Secrets Manager and give its ARN as `URI`, then change the credential at the broker.

    Source: AWS Lambda API reference, `SourceAccessConfiguration`: the value of each authentication type is the ARN of a secret.
    """
    undecided: Undecided | None = None
    for entry in mapping.credentials:
        kind = shown(entry.name)
        if isinstance(entry.name, str) and kind not in _CREDENTIALS:
            continue
        try:
            confidence = _clear(entry.value, analysis)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        if confidence and isinstance(entry.name, Partial):
            # Whether an ARN belongs there depends on the type.
            undecided = undecided or Undecided(first_hole(entry.name))
        elif confidence:
            yield event_source_credentials_in_clear.finding(
                mapping,
                f"`{kind}` holds a credential in clear, where the ARN of a secret belongs",
                seen(entry.origin, f"the value of {kind} is no ARN", sensitive=True),
                severity=Severity.HIGH if confidence is Confidence.HIGH else Severity.MEDIUM,
                confidence=confidence,
                key=kind,
            )
    if undecided:
        raise undecided


def _clear(value: Text | Redacted | Unknown, analysis: Analysis) -> Confidence | None:
    """Say how sure it is that a value is a credential itself; None when it is a reference."""
    if isinstance(value, Redacted):
        return value.confidence if value.is_secret else Confidence.MEDIUM
    if isinstance(value, Unknown):
        raise Undecided(value)
    if isinstance(value, str) or value in _secrets(analysis) or starts(value, "arn:"):
        return None
    raise Undecided(first_hole(value))


@once
def _secrets(analysis: Analysis) -> frozenset[Text]:
    return frozenset(secret.arn for secret in analysis.estate.secrets)
