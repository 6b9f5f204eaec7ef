from tests.estates import code_signing_config, function, layer, layer_ref
from tests.fixes.remedies import planned, setting

from buckler.checks.code_signing_warns_only import code_signing_warns_only as check
from buckler.model.fix import ApiEdit, SignEdit, SignLayerEdit

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abc"
CONFIG = code_signing_config(untrusted_artifact_on_deployment="Warn", publishers=(PROFILE,))


def test_it_enforces_when_all_that_runs_is_signed():
    signed = function(code_signing_config=CONFIG.arn, signing_profile_version_arn=PROFILE)
    fix = planned(check, CONFIG, signed)
    assert (fix.proof.verdict, setting(fix)) == ("proved", ("Warn", "Enforce"))


def test_it_waits_while_something_that_runs_is_not():
    signed = function(code_signing_config=CONFIG.arn, signing_profile_version_arn=PROFILE)
    other = function("orders", code_signing_config=CONFIG.arn, signing_profile_version_arn=f"{PROFILE}d")
    fix = planned(check, CONFIG, signed, other)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "`orders`" in fix.proof.why


def test_what_nobody_signed_is_signed_first():
    unsigned = function(code_signing_config=CONFIG.arn, code_sha256="A" * 43 + "=")
    fix = planned(check, CONFIG, unsigned, signing_profile=PROFILE, signing_bucket="signed")
    assert (fix.proof.verdict, [type(edit) for edit in fix.edits]) == ("proved", [SignEdit, ApiEdit])
    other = planned(check, CONFIG, unsigned, signing_profile=f"{PROFILE}d", signing_bucket="signed")
    assert other.proof.why.endswith(f"it does not trust `{PROFILE}d`")


def test_layers_that_nobody_signed_are_signed_with_it():
    ref = layer_ref("arn:aws:lambda:eu-west-1:123456789012:layer:utils:3")
    signed = function(code_signing_config=CONFIG.arn, signing_profile_version_arn=PROFILE, layers=(ref,))
    bare = planned(check, CONFIG, signed, signing_profile=PROFILE, signing_bucket="signed")
    assert bare.proof.why.endswith("these credentials may not fetch it: publish it signed first")
    fix = planned(check, CONFIG, signed, layer(ref.arn, code_sha256="A" * 43 + "="), signing_profile=PROFILE, signing_bucket="signed")
    assert (fix.proof.verdict, [type(edit) for edit in fix.edits]) == ("proved", [SignLayerEdit, ApiEdit, ApiEdit])
    assert fix.summary.startswith("sign its layers, as they are, of `checkout`")
