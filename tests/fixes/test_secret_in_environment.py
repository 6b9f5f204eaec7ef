from tests.estates import env, function
from tests.fixes.remedies import offered

from buckler.checks.secret_in_environment import secret_in_environment
from buckler.fixes import Advice
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence

KEY = Redacted(kind="stripe-key", is_secret=True, confidence=Confidence.HIGH, shown="sk_live_…", length=32)


def test_the_command_that_moves_it_is_named():
    (advice,) = offered(secret_in_environment, function(environment=(env("STRIPE", KEY),)))
    assert isinstance(advice, Advice)
    assert advice.summary == "buckler secrets migrate checkout STRIPE --to secretsmanager --out plan.json"
