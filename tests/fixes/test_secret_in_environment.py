import json

from tests.estates import LAMBDA_TRUST, allow, env, function, policy, role
from tests.fixes.remedies import offered, planned

from buckler.checks.secret_in_environment import secret_in_environment
from buckler.fixes import Advice
from buckler.model.fix import MoveEdit
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence

KEY = Redacted(kind="stripe-key", is_secret=True, confidence=Confidence.HIGH, shown="sk_live_…", length=32)


def test_where_nobody_says_where_to_the_command_is_named():
    (advice,) = offered(secret_in_environment, function(environment=(env("STRIPE", KEY),)))
    assert isinstance(advice, Advice)
    assert advice.summary == "buckler secrets migrate checkout STRIPE --to secretsmanager --out plan.json"


def test_it_moves_where_the_user_says():
    fix = planned(secret_in_environment, function(environment=(env("STRIPE", KEY),)), secrets_to="ssm")
    (edit,) = fix.edits
    assert isinstance(edit, MoveEdit)
    assert (fix.proof.verdict, edit.variable, edit.name) == ("proved", "STRIPE", "/checkout/STRIPE")


def test_a_boundary_that_would_deny_it_makes_it_advice():
    from buckler.model.iam import Attached

    bound = Attached(arn="arn:aws:iam::123456789012:policy/b", document=policy(allow("s3:*")))
    fix = planned(
        secret_in_environment, function(environment=(env("STRIPE", KEY),)), role(boundary=bound, trust=LAMBDA_TRUST), secrets_to="ssm"
    )
    assert fix.proof.verdict == "advice"
    assert "would still not be allowed ssm:GetParameter" in fix.proof.why
    assert "STRIPE" not in json.dumps(fix.lost)
