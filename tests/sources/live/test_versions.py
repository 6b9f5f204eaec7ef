"""Policies of published versions: all of ordinary functions, and of the others as many as the allowance lasts for."""

from datetime import date

import pytest
from tests import aws
from tests.sources.live import workshop
from tests.sources.live.conftest import scan

from buckler.checks import run
from buckler.checks.policy_confused_deputy import policy_confused_deputy
from buckler.checks.policy_open_to_account import policy_open_to_account
from buckler.checks.policy_open_to_anyone import policy_open_to_anyone
from buckler.checks.qualifier_exposed import qualifier_exposed
from buckler.model.policy import Policy
from buckler.model.unknown import UnknownKind
from buckler.reach.analysis import Analysis
from buckler.sources.live import LiveOptions, access
from buckler.sources.live.access import ALLOWANCE, ORDINARY, affordable

STRANGER = "210987654321"


@pytest.mark.parametrize(
    ("counts", "newest"),
    [
        pytest.param([], ORDINARY, id="no-functions"),
        pytest.param([0, 3, ORDINARY], ORDINARY, id="ordinary-functions"),
        pytest.param([1, 2, 400], 400, id="one-with-very-many"),
        pytest.param([ALLOWANCE], ALLOWANCE, id="exactly-the-allowance"),
        pytest.param([ALLOWANCE + 1], ALLOWANCE, id="one-more-than-the-allowance"),
        pytest.param([0, 100, 1000, 1000], 700, id="what-the-small-leave-over-is-for-the-large"),
        pytest.param([40] * 300, ORDINARY, id="never-fewer-than-what-is-ordinary"),
    ],
)
def test_how_many_versions_are_asked_for_their_policies(counts, newest):
    assert affordable(counts) == newest
    assert affordable(reversed(counts)) == newest, "the order does not matter"


@pytest.fixture(scope="module")
def old():
    """One function of 40 versions, the fourth of which lets another account in, with an alias that points to the second."""
    server = aws.fresh()
    role = aws.client("iam", server.endpoint).create_role(RoleName="run", AssumeRolePolicyDocument=workshop.TRUST)["Role"]["Arn"]
    lam = aws.client("lambda", server.endpoint)
    lam.create_function(FunctionName="f", Runtime="python3.12", Handler="a.b", Role=role, Code={"ZipFile": aws.zipped()}, Publish=True)
    for number in range(2, 41):
        lam.update_function_configuration(FunctionName="f", Description=f"change {number}")
        lam.publish_version(FunctionName="f")
    lam.create_alias(FunctionName="f", Name="live", FunctionVersion="2")
    lam.add_permission(FunctionName="f", Qualifier="4", StatementId="x", Action="lambda:InvokeFunction", Principal=STRANGER)
    return server.endpoint


def test_a_policy_left_on_an_old_version_is_found(old):
    (function,) = scan(old).estate.functions
    assert [entry.qualifier for entry in function.policies if entry.policy is not None] == ["4"]
    assert STRANGER in function.policy_of("4").statements[0].principals[0].value


def test_what_the_allowance_does_not_reach_is_not_asked(old, monkeypatch):
    monkeypatch.setattr(access, "ALLOWANCE", 30)
    (function,) = scan(old).estate.functions
    *read, rest = function.policies
    # The newest, and the one that an alias points to.
    assert [entry.qualifier for entry in read] == ["$LATEST", "live", *(str(number) for number in range(40, 10, -1)), "2"]
    assert (rest.policy.kind, rest.policy.need) == (UnknownKind.NOT_ASKED, "--deep")
    assert function.policy_of("4") is rest.policy
    (deep,) = scan(old, LiveOptions(deep=True)).estate.functions
    assert isinstance(deep.policy_of("4"), Policy)
    assert [entry.qualifier for entry in deep.policies if entry.policy is not None] == ["4"]


def test_no_question_about_policies_passes_over_versions_that_were_not_asked(old, monkeypatch):
    checks = [policy_confused_deputy, policy_open_to_account, policy_open_to_anyone, qualifier_exposed]
    whole = run(checks, Analysis(scan(old).estate, today=date(2026, 11, 25)))
    assert [finding.check for finding in whole.findings] == ["policy-open-to-account"]
    assert whole.not_asked == ()
    monkeypatch.setattr(access, "ALLOWANCE", 30)
    part = run(checks, Analysis(scan(old).estate, today=date(2026, 11, 25)))
    assert part.findings == ()
    assert {(one.check, one.need) for one in part.not_asked} == {(check.id, "--deep") for check in checks}
