from tests.estates import code_signing_config, function
from tests.fixes.remedies import planned

from buckler.checks.unsigned_under_enforce import unsigned_under_enforce as check

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abc"
CONFIG = code_signing_config(untrusted_artifact_on_deployment="Enforce", publishers=(PROFILE,))
UNSIGNED = function(code_signing_config=CONFIG.arn, code_sha256="A" * 43 + "=")
WISHES = {"signing_profile": PROFILE, "signing_bucket": "signed"}


def test_it_is_signed_as_it_is():
    fix = planned(check, UNSIGNED, CONFIG, **WISHES)
    assert fix.proof.verdict == "proved", fix.proof.why
    (edit,) = fix.edits
    assert (edit.profile, edit.under, edit.bucket) == (PROFILE, CONFIG.arn, "signed")


def test_nothing_is_signed_that_would_not_be_trusted():
    assert planned(check, UNSIGNED, CONFIG, **(WISHES | {"signing_profile": f"{PROFILE}d"})).proof.why.endswith(
        f"does not trust `{PROFILE}d`"
    )
    assert "--signing-bucket" in planned(check, UNSIGNED, CONFIG).proof.why


def test_what_others_signed_is_theirs():
    other = function(code_signing_config=CONFIG.arn, signing_profile_version_arn=f"{PROFILE}d")
    assert f"signed by `{PROFILE}d`" in planned(check, other, CONFIG, **WISHES).proof.why
