from tests.estates import env, function
from tests.fixes.remedies import planned, setting

from buckler.checks.environment_without_customer_key import environment_without_customer_key as check
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
SECRETIVE = (env("DB_PASSWORD", Redacted(kind="opaque", is_secret=True, confidence=Confidence.LOW, shown="...", length=20)),)


def test_which_key_is_the_user_s_to_say():
    assert planned(check, function(environment=SECRETIVE)).proof.verdict == "advice"
    fix = planned(check, function(environment=SECRETIVE), kms_key=KEY)
    assert (fix.proof.verdict, setting(fix)) == ("proved", (None, KEY))
    assert not fix.edits[0].undo.parameters["KMSKeyArn"]
