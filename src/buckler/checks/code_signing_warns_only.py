"""code-signing-warns-only: unsigned code is noted, and deployed all the same."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import CodeSigningConfig
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.signing import enforces, functions_signed_by, used_by


@check(Severity.MEDIUM, area="signing", maps=("cis:compute-1.1/12.8", "mitre:T1195.002", "nist:CM-14", "nist:SI-7(15)"))
def code_signing_warns_only(config: CodeSigningConfig, analysis: Analysis) -> Iterator[Finding]:
    """Flag a code-signing configuration in use whose policy is `Warn`.

    Why: a wrong or missing signature leads to a CloudWatch metric and a log entry, while the code is deployed. Whoever set signing up
    believes themselves protected.

    Not flagged: `Enforce`, and configurations that are on no function.

    Fix: set `UntrustedArtifactOnDeployment` to `Enforce`. Look at the metric `SignatureValidationErrors` first: what fails there would be
    refused then.

    Source: AWS Lambda Developer Guide, "Using code signing to verify code integrity with Lambda".
    """
    if enforces(config):
        return
    users = functions_signed_by(config, analysis)
    if users:
        yield code_signing_warns_only.finding(
            config,
            f"unsigned code is deployed to {used_by(users)} with no more than a warning",
            seen(config.origin, "UntrustedArtifactOnDeployment is Warn"),
            *(seen(user.origin, f"{shown(user.name)} is deployed under it") for user in users[:5]),
        )
