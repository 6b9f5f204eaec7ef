"""signing-profile-expiring: signatures of a trusted profile end soon."""

from collections.abc import Iterator
from datetime import date, timedelta

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import CodeSigningConfig, SigningProfile
from buckler.model.severity import Severity
from buckler.model.text import known_text, shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.signing import functions_signed_by, profile_of, used_by

_SOON = timedelta(days=60)


@check(Severity.LOW, area="signing", maps=("nist:CM-14", "nist:SC-12"))
def signing_profile_expiring(config: CodeSigningConfig, analysis: Analysis) -> Iterator[Finding]:
    """Flag an allowed publisher whose signatures, even one made today, end within 60 days or have ended.

    Why: code with an expired signature is refused under `Enforce`, also when it is an old version that you want to roll back to; teams
    then tend to turn the enforcement off.

    Not flagged: profiles that are revoked or cancelled (asked elsewhere), profiles whose signatures last longer or whose end AWS does not
    tell, and configurations that are on no function.

    Fix: give the signing profile a longer signature validity period, or sign with a newer one and allow it. Signer's default is 135 months.

    Source: AWS Signer Developer Guide, "Create a signing profile"; AWS Lambda Developer Guide, "Using code signing".
    """
    undecided: Undecided | None = None
    for publisher in known(config.publishers):
        try:
            profile = profile_of(publisher, config, analysis)
            if known_text(profile.status) != "Active":
                continue
            users = functions_signed_by(config, analysis)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        end = _end(profile, analysis.today)
        if users and end is not None and end - analysis.today <= _SOON:
            verb = "ended" if end < analysis.today else "end"
            yield signing_profile_expiring.finding(
                config,
                f"signatures of `{shown(profile.name)}`, trusted for {used_by(users)}, {verb} on {end.isoformat()}",
                seen(profile.origin, _note(profile)),
                seen(config.origin, f"allows {shown(publisher)}"),
                key=shown(publisher),
            )
    if undecided:
        raise undecided


def _end(profile: SigningProfile, today: date) -> date | None:
    """Say when a signature made today ends at the latest."""
    if profile.expires:
        return date.fromisoformat(profile.expires[:10])
    return None if profile.signature_validity_days is None else today + timedelta(days=profile.signature_validity_days)


def _note(profile: SigningProfile) -> str:
    return f"expires {profile.expires[:10]}" if profile.expires else f"signatures are valid for {profile.signature_validity_days} days"
