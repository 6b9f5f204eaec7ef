"""unsigned-under-enforce: only signed code may be deployed, and what runs is not signed by anybody who is allowed."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.artifact import Artifact, Signature
from buckler.model.finding import Finding
from buckler.model.functions import CodeSigningConfig, Function
from buckler.model.origin import FileOrigin
from buckler.model.severity import Severity
from buckler.model.text import Partial, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.signing import config_of, enforces

_UNTOLD = Unknown(
    kind=UnknownKind.OUTSIDE, why="a template does not tell who signed the package that will be deployed", need="a live scan, or a lock"
)


@check(Severity.MEDIUM, area="signing", maps=("owasp:SAS-6", "mitre:T1195.002", "mitre:T1553.002", "nist:CM-14", "nist:SI-7(15)"))
def unsigned_under_enforce(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that takes signed code only, while its package or one of its layers is unsigned or signed by nobody it allows.

    Lambda checks when code is deployed. A package that was there before the configuration was attached, or made to enforce, runs on; so
    does one whose publisher was taken off the list since.

    Why: the configuration promises that all of the code is from a build you trust. Of this function that is not so, and the next audit
    reads only the configuration.

    Not flagged: container images, for which Lambda knows no code signing; functions without a configuration (`code-signing-missing`) or
    with one that only warns (`code-signing-warns-only`).

    Fix: deploy a signed package, and layer versions that are signed, by a profile in `AllowedPublishers`.

    Source: AWS Lambda Developer Guide, "Using code signing to verify code integrity with Lambda"; `SigningProfileVersionArn` in the API
    reference.
    """
    if known(fn.package_type) != "Zip":
        return
    config = config_of(fn, analysis)
    if config is None or not enforces(config):
        return
    wrong: list[str] = []
    undecided: Undecided | None = None
    for what, signer in _signers(fn, analysis):
        try:
            said = _wrong(signer, config)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        if said:
            wrong.append(f"{what} is {said}")
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield unsigned_under_enforce.finding(
            fn,
            f"only signed code may be deployed to it, but {wrong[0]}{more}",
            *(seen(fn.origin, one) for one in wrong[:5]),
            seen(config.origin, "UntrustedArtifactOnDeployment is Enforce"),
        )
    elif undecided:
        raise undecided


def _signers(fn: Function, analysis: Analysis) -> Iterator[tuple[str, str | Unknown | None]]:
    """Give what a function is made of, and the profile version that signed each: None for none, "" for one that is not told."""
    is_told = not isinstance(fn.origin, FileOrigin) or fn.code_sha256 is not None
    found = next((one for one in analysis.estate.artifacts if one.use == "function" and fn.arn in (one.arn, *one.used_by)), None)
    yield "its package", fn.signing_profile_version_arn or (None if is_told else _UNTOLD if found is None else _signer_in(found))
    if isinstance(fn.layers, Unknown):
        yield "its layers", fn.layers
        return
    for layer in fn.layers:
        version = analysis.layers.get(layer.arn)
        signer = layer.signing_profile_version_arn or (version.signing_profile_version_arn if version is not None else None)
        yield f"the layer `{_short(shown(layer.arn))}`", signer or (None if is_told else _UNTOLD)


def _signer_in(artifact: Artifact) -> str | Unknown | None:
    """Give the signer of a package that was looked into; a signature that does not hold is `signature-invalid`'s."""
    if isinstance(artifact.inventory, Unknown):
        return artifact.inventory
    signature = artifact.inventory.signature
    return signature.signer if isinstance(signature, Signature) else signature


def _wrong(signer: str | Unknown | None, config: CodeSigningConfig) -> str:
    if isinstance(signer, Unknown):
        raise Undecided(signer)
    if signer is None:
        return "not signed"
    publishers = known(config.publishers)
    if not signer or signer in publishers:
        return ""
    holes = [one for one in publishers if isinstance(one, Partial)]
    if holes:
        raise Undecided(first_hole(*holes))
    return f"signed by `{_short(signer)}`, which the configuration does not allow"


def _short(arn: str) -> str:
    """Leave out what all ARNs of the account share: `layer:3`, `release/ABCDEFGHIJ`."""
    return "/".join(arn.split("/")[-2:]) if ":/signing-profiles/" in arn else ":".join(arn.split(":")[-2:])
