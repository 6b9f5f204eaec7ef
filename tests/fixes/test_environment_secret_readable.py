import pytest
from tests.checks.test_environment_secret_readable import OWN, READ, ROOT, pay
from tests.estates import allow
from tests.fixes.remedies import offered, planned
from tests.reach.attack import can

from buckler.checks.environment_secret_readable import environment_secret_readable
from buckler.fixes import Advice

SUPPORT = can("support", allow(READ), trust=ROOT)


def test_all_secrets_move_where_the_user_says():
    fix = planned(environment_secret_readable, pay(), OWN, SUPPORT, secrets_to="secretsmanager")
    assert fix.proof.verdict == "proved"
    assert [edit.variable for edit in fix.edits] == ["DB_PASSWORD"]


def test_where_nobody_says_the_command_is_named():
    (advice,) = offered(environment_secret_readable, pay(), OWN, SUPPORT)
    assert isinstance(advice, Advice)
    assert advice.summary.startswith("buckler secrets migrate pay --to")


@pytest.mark.parametrize("runtime", ["java21", "provided.al2023"])
def test_other_runtimes_are_advice(runtime):
    fix = planned(environment_secret_readable, pay(runtime=runtime), OWN, SUPPORT, secrets_to="ssm")
    assert "Python and Node.js" in fix.proof.why
