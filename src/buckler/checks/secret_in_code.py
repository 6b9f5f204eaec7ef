"""secret-in-code: a package or layer holds a secret."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.HIGH, area="environment", maps=("owasp:SAS-7", "mitre:T1552.001", "nist:IA-5(7)", "pci:8.6.2"))
def secret_in_code(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag secrets in the files of an artifact that no package explains: keys, tokens, passwords in URLs, private keys.

    Why: whoever may read the code has them: `lambda:GetFunction` and `lambda:GetLayerVersion` give a link to it, and a layer may be shared.

    Not flagged: examples in what a registry published, placeholders, public keys, references to a secret store. The value is never shown.

    Fix: move the secret to Secrets Manager or Parameter Store, and give it a new value: this one has been copied.

    Source: OWASP Serverless Top 10, SAS-7; AWS Secrets Manager User Guide.
    """
    for hit in known(artifact.inventory).hits:
        if hit.secret is None:
            continue
        place = inside(artifact, hit.path, hit.line)
        yield secret_in_code.finding(
            artifact,
            f"`{hit.path}` holds a secret: {hit.secret.kind}",
            Evidence(origin=place, note=f"{hit.note} ({hit.secret.shown})", is_sensitive=True),
            severity=hit.severity,
            confidence=hit.confidence,
            key=f"{hit.path}:{hit.line}:{hit.rule}",
        )
