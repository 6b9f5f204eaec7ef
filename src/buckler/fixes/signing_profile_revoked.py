"""signing-profile-revoked: trust another profile in its place."""

from buckler.fixes._fix import Case, Remedies, remedy
from buckler.fixes._publishers import in_place_of
from buckler.model.functions import CodeSigningConfig


@remedy
def signing_profile_revoked(case: Case[CodeSigningConfig]) -> Remedies:
    """Take the profile out of those that are trusted, or put the one that the user names in its place. What runs goes on running.

    All of a configuration that are planned together at once: they are one list.
    """
    along = (*case.along, case.finding)
    old = {one.key for one in along if (one.check, one.subject) == (case.finding.check, case.finding.subject)}
    yield in_place_of(case, sorted(old), "which is revoked or cancelled")
