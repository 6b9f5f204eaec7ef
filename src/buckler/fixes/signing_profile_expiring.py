"""signing-profile-expiring: trust another profile in its place."""

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._publishers import in_place_of
from buckler.model.functions import CodeSigningConfig


@remedy
def signing_profile_expiring(case: Case[CodeSigningConfig]) -> Remedies:
    """Put the profile that the user names in its place. How long signatures are valid a profile is told once, when it is made."""
    if not case.wishes.signing_profile:
        yield Advice(
            "make a signing profile whose signatures are valid for longer, and trust that in its place",
            "how long signatures are valid cannot be changed: name the new profile, --signing-profile ARN",
        )
        return
    along = (*case.along, case.finding)
    old = {one.key for one in along if (one.check, one.subject) == (case.finding.check, case.finding.subject)}
    yield in_place_of(case, sorted(old), "whose signatures end")
