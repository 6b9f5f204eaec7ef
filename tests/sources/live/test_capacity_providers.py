"""Capacity providers that cannot be listed leave questions open."""

from datetime import date

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan

from buckler.checks import run
from buckler.checks.security_group_open_egress import security_group_open_egress
from buckler.checks.single_availability_zone import single_availability_zone
from buckler.reach.analysis import Analysis

CHECKS = [security_group_open_egress, single_availability_zone]


def ask(endpoint):
    answers = run(CHECKS, Analysis(scan(endpoint).estate, today=date(2026, 11, 25)))
    return answers, [(gap.check, gap.subject.name) for gap in answers.gaps]


def test_functions_on_a_capacity_provider_are_asked_about_its_network(endpoint):
    answers, gaps = ask(endpoint)
    assert gaps == []
    (open_group,) = (finding for finding in answers.findings if finding.check == "security-group-open-egress")
    assert {evidence.origin.arn.rpartition(":")[2] for evidence in open_group.evidence[1:]} == {"internal", "steady"}


@pytest.mark.parametrize("kind", ["denied", "throttled", "error", "cut", "dropped", "unsupported"])
def test_a_list_that_cannot_be_read_leaves_their_questions_open(endpoint, kind):
    with Proxy(endpoint, faults=[Fault("lambda:ListCapacityProviders", kind=kind)]) as proxy:
        answers, gaps = ask(proxy.endpoint)
    assert gaps == [("security-group-open-egress", "steady"), ("single-availability-zone", "steady")]
    assert "security-group-open-egress" in {finding.check for finding in answers.findings}, "`internal` has the group all the same"
