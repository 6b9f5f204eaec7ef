from tests.estates import code_signing_config, function
from tests.fixes.remedies import planned, setting

from buckler.checks.code_signing_missing import code_signing_missing as check

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abc"
CONFIG = code_signing_config(untrusted_artifact_on_deployment="Enforce", publishers=(PROFILE,))
SIGNED = function(code_signing_config=None, signing_profile_version_arn=PROFILE)


def test_signed_code_is_held_to_it():
    fix = planned(check, SIGNED, CONFIG)
    (edit,) = fix.edits
    assert (fix.proof.verdict, setting(fix)) == ("proved", (None, CONFIG.arn))
    assert (edit.do.operation, edit.undo.operation) == ("PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig")


def test_unsigned_code_has_to_be_signed_first():
    assert planned(check, function(code_signing_config=None), CONFIG).proof.why == "the code that runs is not signed yet"


def test_a_configuration_that_trusts_others_is_none():
    assert planned(check, SIGNED, code_signing_config(publishers=(f"{PROFILE}d",))).proof.why == "none trusts it yet"
