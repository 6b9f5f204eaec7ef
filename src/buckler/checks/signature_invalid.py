"""signature-invalid: an artifact is signed, and the signature does not hold."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact, Signature
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

_SAID = {
    "invalid": "is signed, and its content is not what was signed",
    "expired": "is signed, and the signature has expired",
    "revoked": "is signed, and the signature was revoked",
    "untrusted": "is signed by nobody who is trusted here",
}
_SEVERITY = {"invalid": Severity.HIGH, "revoked": Severity.HIGH, "expired": Severity.LOW, "untrusted": Severity.MEDIUM}


@check(Severity.HIGH, area="signing", maps=("owasp:SAS-6", "mitre:T1553.002", "nist:SI-7(15)", "nist:CM-14", "pci:6.5.1"))
def signature_invalid(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag artifacts whose signature is invalid, revoked, expired, or of nobody who is trusted.

    Signatures of AWS Signer in zips, and notation and cosign signatures of images, are verified offline, against the keys, certificates
    and revocation lists that `[signing]` in buckler.toml names. Whether a signature that holds was revoked since is an open question
    without such a list.

    Why: Lambda checks a signature when code is deployed and never again; a package that lies in a bucket, or in a registry, is checked by
    nobody.

    Not flagged: artifacts without a signature. Whether one is demanded is what `code-signing-missing` asks of functions.

    Fix: sign the artifact again from a build you trust, or find out who changed it.

    Source: AWS Signer Developer Guide; AWS Lambda Developer Guide, "Using code signing".
    """
    signature = known(artifact.inventory).signature
    if signature is None:
        return
    signature = known(signature)
    state = known(signature.state)
    if state == "valid":
        # It holds, as far as the artifact itself tells; whether it was revoked since is told elsewhere, or nowhere.
        known(signature.revocation)
        return
    yield signature_invalid.finding(
        artifact,
        f"`{artifact.name}` {_SAID[state]}",
        Evidence(origin=inside(artifact, "META_INF"), note=_note(signature)),
        severity=_SEVERITY[state],
    )


def _note(signature: Signature) -> str:
    who = f"by {signature.signer}" if signature.signer else "by nobody it names"
    return f"signed {who}{f' at {signature.signed_at}' if signature.signed_at else ''}{f': {signature.why}' if signature.why else ''}"
