from tests.estates import code_signing_config, function, signing_profile
from tests.fixes.remedies import planned, setting

from buckler.checks.signing_profile_expiring import signing_profile_expiring as check

OLD = signing_profile(expires="2026-12-20")
OTHER = signing_profile(version_arn=OLD.version_arn.replace("release", "newer"), name="newer")
CONFIG = code_signing_config(publishers=(OLD.version_arn,))
SIGNED = function(code_signing_config=CONFIG.arn)


def test_the_profile_that_is_named_takes_its_place():
    fix = planned(check, CONFIG, SIGNED, OLD, OTHER, signing_profile=OTHER.version_arn)
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, ([OLD.version_arn], [OTHER.version_arn]))
    (edit,) = fix.edits
    trusted = [ask.parameters["AllowedPublishers"]["SigningProfileVersionArns"] for ask in (edit.do, edit.undo)]
    assert trusted == [[OTHER.version_arn], [OLD.version_arn]]
    assert len(fix.lost) == 1


def test_nobody_named_one():
    fix = planned(check, CONFIG, SIGNED, OLD, OTHER)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "--signing-profile ARN" in fix.proof.why
