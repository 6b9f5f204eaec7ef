"""signing-profile-revoked: code signing trusts a profile that was revoked or cancelled."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import CodeSigningConfig
from buckler.model.severity import Severity
from buckler.model.text import known_text, shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.signing import functions_signed_by, profile_of, used_by


@check(Severity.MEDIUM, area="signing", maps=("mitre:T1195.002", "nist:CM-14", "nist:SC-12"))
def signing_profile_revoked(config: CodeSigningConfig, analysis: Analysis) -> Iterator[Finding]:
    """Flag an allowed publisher whose signing profile is revoked or cancelled.

    Why: a profile is revoked when its signatures can no longer be trusted, and a configuration that only warns deploys them still. A
    cancelled one signs nothing new, so the next urgent deployment fails, while everything it signed before remains valid.

    Not flagged: active profiles, and configurations that are on no function.

    Fix: sign with an active profile, and replace the version ARN in `AllowedPublishers.SigningProfileVersionArns`.

    Source: AWS Signer Developer Guide, "Revoke a signature" and "Cancel a signing profile".
    """
    undecided: Undecided | None = None
    for publisher in known(config.publishers):
        try:
            profile = profile_of(publisher, config, analysis)
            status = known_text(profile.status)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        if status == "Active" and profile.revoked_since is None:
            continue
        users = functions_signed_by(config, analysis)
        if not users:
            return
        since = f" since {profile.revoked_since}" if profile.revoked_since else ""
        word = "revoked" if status == "Revoked" or profile.revoked_since else "cancelled"
        yield signing_profile_revoked.finding(
            config,
            f"the signing profile `{shown(profile.name)}`, trusted for {used_by(users)}, is {word}{since}",
            seen(profile.origin, f"status is {status}"),
            seen(config.origin, f"allows {shown(publisher)}"),
            key=shown(publisher),
        )
    if undecided:
        raise undecided
