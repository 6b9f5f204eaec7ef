"""code-signing-no-publishers: code signing trusts nobody, so it decides nothing."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import CodeSigningConfig
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.signing import enforces, functions_signed_by, used_by


@check(Severity.LOW, area="signing", maps=("nist:CM-14", "nist:SI-7(15)"))
def code_signing_no_publishers(config: CodeSigningConfig, analysis: Analysis) -> Iterator[Finding]:
    """Flag a code-signing configuration in use that allows no signing profile.

    Why: with `Enforce` nothing can be deployed, not even a fix for a hole; with `Warn` nothing is ever checked against anybody.

    Not flagged: configurations that are on no function.

    Fix: add the version ARN of your signing profile to `AllowedPublishers.SigningProfileVersionArns`.

    Source: AWS Lambda API reference, `AllowedPublishers`.
    """
    if known(config.publishers):
        return
    users = functions_signed_by(config, analysis)
    if users:
        yield code_signing_no_publishers.finding(
            config,
            f"no publisher is allowed, so {_consequence(config)} for {used_by(users)}",
            seen(config.origin, "AllowedPublishers is empty"),
        )


def _consequence(config: CodeSigningConfig) -> str:
    try:
        return "no code can be deployed" if enforces(config) else "no signature is ever good"
    except Undecided:
        # That nobody is allowed is wrong whatever is done about it.
        return "no signature is ever good"
