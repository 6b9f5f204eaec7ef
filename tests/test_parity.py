"""One template, read as a file, live after deployment, and from snapshots of both, gives equal findings but for where they were read."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.aws import REGION, SHOP, environment, fresh
from tests.deploy import Stack

from buckler import app
from buckler.checks import all_checks
from buckler.engines.secrets import judge
from buckler.model.finding import Finding
from buckler.model.policy import Policy
from buckler.model.progress import Silent
from buckler.model.result import ScanResult
from buckler.model.severity import Persona
from buckler.model.stores import Store
from buckler.sources.live import LiveOptions, collect

TEMPLATE = Path(__file__).with_name("parity.yaml")
PARAMETERS = (("AWS::AccountId", SHOP), ("AWS::Partition", "aws"), ("AWS::Region", REGION))
OPTIONS = app.ScanOptions(persona=Persona.AUDITOR, today="2026-11-25", parameters=PARAMETERS)


# Things whose name the template gives; AWS names the others (a mapping's UUID, a signing configuration's id).
NAMED = {"function", "role", "layer-version"}


def told(findings: Iterable[Finding], checks: set[str]) -> set[tuple[str, ...]]:
    """What a finding says, without where it was read and how its source calls the subject."""
    return {
        (f.check, f.subject.kind, f.subject.name if f.subject.kind in NAMED else "", f.severity.value, f.confidence.value, f.key, f.message)
        for f in findings
        if f.check in checks
    }


@pytest.fixture(scope="module")
def as_template() -> ScanResult:
    return app.scan_targets([TEMPLATE], OPTIONS)


@pytest.fixture(scope="module")
def endpoint() -> str:
    aws = fresh()
    Stack(TEMPLATE.read_text(), aws.endpoint).deploy()
    return aws.endpoint


@pytest.fixture(scope="module")
def as_live(endpoint) -> ScanResult:
    with environment(endpoint):
        return app.scan_live(LiveOptions(regions=(REGION,), deep=True), OPTIONS)


@pytest.fixture(scope="module")
def comparable(as_template, as_live) -> set[str]:
    """Checks that both kinds of source can answer: a template knows no trails, detectors or other people's roles."""
    outside = {one.check for result in (as_template, as_live) for one in result.coverage.not_asked}
    gaps = {gap.check for result in (as_template, as_live) for gap in result.gaps}
    return {check.id for check in all_checks()} - outside - gaps


def test_most_checks_can_be_compared(comparable):
    assert len(comparable) >= 25


def test_the_template_and_the_live_account_say_the_same(as_template, as_live, comparable):
    file, live = told(as_template.findings, comparable), told(as_live.findings, comparable)
    assert file - live == set(), "only in the template"
    assert live - file == set(), "only live"
    assert len(file) >= 20


def test_the_network_of_a_capacity_provider_is_among_what_was_compared(as_template, comparable):
    about = {(f.check, f.message.partition(" ")[0]) for f in as_template.findings if f.check in comparable}
    assert ("single-availability-zone", "all") in about
    assert ("security-group-open-egress", "`steady`") in about


def test_stores_are_the_same_things_in_both(endpoint):
    """Policies, keys and whom they tell; the default bus is in every account and in no template."""
    (file,) = app.read_targets([TEMPLATE], OPTIONS).estates
    with environment(endpoint):
        live = collect(LiveOptions(regions=(REGION,), deep=True), judge=judge, progress=Silent()).estate
    readings = [{str(one.arn): about(one) for one in estate.stores if one.name != "default"} for estate in (file, live)]
    assert readings[0] == readings[1]
    assert {one.kind for one in file.stores} == {"bucket", "queue", "topic", "table", "stream", "repository"}
    assert sum(isinstance(one.policy, Policy) for one in file.stores) == 4


def about(store: Store) -> tuple[object, ...]:
    """What is told of a store, without where."""
    policy = store.policy
    if isinstance(policy, Policy):
        policy = tuple((one.effect, one.principals, one.actions, one.resources) for one in policy.statements)
    # Which key encrypts a table or a stream is not asked live.
    key = None if store.kind in {"table", "stream"} else store.kms_key
    return (store.kind, store.name, store.account, store.region, policy, key, store.blocks_public_policy, store.notifies)


def test_a_snapshot_of_the_template_says_the_same(as_template, tmp_path):
    read = app.read_targets([TEMPLATE], OPTIONS)
    app.save(read.estates, tmp_path / "t.buckler")
    again = app.scan_targets([tmp_path / "t.buckler"], OPTIONS)
    assert again.findings == as_template.findings
    assert again.gaps == as_template.gaps


def test_a_snapshot_of_the_account_says_the_same(endpoint, as_live, tmp_path):
    with environment(endpoint):
        app.snap_live(LiveOptions(regions=(REGION,), deep=True), tmp_path / "l.buckler")
    again = app.scan_targets([tmp_path / "l.buckler"], OPTIONS)
    assert again.findings == as_live.findings
    assert again.gaps == as_live.gaps
