"""code-signing-missing: anyone who may deploy can deploy any code."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(
    Severity.LOW, area="signing", persona=Persona.AUDITOR, maps=("cis:compute-1.1/12.8", "mitre:T1195.002", "nist:CM-14", "nist:SI-7(15)")
)
def code_signing_missing(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function without a code-signing configuration.

    For auditors only: most accounts sign nothing, so shown to all it would be one line per function and say one thing. Whoever does sign
    hears of a configuration that does not do its work through the other checks of this area, which are for everyone.

    Why: `lambda:UpdateFunctionCode` is then enough to replace the code. With an enforced configuration an attacker needs the signing
    profile too.

    Not flagged: container images, for which Lambda knows no code signing.

    Fix: create a code-signing configuration with `UntrustedArtifactOnDeployment: Enforce` and set `CodeSigningConfigArn` on the function.

    Source: AWS Lambda Developer Guide, "Using code signing to verify code integrity with Lambda".
    """
    if known(fn.package_type) == "Zip" and known(fn.code_signing_config) is None:
        yield code_signing_missing.finding(fn, "the function accepts unsigned code", seen(fn.origin, "no code-signing configuration"))
