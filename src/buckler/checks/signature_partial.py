"""signature-partial: a signature holds, and leaves open what an attacker may change."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="signing", persona=Persona.AUDITOR, maps=("mitre:T1553.002", "nist:CM-14", "nist:SI-7(15)"))
def signature_partial(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag artifacts whose signature is valid and does not cover all that decides what runs.

    For auditors only: AWS Signer covers no more of any zip, so whoever signs can do nothing about it but know.

    AWS Signer signs the names and contents of the files one after the other, without lengths, modes or types. So who holds the package can
    make a file executable (`extensions/*` and `bootstrap` run only when they are), turn a text into a link, or move bytes between the end
    of a name and the beginning of a content, and the signature stays valid. A notation or cosign signature covers all of an image, but not
    which tag leads to it.

    Why: "signed" is read as "unchanged". The digest that Lambda tells of a package is; pin it with `buckler lock`.

    Not flagged: artifacts without a signature, and signatures that do not hold (`signature-invalid`).

    Fix: compare the package's digest with that of the build (`buckler lock`, `buckler verify`); name images by digest.

    Source: AWS Signer Developer Guide; RFC 5652; Notary Project, "Signature Specification".
    """
    signature = known(artifact.inventory).signature
    if signature is None:
        return
    signature = known(signature)
    if known(signature.state) != "valid" or not signature.uncovered:
        return
    place = inside(artifact, "META_INF" if signature.kind == "aws-signer" else "")
    yield signature_partial.finding(
        artifact,
        f"the signature of `{artifact.name}` holds whatever becomes of {_headings(signature.uncovered)}",
        *(Evidence(origin=place, note=f"not covered: {one}") for one in signature.uncovered),
    )


def _headings(uncovered: tuple[str, ...]) -> str:
    heads = [one.partition(":")[0] for one in uncovered]
    return heads[0] if len(heads) == 1 else f"{', '.join(heads[:-1])} and {heads[-1]}"
